import type { ShellCommand } from '../command.ts'
import { misused, wordAt } from '../command.ts'
import { checkedPath } from '../path.ts'

const MODES = { PERSISTENT: 'persistent', PERSISTENT_RECURSIVE: 'persistentRecursive' } as const

export const addWatch: ShellCommand = {
  name: 'addWatch',
  usage:
    '[-m mode] path # optional mode is one of [PERSISTENT, PERSISTENT_RECURSIVE] - default is PERSISTENT_RECURSIVE',
  summary: 'watch a znode, or the tree below it, until the watch is removed',
  options: { m: { text: '', takesValue: true } },
  words: 1,
  async run(shell, args) {
    const mode = (args.value('m') ?? 'PERSISTENT_RECURSIVE').toUpperCase()
    if (args.words.length !== 1 || !isMode(mode)) throw misused(addWatch)
    await shell.client.addWatch(checkedPath(wordAt(args, 0)), shell.watcher, MODES[mode])
  },
}

function isMode(mode: string): mode is keyof typeof MODES {
  return Object.hasOwn(MODES, mode)
}
