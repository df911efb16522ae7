import { globSync } from 'node:fs'
import { type Check, faultsOf, runTool } from './check.ts'

/**
 * Types at their strictest: the whole tree by one configuration, and each package's sources by its own. The second is
 * what keeps Node.js out of protocol and engine, whose configurations have no types of it.
 */
export const types: Check = {
  name: 'types',
  find: async (root) => {
    const projects = ['tsconfig.json', ...globSync('packages/*/tsconfig.json', { cwd: root }).sort()]
    const faults = new Set<string>()
    for (const project of projects) {
      const result = await runTool(root, 'tsc', ['-p', project, '--pretty', 'false'])
      // A package that has no source file yet is not wrong.
      for (const fault of faultsOf('tsc', result)) if (!fault.includes('error TS18003')) faults.add(fault)
    }
    return [...faults]
  },
}
