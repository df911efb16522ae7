import type { ShellCommand } from '../command.ts'

export const quit: ShellCommand = {
  name: 'quit',
  usage: '',
  summary: 'end the session and the shell',
  isLocal: true,
  run: (shell) => shell.quit(),
}
