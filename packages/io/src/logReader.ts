/**
 * Reading the transaction log across its files (server.persistence.FileTxnLog.FileTxnIterator).
 *
 * logDamage.ts says what becomes of bytes that are not records.
 */
import type { Bytes, Zxid } from '@meerkat/protocol'
import {
  allocate,
  counterOf,
  epochOf,
  FILE_HEADER_SIZE,
  FILE_VERSION,
  LOG_MAGIC,
  parseLogName,
  readLogRecord,
  RECORD_PREFIX,
  toHex,
} from '@meerkat/protocol'
import { join } from 'node:path'
import type { Disk, DiskFile } from './disk.ts'
import { readRange } from './disk.ts'
import {
  interruptedAppend,
  lastNonZero,
  readZxid,
  restoreLog,
  TXN_HEADER_SIZE,
  type Rest,
  type TornTail,
} from './logDamage.ts'
import { RecoveryError } from './recoveryError.ts'

/** One record, as it lies in the file. The reader reuses the object and its bytes: whoever keeps them copies. */
export interface LogEntry {
  zxid: Zxid
  file: string
  /** Where the record begins in the file, and where the next one does. */
  offset: number
  nextOffset: number
  /** The transaction (`readLoggedTxn`) is `bytes[start, end)`. */
  bytes: Bytes
  start: number
  end: number
}

export interface ReadLogOptions {
  readonly disk: Disk
  /** `<dataLogDir>/version-2`. */
  readonly directory: string
  /** Records up to this zxid are passed over. */
  readonly after: Zxid
  /** Called with each record in order; false ends the reading. */
  readonly visit: (entry: LogEntry) => boolean | void
  /** Told, in a sentence, of what is odd but no reason to stop. */
  readonly onNotice?: (notice: string) => void
  /** The longest record, in bytes. Default 128 MiB. */
  readonly maxRecordBytes?: number
}

export interface LogEnd {
  /** The last zxid that was read; `after` if none was. */
  readonly lastZxid: Zxid
  readonly records: number
  readonly torn: TornTail | undefined
  /** Where the records of the newest file end; undefined if there is no file, or none with a header. */
  readonly end: { readonly file: string; readonly offset: number } | undefined
}

const DEFAULT_MAX_RECORD = 128 * 1024 * 1024
const CHUNK = 1024 * 1024

const FOREIGN = 'Move the file away if it does not belong here.'

/** Reads all records with a zxid above `after`, in order. Throws RecoveryError where records are damaged or missing. */
export async function readLog(options: ReadLogOptions): Promise<LogEnd> {
  const files = filesFrom(await logFiles(options.disk, options.directory), options.after)
  const reader = new LogReader(options)
  for (const [index, file] of files.entries()) {
    await reader.file(join(options.directory, file.name), { first: file.zxid, last: index === files.length - 1 })
    if (reader.stopped) break
  }
  return { lastZxid: reader.lastZxid, records: reader.records, torn: reader.torn, end: reader.end }
}

export interface LogFile {
  readonly name: string
  /** The zxid in the name: that of the first record. */
  readonly zxid: Zxid
}

/** The log files of a directory, oldest first. */
export async function logFiles(disk: Disk, directory: string): Promise<LogFile[]> {
  return sortedLogs(await disk.list(directory))
}

/** Those of `names` that are log files, oldest first. */
export function sortedLogs(names: readonly string[]): LogFile[] {
  const files: LogFile[] = []
  for (const name of names) {
    const zxid = parseLogName(name)
    if (zxid !== undefined) files.push({ name, zxid })
  }
  return files.sort((a, b) => a.zxid - b.zxid)
}

/** The newest file that may hold the record after `zxid`, and all later ones. */
export function filesFrom(files: readonly LogFile[], zxid: Zxid): LogFile[] {
  let first = 0
  for (const [index, file] of files.entries()) if (file.zxid <= zxid) first = index
  return files.slice(first)
}

/** Whether `next` is the zxid that a log with the last zxid `last` goes on with. */
function follows(next: Zxid, last: Zxid): boolean {
  return next === last + 1 || (epochOf(next) > epochOf(last) && counterOf(next) <= 1)
}

class LogReader {
  lastZxid: Zxid
  records = 0
  torn: TornTail | undefined
  stopped = false
  private readonly disk: Disk
  private readonly after: Zxid
  private readonly visit: (entry: LogEntry) => boolean | void
  private readonly onNotice: (notice: string) => void
  private readonly maxRecordBytes: number
  private readonly entry: LogEntry
  private buffer = allocate(CHUNK)
  /** The last zxid in the files so far, also if it was passed over. */
  private previous: Zxid | undefined
  /** Of the file before, what follows its records. */
  private rest: Rest | undefined

  constructor({ disk, after, visit, onNotice, maxRecordBytes }: ReadLogOptions) {
    this.disk = disk
    this.after = after
    this.visit = visit
    this.onNotice = onNotice ?? (() => {})
    this.maxRecordBytes = maxRecordBytes ?? DEFAULT_MAX_RECORD
    this.lastZxid = after
    this.entry = { zxid: after, file: '', offset: 0, nextOffset: 0, bytes: this.buffer, start: 0, end: 0 }
  }

