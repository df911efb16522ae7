/**
 * What becomes of bytes in a log that are not records.
 *
 * Where the records of a file end, the bytes that follow tell why:
 *
 *   - nothing, or zeros to the end of the file: the file ends here.
 *   - something that is not a whole record, in the last file: a crash interrupted the last append. That is so if no whole
 *     record follows, or if the damage is sectors that never reached the disk (they read as zeros), and if all of it fits
 *     in one append. It was never acknowledged and may be cut.
 *   - anything else is damage to records that may have been acknowledged. Reading on would lose them in silence, so it is
 *     refused.
 *   - something that is not a whole record, in a file that others follow: Apache's server leaves an interrupted append in
 *     place and begins another file. That is so if the next file goes on with the very next zxid; else records are missing
 *     and it is refused.
 */
import type { Bytes, Zxid } from '@meerkat/protocol'
import { allocate, readLogRecord, RECORD_PREFIX, toHex, zeros } from '@meerkat/protocol'
import type { DiskFile } from './disk.ts'
import { readRange } from './disk.ts'
import { RecoveryError } from './recoveryError.ts'

/** An interrupted append at the end of the last file. */
export interface TornTail {
  readonly file: string
  /** Where the whole records end. 0 if not even the header is whole. */
  readonly offset: number
  /** How many bytes of the interrupted append there are. */
  readonly bytes: number
}

/** What follows the whole records of a file: `[end, size)`. */
export interface Rest {
  readonly path: string
  readonly end: number
  readonly size: number
}

/**
 * Groups given to `TransactionLog.append` should not be longer, so that an interrupted append can be told from damage: what
 * follows a damaged record at a greater distance was written later.
 */
export const MAX_APPEND_BYTES = 4 * 1024 * 1024
const CHUNK = 1024 * 1024
const SECTOR = 512
const ZEROS = zeros(CHUNK)
/** No record of a transaction is shorter. */
export const TXN_HEADER_SIZE = 32
/** The checksum has 32 bits in a field of 64. */
const CHECKSUM_ZEROS = 4
/** Of the zxid in a transaction's header. */
const ZXID_OFFSET = 12

/** What to do about damage to records that may have been acknowledged. */
export function restoreLog({ path, end }: Rest): string {
  return (
    'Acknowledged writes may be lost. In an ensemble, move this directory away and let the server fetch the data from ' +
    `the others; alone, restore a backup, or go on without what follows: truncate -s ${end} ${path}, and remove later logs.`
  )
}

/** The interrupted append at the end of the last file, if there is one. Throws RecoveryError if it is more than that. */
export async function interruptedAppend(file: DiskFile, { path, end, size }: Rest): Promise<TornTail | undefined> {
  const damaged = (problem: string): RecoveryError =>
    new RecoveryError({ file: path, offset: end, problem, remedy: restoreLog({ path, end, size }) })
  const limit = MAX_APPEND_BYTES + (await claimedLength(file, end, size))
  const bytes = (await lastNonZero(file, end, Math.min(size, end + limit + CHUNK))) + 1 - end
  if (bytes <= 0) return undefined
  if (bytes > limit) throw damaged('the record is damaged, and more follows than one interrupted append can have left')
  const rest = await readRange(file, end, bytes)
  const next = findRecord(rest)
  if (next !== undefined && !hasMissingSector(rest, end)) {
    throw damaged(`the record is damaged, and whole ones follow (0x${toHex(next.zxid)} at byte ${end + next.at})`)
  }
  return { file: path, offset: end, bytes }
}

/** How long the record at `end` says that it is, if the file has room for it. */
async function claimedLength(file: DiskFile, end: number, size: number): Promise<number> {
  const prefix = await readRange(file, end, RECORD_PREFIX)
  if (prefix.length < RECORD_PREFIX) return 0
  const length = new DataView(prefix.buffer, prefix.byteOffset).getInt32(8)
  return length > 0 && end + length <= size ? length : 0
}

/** The zxid of the transaction that begins at `txn`. */
export function readZxid(bytes: Bytes, txn: number): Zxid {
  const at = bytes.byteOffset + txn + ZXID_OFFSET
  const view = new DataView(bytes.buffer, at, 8)
  return (view.getInt32(0) * 0x1_0000_0000 + view.getUint32(4)) as Zxid
}

/** The offset of the last byte of `[start, end)` that is not zero, or -1. */
export async function lastNonZero(file: DiskFile, start: number, end: number): Promise<number> {
  const buffer = allocate(CHUNK)
  let last = -1
  for (let at = start; at < end; at += CHUNK) {
    const bytes = buffer.subarray(0, await file.read(buffer.subarray(0, Math.min(CHUNK, end - at)), at))
    if (bytes.equals(ZEROS.subarray(0, bytes.length))) continue
    let index = bytes.length - 1
    while (bytes[index] === 0) index--
    last = at + index
  }
  return last
}

/** The first whole record in `bytes`, other than at its start. */
function findRecord(bytes: Bytes): { at: number; zxid: Zxid } | undefined {
  for (let at = 1; at + RECORD_PREFIX + TXN_HEADER_SIZE < bytes.length; at++) {
    // The upper half of a checksum is zero, and so is the first byte of a length below 16 MiB.
    if (bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 2] !== 0 || bytes[at + 3] !== 0 || bytes[at + 8] !== 0)
      continue
    const record = readLogRecord(bytes, at, bytes.length)
    if (record.kind === 'record' && record.end - record.start >= TXN_HEADER_SIZE) {
      return { at, zxid: readZxid(bytes, record.start) }
    }
  }
  return undefined
}

/** Whether a sector of the record at the start of `bytes` (`offset` in the file) reads as zeros: it was never written. */
function hasMissingSector(bytes: Bytes, offset: number): boolean {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(8)
  const end = Math.min(bytes.length, length > 0 ? RECORD_PREFIX + length + 1 : RECORD_PREFIX)
  for (let at = 0; at < end;) {
    const next = at + SECTOR - ((offset + at) % SECTOR)
    const sector = bytes.subarray(at, Math.min(next, bytes.length))
    // A record that is whole begins with zeros too, but only with so many.
    if (sector.length > CHECKSUM_ZEROS && sector.equals(ZEROS.subarray(0, sector.length))) return true
    at = next
  }
  return false
}
