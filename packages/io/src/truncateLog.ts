/** Undoing the end of the log, as a leader's TRUNC asks (server.persistence.FileTxnLog.truncate). */
import type { Zxid } from '@meerkat/protocol'
import { toHex } from '@meerkat/protocol'
import { basename, join } from 'node:path'
import type { Disk } from './disk.ts'
import { truncateFile } from './disk.ts'
import { logFiles, readLog } from './logReader.ts'
import { RecoveryError } from './recoveryError.ts'

/**
 * Makes `zxid` the last transaction of the log in `directory`, durably. It must be in the log: throws RecoveryError if it is
 * not, with nothing changed. The newest files go first, so that a crash leaves a log without a gap. The tree must be
 * recovered afterwards, and a snapshot that is newer than `zxid` must go before that: it holds what is undone here.
 */
export async function truncateLog(disk: Disk, directory: string, zxid: Zxid): Promise<void> {
  const found = await findRecord(disk, directory, zxid)
  const name = basename(found.file)
  const files = await logFiles(disk, directory)
  for (const later of files.slice(files.findIndex((file) => file.name === name) + 1).reverse()) {
    await disk.remove(join(directory, later.name))
    await disk.syncDirectory(directory)
  }
  await truncateFile(disk, found.file, found.nextOffset)
}

async function findRecord(disk: Disk, directory: string, zxid: Zxid): Promise<{ file: string; nextOffset: number }> {
  let found: { file: string; nextOffset: number } | undefined
  await readLog({
    disk,
    directory,
    after: (zxid - 1) as Zxid,
    visit: (entry) => {
      if (entry.zxid === zxid) found = { file: entry.file, nextOffset: entry.nextOffset }
      return false
    },
  })
  if (found !== undefined) return found
  throw new RecoveryError({
    file: directory,
    problem: `the log has no transaction 0x${toHex(zxid)} to be cut after`,
    remedy: 'Move the directory away and let the server fetch the data from the others.',
  })
}