  get end(): LogEnd['end'] {
    return this.rest === undefined ? undefined : { file: this.rest.path, offset: this.rest.end }
  }

  async file(path: string, { first, last }: { first: Zxid; last: boolean }): Promise<void> {
    await this.refuseUnlessContinued(first)
    this.rest = undefined
    const file = await this.disk.open(path, 'read')
    try {
      const size = await file.size()
      if (!(await this.header(file, path, { size, last }))) return
      const end = await this.readRecords(file, path, size)
      if (this.stopped) return
      this.rest = { path, end, size }
      if (last) this.torn = await interruptedAppend(file, this.rest)
    } finally {
      await file.close()
    }
  }

  /** What follows the records of the file before may be an interrupted append, if this one goes on where they end. */
  private async refuseUnlessContinued(next: Zxid): Promise<void> {
    const last = this.previous ?? this.after
    if (this.rest === undefined || follows(next, last) || !(await this.hasRest(this.rest))) return
    throw new RecoveryError({
      file: this.rest.path,
      offset: this.rest.end,
      problem: `records are damaged: the last whole one is 0x${toHex(last)}, and the next file begins with 0x${toHex(next)}`,
      remedy: restoreLog(this.rest),
    })
  }

  private async hasRest({ path, end, size }: Rest): Promise<boolean> {
    const file = await this.disk.open(path, 'read')
    try {
      return (await lastNonZero(file, end, size)) >= 0
    } finally {
      await file.close()
    }
  }

  /** Whether there is a header, and so there may be records. */
  private async header(
    file: DiskFile,
    path: string,
    { size, last }: { size: number; last: boolean },
  ): Promise<boolean> {
    const header = await readRange(file, 0, FILE_HEADER_SIZE)
    const view = new DataView(header.buffer, header.byteOffset, header.length)
    if (header.length === FILE_HEADER_SIZE && view.getUint32(0) === LOG_MAGIC) {
      const version = view.getInt32(4)
      if (version === FILE_VERSION) return true
      throw new RecoveryError({ file: path, offset: 4, problem: `unknown version ${version}`, remedy: FOREIGN })
    }
    const isCut = header.length < FILE_HEADER_SIZE || (await lastNonZero(file, 0, size)) < 0
    if (!isCut || !last) {
      throw new RecoveryError({ file: path, offset: 0, problem: 'this is not a transaction log', remedy: FOREIGN })
    }
    this.torn = { file: path, offset: 0, bytes: size }
    return false
  }

  /** Visits the records and returns where the last whole one ends. */
  private async readRecords(file: DiskFile, path: string, size: number): Promise<number> {
    this.entry.file = path
    let base = FILE_HEADER_SIZE
    let filled = 0
    while (base + filled < size) {
      const count = await file.read(this.buffer.subarray(filled), base + filled)
      if (count === 0) break
      filled += count
      const stop = this.visitAll(this.buffer.subarray(0, filled), base)
      const missing = this.missing(stop, filled)
      if (this.stopped || missing === 0 || base + stop + missing > size) return base + stop
      this.moveToFront(stop, filled, missing)
      base += stop
      filled -= stop
    }
    return base
  }

  /** Visits the whole records in `bytes`, which lie at `base` in the file; returns where they end. */
  private visitAll(bytes: Bytes, base: number): number {
    let at = 0
    while (!this.stopped) {
      const record = readLogRecord(bytes, at, this.maxRecordBytes)
      if (record.kind !== 'record' || record.end - record.start < TXN_HEADER_SIZE) break
      const { entry } = this
      entry.bytes = bytes
      entry.offset = base + at
      entry.nextOffset = base + record.next
      entry.start = record.start
      entry.end = record.end
      this.record(entry)
      at = record.next
    }
    return at
  }

  private record(entry: LogEntry): void {
    entry.zxid = readZxid(entry.bytes, entry.start)
    const { zxid } = entry
    const last = this.previous ?? this.after
    this.previous = zxid
    if (zxid <= this.after) return
    if (zxid <= last && this.records > 0) {
      this.onNotice(`${entry.file}, byte ${entry.offset}: zxid 0x${toHex(zxid)} comes after 0x${toHex(last)}`)
    } else if (!follows(zxid, last < this.after ? this.after : last)) {
      this.onNotice(
        `${entry.file}, byte ${entry.offset}: 0x${toHex(last)} is followed by 0x${toHex(zxid)}; is a log file missing?`,
      )
    }
    this.lastZxid = zxid
    this.records += 1
    if (this.visit(entry) === false) this.stopped = true
  }

  /** How many bytes from `at` on are needed to judge the record there; 0 if those up to `filled` were enough. */
  private missing(at: number, filled: number): number {
    if (filled - at < RECORD_PREFIX) return RECORD_PREFIX
    const length = new DataView(this.buffer.buffer, this.buffer.byteOffset).getInt32(at + 8)
    const whole = RECORD_PREFIX + length + 1
    return length > 0 && length <= this.maxRecordBytes && filled - at < whole ? whole : 0
  }

  private moveToFront(from: number, to: number, needed: number): void {
    const old = this.buffer
    if (needed > old.length) this.buffer = allocate(needed)
    old.copy(this.buffer, 0, from, to)
  }
}
