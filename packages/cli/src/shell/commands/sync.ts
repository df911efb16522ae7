import { ZooKeeperError } from '@meerkat/client'
import type { ShellCommand } from '../command.ts'
import { wordAt } from '../command.ts'
import { checkedPath } from '../path.ts'

export const sync: ShellCommand = {
  name: 'sync',
  usage: 'path',
  summary: 'wait until this server has caught up with the leader',
  words: 1,
  async run(shell, args) {
    const path = checkedPath(wordAt(args, 0))
    try {
      await shell.client.sync(path)
      shell.out('Sync is OK')
    } catch (error) {
      if (!(error instanceof ZooKeeperError)) throw error
      shell.out(`Sync has failed. rc=${error.code}`)
    }
  },
}
