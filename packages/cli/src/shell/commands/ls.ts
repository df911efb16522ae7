import type { ShellCommand } from '../command.ts'
import { misused, optionLines, wantsWatch, wordAt } from '../command.ts'
import { statLines } from '../format.ts'
import { checkedPath } from '../path.ts'
import { visit } from '../tree.ts'

const options = {
  '?': { text: 'help' },
  s: { text: 'stat' },
  w: { text: 'watch' },
  R: { text: 'recurse' },
}

export const ls: ShellCommand = {
  name: 'ls',
  usage: '[-s] [-w] [-R] path',
  summary: 'list the children of a znode, or with -R everything below it',
  options,
  async run(shell, args) {
    if (args.has('?')) shell.out(`usage: ls [options] path\n${optionLines(options)}`)
    if (args.words.length < 1) throw misused(ls)
    const isWatched = wantsWatch(shell, args, 'ls path [watch]', 'ls [-w] path')
    const watch = isWatched ? { watch: shell.watcher } : {}
    const path = checkedPath(wordAt(args, 0))
    if (args.has('R')) return visit(shell.client, path, watch, (visited) => shell.out(visited))
    const { children, stat } = await shell.client.getChildren2(path, watch)
    shell.out(`[${[...children].sort().join(', ')}]`)
    if (args.has('s')) shell.out(statLines(stat))
  },
}
