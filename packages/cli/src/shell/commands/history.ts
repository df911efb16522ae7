import type { ShellCommand } from '../command.ts'

/** How many commands before the last one are shown. */
const SHOWN = 10

export const history: ShellCommand = {
  name: 'history',
  usage: '',
  summary: 'print the last commands and their numbers',
  isLocal: true,
  run(shell) {
    for (let i = Math.max(0, shell.commandCount - SHOWN); i <= shell.commandCount; i++) {
      shell.out(`${i} - ${shell.history.get(i)}`)
    }
  },
}
