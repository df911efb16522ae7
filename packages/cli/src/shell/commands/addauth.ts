import type { ShellCommand } from '../command.ts'
import { wordAt } from '../command.ts'

export const addauth: ShellCommand = {
  name: 'addauth',
  usage: 'scheme auth',
  summary: 'authenticate this session, for example: addauth digest user:password',
  words: 1,
  async run(shell, args) {
    // A failure ends the session, which the watcher prints.
    await shell.client.addAuth(wordAt(args, 0), wordAt(args, 1)).catch(() => {})
  },
}
