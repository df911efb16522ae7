import type { ShellCommand } from '../command.ts'
import { wordAt } from '../command.ts'
import { checkedPath } from '../path.ts'

export const getAllChildrenNumber: ShellCommand = {
  name: 'getAllChildrenNumber',
  usage: 'path',
  summary: 'count the znodes below a znode',
  words: 1,
  async run(shell, args) {
    shell.out(String(await shell.client.getAllChildrenNumber(checkedPath(wordAt(args, 0)))))
  },
}
