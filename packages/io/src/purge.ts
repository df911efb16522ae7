/** Removal of what recovery no longer needs (server.PurgeTxnLog). */
import type { Zxid } from '@meerkat/protocol'
import { parseLogName, parseSnapshotName } from '@meerkat/protocol'
import { join } from 'node:path'
import type { Disk } from './disk.ts'
import { filesFrom, sortedLogs } from './logReader.ts'
import { looksValid, snapshotFiles } from './snapshotFiles.ts'

/** Fewer are never kept. */
export const MIN_SNAPSHOTS_KEPT = 3

/**
 * Which of `names` may go, oldest first, snapshots before logs: all that is older than the `keep` newest of the snapshots
 * that are `valid`, except the newest of those logs, as it may hold what follows the oldest snapshot kept.
 */
export function filesToPurge(
  names: readonly string[],
  { keep, valid }: { readonly keep: number; readonly valid: ReadonlySet<string> },
): string[] {
  const snapshots = names.flatMap((name) => {
    const zxid = parseSnapshotName(name)?.zxid
    return zxid === undefined ? [] : [{ name, zxid }]
  })
  const kept = snapshots
    .filter(({ name }) => valid.has(name))
    .map(({ zxid }) => zxid)
    .sort((a, b) => b - a)
    .slice(0, Math.max(keep, MIN_SNAPSHOTS_KEPT))
  const oldest = kept.at(-1)
  if (oldest === undefined) return []
  const old = snapshots.filter(({ zxid }) => zxid < oldest).sort((a, b) => a.zxid - b.zxid)
  return [...old.map(({ name }) => name), ...logsBefore(names, oldest)]
}

function logsBefore(names: readonly string[], zxid: Zxid): string[] {
  const logs = sortedLogs(names)
  const needed = filesFrom(logs, zxid)
  return logs.slice(0, logs.length - needed.length).map(({ name }) => name)
}

export interface PurgeOptions {
  readonly disk: Disk
  readonly dataDirectory: string
  readonly logDirectory: string
  /** autopurge.snapRetainCount. */
  readonly keep: number
}

/** Removes what may go and returns the paths of it. */
export async function purge({ disk, dataDirectory, logDirectory, keep }: PurgeOptions): Promise<string[]> {
  const valid = new Set<string>()
  for (const { name } of await snapshotFiles(disk, dataDirectory)) {
    if (await looksValid(disk, join(dataDirectory, name))) valid.add(name)
  }
  const names = new Set([...(await disk.list(dataDirectory)), ...(await disk.list(logDirectory))])
  const removed: string[] = []
  for (const name of filesToPurge([...names], { keep, valid })) {
    const path = join(parseLogName(name) === undefined ? dataDirectory : logDirectory, name)
    await disk.remove(path)
    removed.push(path)
  }
  return removed
}
