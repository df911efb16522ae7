import type { ShellCommand } from '../command.ts'

export const connect: ShellCommand = {
  name: 'connect',
  usage: 'host:port',
  summary: 'begin a session with another server, or a new one with the same',
  isLocal: true,
  run: (shell, args) => shell.connect(args.words[0]),
}
