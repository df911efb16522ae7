import { type Check, faultsOf, runTool } from './check.ts'

/** Code, exports and dependencies that nothing uses, and dependencies that nobody declared, by knip.json. */
export const unused: Check = {
  name: 'unused code',
  find: async (root) => {
    const result = await runTool(root, 'knip', ['--reporter=json', '--no-progress'])
    const report = result.lines.find((line) => line.startsWith('{'))
    return report === undefined ? faultsOf('knip', result) : describeReport(report)
  },
}

/** Knip's kinds of issues, and what to say of each. An issue of a kind that is not named here is told by its kind. */
const SAYINGS: Record<string, string> = {
  files: 'no entry point reaches this file',
  exports: 'nothing outside this file uses the export',
  types: 'nothing outside this file uses the exported type',
  dependencies: 'nothing uses the dependency',
  devDependencies: 'nothing uses the development dependency',
  unlisted: 'imported, but not a dependency in package.json:',
  unresolved: 'cannot be found:',
}

type Issue = { name: string; line?: number }

export function describeReport(json: string): string[] {
  const { issues } = JSON.parse(json) as { issues: Record<string, string | Issue[]>[] }
  return issues.flatMap((issue) => {
    const file = typeof issue['file'] === 'string' ? issue['file'] : ''
    return Object.entries(issue).flatMap(([kind, found]) =>
      typeof found === 'string' ? [] : found.flat().map((one) => describeIssue(file, kind, one)),
    )
  })
}

function describeIssue(file: string, kind: string, { name, line }: Issue): string {
  const place = line === undefined ? file : `${file}:${line}`
  return `${place}: ${SAYINGS[kind] ?? `knip names it under ${kind}:`}${kind === 'files' ? '' : ` ${name}`}`
}
