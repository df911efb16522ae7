import { ZooKeeperError } from '@meerkat/client'
import { ErrorCode } from '@meerkat/protocol'
import type { ShellCommand } from '../command.ts'
import { wantsWatch, wordAt } from '../command.ts'
import { statLines } from '../format.ts'
import { checkedPath } from '../path.ts'

export const stat: ShellCommand = {
  name: 'stat',
  usage: '[-w] path',
  summary: 'print what is known of a znode besides its data',
  options: { w: { text: 'watch' } },
  words: 1,
  async run(shell, args) {
    const watch = wantsWatch(shell, args, 'stat path [watch]', 'stat [-w] path')
    const path = checkedPath(wordAt(args, 0))
    const found = await shell.client.exists(path, watch ? { watch: shell.watcher } : {})
    if (found === null) throw new ZooKeeperError(ErrorCode.NONODE, path)
    shell.out(statLines(found))
  },
}
