import type { ShellCommand } from '../command.ts'
import { wordAt } from '../command.ts'
import { aclLines, statLines } from '../format.ts'
import { checkedPath } from '../path.ts'

export const getAcl: ShellCommand = {
  name: 'getAcl',
  usage: '[-s] path',
  summary: 'print who may do what with a znode',
  options: { s: { text: 'stats' } },
  words: 1,
  async run(shell, args) {
    const { acl, stat } = await shell.client.getACL(checkedPath(wordAt(args, 0)))
    for (const entry of acl) shell.out(aclLines(entry))
    if (args.has('s')) shell.out(statLines(stat))
  },
}
