import type { ShellCommand } from '../command.ts'

export const close: ShellCommand = {
  name: 'close',
  usage: '',
  summary: 'end the session; connect begins a new one',
  run: (shell) => shell.client.close(),
}
