import type { ShellCommand } from '../command.ts'
import { misused, wordAt } from '../command.ts'
import { ShellError } from '../errors.ts'
import { wordsOf } from '../words.ts'

export const redo: ShellCommand = {
  name: 'redo',
  usage: 'cmdno',
  summary: 'run a command of the history again',
  isLocal: true,
  words: 1,
  run(shell, args) {
    const number = Number(wordAt(args, 0))
    if (!Number.isInteger(number)) throw misused(redo)
    const line = number < shell.commandCount ? shell.history.get(number) : undefined
    if (line === undefined) throw new ShellError('Command index out of range')
    if (wordsOf(line)[0] === 'redo') throw new ShellError('No redoing redos')
    return shell.redo(line)
  },
}
