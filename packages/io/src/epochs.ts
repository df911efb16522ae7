/**
 * The epochs that a member of an ensemble has accepted and has followed (server.quorum.QuorumPeer): decimal digits in
 * `acceptedEpoch` and `currentEpoch`.
 */
import { bytesOf } from '@meerkat/protocol'
import { join } from 'node:path'
import type { Disk } from './disk.ts'
import { RecoveryError } from './recoveryError.ts'

export type EpochFile = 'acceptedEpoch' | 'currentEpoch'

/** Undefined if there is no such file. Throws RecoveryError if it holds no epoch. `directory` is `<dataDir>/version-2`. */
export async function readEpoch(disk: Disk, directory: string, name: EpochFile): Promise<number | undefined> {
  const file = join(directory, name)
  const text = (await disk.read(file))?.toString('latin1').trim()
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new RecoveryError({
    file,
    offset: 0,
    problem: `'${text.slice(0, 40)}' is not an epoch`,
    remedy: 'Move the directory away and let the server fetch the data from the others.',
  })
}

/** Durable when it returns; a crash leaves the old epoch or the new one. */
export async function writeEpoch(disk: Disk, directory: string, name: EpochFile, epoch: number): Promise<void> {
  const file = join(directory, name)
  // The name that Apache's server gives it, and looks for after a crash.
  const temporary = `${file}.tmp`
  const handle = await disk.open(temporary, 'create')
  try {
    await handle.write(bytesOf(String(epoch)), 0)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await disk.rename(temporary, file)
  await disk.syncDirectory(directory)
}
