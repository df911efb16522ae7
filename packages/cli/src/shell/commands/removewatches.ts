import type { WatchType } from '@meerkat/client'
import type { ShellCommand } from '../command.ts'
import { wordAt } from '../command.ts'
import { checkedPath } from '../path.ts'

/** In the order in which the options count. */
const TYPES: readonly (readonly [string, WatchType])[] = [
  ['c', 'children'],
  ['d', 'data'],
  ['p', 'persistent'],
  ['r', 'persistentRecursive'],
]

export const removewatches: ShellCommand = {
  name: 'removewatches',
  usage: 'path [-c|-d|-a] [-l]',
  summary: 'remove the watches of this session on a znode: of children, of data, or any',
  options: {
    c: { text: 'child watcher type' },
    d: { text: 'data watcher type' },
    p: { text: 'persistent watcher type' },
    r: { text: 'persistent recursive watcher type' },
    a: { text: 'any watcher type' },
    l: { text: 'remove locally when there is no server connection' },
  },
  words: 1,
  async run(shell, args) {
    const type = TYPES.find(([option]) => args.has(option))?.[1] ?? 'any'
    await shell.client.removeWatches(checkedPath(wordAt(args, 0)), type, { local: args.has('l') })
  },
}
