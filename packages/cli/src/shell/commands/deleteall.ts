import { ZooKeeperError, type ZooKeeper } from '@meerkat/client'
import type { ShellCommand } from '../command.ts'
import { wordAt } from '../command.ts'
import { checkedPath } from '../path.ts'
import { subtree } from '../tree.ts'

const DEFAULT_BATCH = 1000
/** How many batches may be under way at once. */
const BATCHES_IN_FLIGHT = 10

export const deleteall: ShellCommand = {
  name: 'deleteall',
  usage: 'path [-b batch size]',
  summary: 'delete a znode and everything below it',
  options: { b: { text: 'batch size', takesValue: true } },
  words: 1,
  async run(shell, args) {
    const batch = args.integer('b', DEFAULT_BATCH)
    // Leaves first: what is deeper comes later in the list.
    const paths = (await subtree(shell.client, checkedPath(wordAt(args, 0)))).reverse()
    if (batch <= 0) {
      for (const path of paths) await shell.client.delete(path)
    } else if (!(await deleteInBatches(shell.client, paths, batch))) {
      shell.err('Failed to delete some node(s) in the subtree!')
    }
  },
}

/** Stops at the first batches that fail; whether none did. */
async function deleteInBatches(client: ZooKeeper, paths: readonly string[], size: number): Promise<boolean> {
  let isGood = true
  let next = 0
  const worker = async (): Promise<void> => {
    while (isGood && next < paths.length) {
      const batch = paths.slice(next, next + size)
      next += size
      try {
        await client.multi(batch.map((path) => ({ op: 'delete', path })))
      } catch (error) {
        if (!(error instanceof ZooKeeperError)) throw error
        isGood = false
      }
    }
  }
  await Promise.all(Array.from({ length: BATCHES_IN_FLIGHT }, worker))
  return isGood
}
