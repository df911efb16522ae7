/**
 * The framing of the files in version-2/ (server.persistence.FileTxnLog, FileSnap).
 *
 *   log:      FileHeader "ZKLG" 2 0, then records {long adler32 | int length | bytes | 'B'}, then zeros (preallocated)
 *   snapshot: FileHeader "ZKSN" 2 -1, sessions, ACLs, znodes, "/" and seals {long adler32 | "/"}
 */
import type { Bytes } from './bytes.ts'
import { adler32 } from './checksums.ts'
import type { Zxid } from './identifiers.ts'
import { toHex } from './identifiers.ts'
import type { Output } from './jute.ts'

export const LOG_MAGIC = 0x5a4b4c47
export const SNAPSHOT_MAGIC = 0x5a4b534e
export const FILE_VERSION = 2
export const FILE_HEADER_SIZE = 16
export const LOG_DBID = 0
export const SNAPSHOT_DBID = -1

/** 'B', after each record of a log. */
export const END_OF_RECORD = 0x42
/** Checksum (8) and length (4) before a record's bytes. */
export const RECORD_PREFIX = 12
/** The mark at the end of the znodes of a snapshot, and after each seal. */
export const SNAPSHOT_END = '/'

export function writeFileHeader(output: Output, magic: number): void {
  output.int(magic)
  output.int(FILE_VERSION)
  output.number(magic === LOG_MAGIC ? LOG_DBID : SNAPSHOT_DBID)
}

/** Begins a log record; the transaction's bytes follow, then `endLogRecord`. */
export function beginLogRecord(output: Output): number {
  return output.reserve(RECORD_PREFIX)
}

/** Fills in the checksum (over the transaction's bytes only) and the length, and marks the end. */
export function endLogRecord(output: Output, record: number): void {
  const start = record + RECORD_PREFIX
  const end = output.length
  output.view.setUint32(record, 0)
  output.view.setUint32(record + 4, adler32(output.bytes, start, end))
  output.view.setInt32(record + 8, end - start)
  output.byte(END_OF_RECORD)
}

export type LogRecord =
  | { readonly kind: 'record'; readonly start: number; readonly end: number; readonly next: number }
  /** The log ends here: zeros follow, or nothing. */
  | { readonly kind: 'end' }
  /** The bytes stop within a record: more are needed, or it was torn by a crash. */
  | { readonly kind: 'torn' }
  | { readonly kind: 'corrupt'; readonly reason: string }

const END: LogRecord = { kind: 'end' }
const TORN: LogRecord = { kind: 'torn' }

/** The record of a log at `offset`. `maxLength` bounds a record's length in bytes. */
export function readLogRecord(bytes: Bytes, offset: number, maxLength: number): LogRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length - offset < RECORD_PREFIX) return bytes.length === offset ? END : TORN
  const length = view.getInt32(offset + 8)
  if (length === 0) return END
  if (length < 0 || length > maxLength) return { kind: 'corrupt', reason: `impossible record length ${length}` }
  const start = offset + RECORD_PREFIX
  const end = start + length
  if (end >= bytes.length) return TORN
  if (bytes[end] !== END_OF_RECORD) return TORN
  if (view.getUint32(offset + 4) !== adler32(bytes, start, end) || view.getUint32(offset) !== 0) {
    return { kind: 'corrupt', reason: 'checksum mismatch' }
  }
  return { kind: 'record', start, end, next: end + 1 }
}

export function logName(first: Zxid): string {
  return `log.${toHex(first)}`
}

export type SnapshotCompression = '' | 'gz' | 'snappy'

export function snapshotName(last: Zxid, compression: SnapshotCompression = ''): string {
  return `snapshot.${toHex(last)}${compression === '' ? '' : `.${compression}`}`
}

const LOG_NAME = /^log\.([0-9a-f]{1,16})$/
const SNAPSHOT_NAME = /^snapshot\.([0-9a-f]{1,16})(?:\.(gz|snappy))?$/

/** The zxid in the name of a log file, or undefined if it is not one. */
export function parseLogName(name: string): Zxid | undefined {
  const match = LOG_NAME.exec(name)
  return match?.[1] === undefined ? undefined : (Number.parseInt(match[1], 16) as Zxid)
}

export function parseSnapshotName(name: string): { zxid: Zxid; compression: SnapshotCompression } | undefined {
  const match = SNAPSHOT_NAME.exec(name)
  if (match?.[1] === undefined) return undefined
  return { zxid: Number.parseInt(match[1], 16) as Zxid, compression: (match[2] ?? '') as SnapshotCompression }
}
