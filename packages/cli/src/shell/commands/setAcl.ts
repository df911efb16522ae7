import { ZooKeeperError } from '@meerkat/client'
import { parseAcl } from '../acl.ts'
import type { ShellCommand } from '../command.ts'
import { wordAt } from '../command.ts'
import { keeperErrorCode } from '../errors.ts'
import { statLines } from '../format.ts'
import { checkedPath } from '../path.ts'
import { visit } from '../tree.ts'

export const setAcl: ShellCommand = {
  name: 'setAcl',
  usage: '[-s] [-v version] [-R] path acl',
  summary: 'change who may do what with a znode, or with -R with everything below it too',
  options: { s: { text: 'stats' }, v: { text: 'version', takesValue: true }, R: { text: 'recursive' } },
  words: 2,
  async run(shell, args) {
    const { client } = shell
    const path = checkedPath(wordAt(args, 0))
    const acl = parseAcl(wordAt(args, 1), (problem) => shell.err(problem))
    const version = args.integer('v', -1)
    if (!args.has('R')) {
      const stat = await client.setACL(path, acl, version)
      if (args.has('s')) shell.out(statLines(stat))
      return
    }
    await visit(client, path, {}, async (visited) => {
      try {
        await client.setACL(visited, acl, version)
      } catch (error) {
        if (!(error instanceof ZooKeeperError)) throw error
        shell.out(keeperErrorCode(error))
      }
    })
  },
}
