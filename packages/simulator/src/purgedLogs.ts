/** Logs that the server purged: it needs them no more, but the judge does, who reads everything from the first transaction on. */
import { parseLogName } from '@meerkat/protocol'
import { basename } from 'node:path'
import type { FaultyDisk } from './world/faultyDisk.ts'

/** To be called when all is over. What was removed at the end of the log held no transaction, and stays away. */
export function putBackPurgedLogs(disk: FaultyDisk): void {
  const newest = Math.max(...disk.paths().map((path) => zxidOf(path) ?? 0))
  for (const [path, inode] of disk.removedFiles()) {
    const zxid = zxidOf(path)
    if (zxid !== undefined && zxid < newest && disk.find(path) === undefined) disk.putBack(path, inode)
  }
}

function zxidOf(path: string): number | undefined {
  return parseLogName(basename(path))
}
