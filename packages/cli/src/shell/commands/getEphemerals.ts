import type { ShellCommand } from '../command.ts'
import { checkedPath } from '../path.ts'

export const getEphemerals: ShellCommand = {
  name: 'getEphemerals',
  usage: 'path',
  summary: 'print the ephemeral znodes of this session, or those whose paths begin with `path`',
  async run(shell, args) {
    const ephemerals = await shell.client.getEphemerals(checkedPath(args.words[0] ?? '/'))
    shell.out(`[${ephemerals.join(', ')}]`)
  },
}
