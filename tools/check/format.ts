import { type Check, faultsOf, runTool } from './check.ts'

/** The form that prettier gives every file. */
export const format: Check = {
  name: 'format',
  find: async (root) => {
    const result = await runTool(root, 'prettier', ['--list-different', '--log-level=warn', '.'])
    return faultsOf('prettier', result).map((line) => `${line}: not formatted, run \`npm run format\``)
  },
}
