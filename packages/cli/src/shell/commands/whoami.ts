import type { ShellCommand } from '../command.ts'

export const whoami: ShellCommand = {
  name: 'whoami',
  usage: '',
  summary: 'print how the server knows this session',
  async run(shell) {
    const identities = await shell.client.whoAmI()
    shell.out('Auth scheme: User')
    for (const { authScheme, user } of identities) shell.out(`${authScheme}: ${user}`)
  },
}
