import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Check, readFiles, type SourceFile } from './check.ts'

const PAGE = 'docs/reference/dependencies.md'

/** Every dependency has its line on the page that says what it is for, and every line its dependency. */
export const dependencies: Check = {
  name: 'dependencies documented',
  find: (root) =>
    compareWithPage(
      readFiles(root, (path) => /^(packages\/[^/]+\/)?package\.json$/.test(path)),
      readFileSync(join(root, PAGE), 'utf8'),
    ),
}

export function compareWithPage(manifests: readonly SourceFile[], page: string): string[] {
  const used = new Map(manifests.flatMap(({ path, text }) => namesIn(text).map((name) => [name, path])))
  const documented = new Set([...page.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? ''))
  return [
    ...[...used]
      .filter(([name]) => !documented.has(name))
      .map(([name, path]) => `${path}: ${name} has no line in ${PAGE}`),
    ...[...documented].filter((name) => !used.has(name)).map((name) => `${PAGE}: no package depends on ${name}`),
  ]
}

function namesIn(manifest: string): string[] {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(manifest) as Record<
    string,
    Record<string, string> | undefined
  >
  return Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith('@meerkat/'))
}
