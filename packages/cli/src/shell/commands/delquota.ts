import { isError, type ZooKeeper } from '@meerkat/client'
import { parentOf, ReservedPath } from '@meerkat/protocol'
import { refuseSecond } from '../arguments.ts'
import type { ShellCommand } from '../command.ts'
import { wordAt } from '../command.ts'
import { checkedPath } from '../path.ts'
import { limitsPath, parseQuota, QUOTA_OPTIONS, quotaPath, quotaText } from '../quota.ts'

export const delquota: ShellCommand = {
  name: 'delquota',
  usage: '[-n|-b|-N|-B] path',
  summary: 'remove the quota of a znode, or one of its limits',
  options: Object.fromEntries(QUOTA_OPTIONS.map(([option, , text]) => [option, { text }])),
  words: 1,
  async run(shell, args) {
    const [first, second] = args.given
    if (first !== undefined && second !== undefined) refuseSecond(first, second)
    const path = wordAt(args, 0)
    const limits = checkedPath(limitsPath(path))
    try {
      if ((await shell.client.exists(limits)) === null) return shell.out(`Quota does not exist for ${path}`)
      const key = QUOTA_OPTIONS.find(([option]) => option === first)?.[1]
      if (key === undefined) return await removeQuota(shell.client, quotaPath(path))
      const { data } = await shell.client.getData(limits)
      await shell.client.setData(limits, quotaText({ ...parseQuota(data), [key]: -1 }))
    } catch (error) {
      if (!isError(error, 'NONODE')) throw error
      shell.err(`quota for ${path} does not exist.`)
    }
  },
}

/** Removes the limits and counts, and the znodes above them that nothing needs any more. */
async function removeQuota(client: ZooKeeper, path: string): Promise<void> {
  for (const child of await client.getChildren(path)) await client.delete(`${path}/${child}`)
  for (let at: string | undefined = path; at !== undefined && at !== ReservedPath.quota; at = parentOf(at)) {
    if ((await client.getChildren(at)).length > 0) return
    await client.delete(at)
  }
}
