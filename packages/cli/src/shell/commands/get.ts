import type { ShellCommand } from '../command.ts'
import { wantsWatch, wordAt } from '../command.ts'
import { bytesOf } from '@meerkat/protocol'
import { hexDump, statLines } from '../format.ts'
import { checkedPath } from '../path.ts'

export const get: ShellCommand = {
  name: 'get',
  usage: '[-s] [-w] [-b] [-x] path',
  summary: 'print the data of a znode',
  options: {
    s: { text: 'Print znode stats additionally' },
    w: { text: 'Watch for changes on the znode' },
    b: { text: 'Output data in base64 format' },
    x: { text: 'Output data in hexdump format' },
  },
  explainsOptions: true,
  words: 1,
  async run(shell, args) {
    const watch = wantsWatch(shell, args, 'get path [watch]', 'get [-s] [-w] path')
    const { data, stat } = await shell.client.getData(
      checkedPath(wordAt(args, 0)),
      watch ? { watch: shell.watcher } : {},
    )
    const bytes = data ?? bytesOf('null')
    shell.out(args.has('x') ? hexDump(bytes) : bytes.toString(args.has('b') ? 'base64' : 'utf8'))
    if (args.has('s')) shell.out(statLines(stat))
  },
}
