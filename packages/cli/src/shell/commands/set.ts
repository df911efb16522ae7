import { bytesOf } from '@meerkat/protocol'
import type { ShellCommand } from '../command.ts'
import { wordAt } from '../command.ts'
import { statLines } from '../format.ts'
import { checkedPath } from '../path.ts'

export const set: ShellCommand = {
  name: 'set',
  usage: 'path data [-s] [-v version] [-b]',
  summary: 'change the data of a znode, with -v only if it has this version',
  options: {
    s: { text: 'Print znode stats additionally' },
    v: { text: 'Set with an expected version', takesValue: true },
    b: { text: 'Supply data in base64 format' },
  },
  explainsOptions: true,
  words: 2,
  async run(shell, args) {
    const data = bytesOf(wordAt(args, 1), args.has('b') ? 'base64' : 'utf8')
    const stat = await shell.client.setData(checkedPath(wordAt(args, 0)), data, args.integer('v', -1))
    if (args.has('s')) shell.out(statLines(stat))
  },
}
