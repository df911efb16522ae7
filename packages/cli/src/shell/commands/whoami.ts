import type { ShellCommand } from '../command.ts'

export const whoami: ShellCommand = {
  name: 'whoami',
  usage: '',
  summary: 'print how the server knows this session',
  async run(shell) {
    shell.out('Auth scheme: User')
    for (const { authScheme, user } of await shell.client.whoAmI()) shell.out(`${authScheme}: ${user}`)
  },
}
