import { isError } from '@meerkat/client'
import type { ShellCommand } from '../command.ts'
import { wordAt } from '../command.ts'
import { checkedPath } from '../path.ts'
import { countsPath, limitsPath, parseQuota, quotaText } from '../quota.ts'

export const listquota: ShellCommand = {
  name: 'listquota',
  usage: 'path',
  summary: 'print the quota of a znode and what is used of it',
  words: 1,
  async run(shell, args) {
    const path = wordAt(args, 0)
    shell.err(`absolute path is ${limitsPath(path)}`)
    try {
      const limits = await shell.client.getData(checkedPath(limitsPath(path)))
      const counts = await shell.client.getData(countsPath(path))
      shell.out(`Output quota for ${path} ${quotaText(parseQuota(limits.data))}`)
      shell.out(`Output stat for ${path} ${quotaText(parseQuota(counts.data))}`)
    } catch (error) {
      if (!isError(error, 'NONODE')) throw error
      shell.err(`quota for ${path} does not exist.`)
    }
  },
}
