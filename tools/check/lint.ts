import { type Check, faultsOf, runTool } from './check.ts'

/** Type-aware lint by .oxlintrc.json. A comment that switches off a rule which would not have spoken is a fault too. */
export const lint: Check = {
  name: 'lint',
  find: async (root) => {
    const result = await runTool(root, 'oxlint', [
      '--format=unix',
      '--report-unused-disable-directives',
      '--deny-warnings',
    ])
    return faultsOf('oxlint', { ...result, lines: result.lines.filter((line) => !/^\d+ problems?$/.test(line)) })
  },
}
