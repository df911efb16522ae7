/**
 * The writer of the transaction log (server.persistence.FileTxnLog, FilePadding).
 *
 * Groups of records go to `log.<hex zxid of its first record>`: one write each, durable when it returns. A file begins
 * with its header, made durable together with its name before the first record; it grows ahead of its records and is
 * filled with zeros (`zeroFill.ts`), so that a group changes no more than its own bytes.
 *
 * When a write fails, nothing is known of the group's bytes: `append` throws LogWriteError, and so does every later one,
 * until `recover` has cut the file back to the last group that was durable. The group may then be appended again; it goes
 * into a new file. If the process dies before that, recovery at the next start keeps what was written in whole, which
 * nobody was told of, and cuts the rest.
 */
import type { Bytes, Zxid } from '@meerkat/protocol'
import { FILE_HEADER_SIZE, LOG_MAGIC, logName, Output, writeFileHeader, zeros } from '@meerkat/protocol'
import { join } from 'node:path'
import type { Clock } from './clock.ts'
import type { Disk, DiskFile } from './disk.ts'
import { errorCode, truncateFile } from './disk.ts'
import { ZeroFill } from './zeroFill.ts'

export interface TransactionLogOptions {
  readonly disk: Disk
  readonly clock: Clock
  /** `<dataLogDir>/version-2`; it exists. */
  readonly directory: string
  /** Whether a group is durable before `append` returns. Default true. */
  readonly forceSync?: boolean
  /** How far a file grows ahead, in bytes; 0 for not at all. Default 64 MiB. */
  readonly preAllocBytes?: number
  /** A file that is longer is followed by a new one; 0 for no limit. */
  readonly sizeLimitBytes?: number
  /** Told how long each group took to become durable. */
  readonly onSync?: (milliseconds: number) => void
}

/** A group could not be made durable. `cause` is the disk's error; `diskFull` if it says that there is no space left. */
export class LogWriteError extends Error {
  readonly code = 'LOG_WRITE'
  readonly file: string
  readonly diskFull: boolean

  constructor(file: string, cause: unknown) {
    const diskFull = errorCode(cause) === 'ENOSPC' || errorCode(cause) === 'EDQUOT'
    const reason = cause instanceof Error ? cause.message : String(cause)
    const what = diskFull ? 'there is no space left for' : 'cannot write'
    super(`${what} the transaction log ${file}: ${reason}`, { cause })
    this.file = file
    this.diskFull = diskFull
  }
}

interface OpenLog {
  readonly path: string
  readonly file: DiskFile
  /** Where the next group goes: the end of the last durable one. */
  position: number
  /** The file's length, grown ahead of the position. */
  size: number
  /** There where groups are synced and the file grows ahead. */
  readonly zeros: ZeroFill | undefined
}

const DEFAULT_PREALLOC = 64 * 1024 * 1024
/** A file grows when less than this is left. */
const GROWTH_MARGIN = 4096
const ONE_ZERO = zeros(1)

export class TransactionLog {
  private readonly disk: Disk
  private readonly clock: Clock
  private readonly directory: string
  private readonly forceSync: boolean
  private readonly preAllocBytes: number
  private readonly sizeLimitBytes: number
  private readonly onSync: (milliseconds: number) => void
  private log: OpenLog | undefined
  private busy = false
  private error: LogWriteError | undefined
  private written = 0

  constructor(options: TransactionLogOptions) {
    this.disk = options.disk
    this.clock = options.clock
    this.directory = options.directory
    this.forceSync = options.forceSync ?? true
    this.preAllocBytes = options.preAllocBytes ?? DEFAULT_PREALLOC
    this.sizeLimitBytes = options.sizeLimitBytes ?? 0
    this.onSync = options.onSync ?? (() => {})
  }

  /** How many bytes of records were appended since the last `roll`. */
  get bytesSinceRoll(): number {
    return this.written
  }

  /** Why nothing can be appended, until `recover` succeeds. */
  get failure(): LogWriteError | undefined {
    return this.error
  }

  /**
   * Appends whole records (`beginLogRecord`, `endLogRecord`), the first of zxid `first`, and returns when they are
   * durable. One group at a time; `group` must not change until then. Throws LogWriteError.
   */
  async append(group: Bytes, first: Zxid): Promise<void> {
    if (this.busy) throw new Error('the log takes one group at a time')
    if (this.error !== undefined) throw this.error
    this.busy = true
    try {
      await this.write(group, first)
    } catch (error) {
      this.error = new LogWriteError(this.log?.path ?? this.pathOf(first), error)
      throw this.error
    } finally {
      this.busy = false
    }
  }

  private async write(group: Bytes, first: Zxid): Promise<void> {
    const log = this.log ?? (await this.create(first))
    const end = log.position + group.length
    if (this.preAllocBytes > 0 && end + GROWTH_MARGIN >= log.size) await this.grow(log, end)
    const filling = log.zeros?.before(end)
    if (filling !== undefined) await filling
    const began = this.clock.monotonicMs()
    await log.file.write(group, log.position)
    if (this.forceSync) this.onSync(this.clock.monotonicMs() - began)
    log.position = end
    log.size = Math.max(log.size, end)
    this.written += group.length
    log.zeros?.advance({ groupBytes: group.length, position: log.position, size: log.size })
    if (this.sizeLimitBytes > 0 && end > this.sizeLimitBytes) await this.finish(log)
  }

  private pathOf(first: Zxid): string {
    return join(this.directory, logName(first))
  }

  /** The header and the name are durable before any record is, so that a log with records is always found and whole. */
  private async create(first: Zxid): Promise<OpenLog> {
    const path = this.pathOf(first)
    const file = await this.disk.open(path, this.forceSync ? 'createSynced' : 'create')
    const fillsAhead = this.forceSync && this.preAllocBytes > 0
    const zeroFill = fillsAhead ? new ZeroFill({ disk: this.disk, path, growBytes: this.preAllocBytes }) : undefined
    const log: OpenLog = { path, file, position: FILE_HEADER_SIZE, size: FILE_HEADER_SIZE, zeros: zeroFill }
    this.log = log
    const header = new Output(FILE_HEADER_SIZE)
    writeFileHeader(header, LOG_MAGIC)
    // Together, since a file system makes what it is asked at once durable at once; and all are over before a failure is told.
    const made = await Promise.allSettled([
      file.write(header.written(), 0),
      this.disk.syncDirectory(this.directory),
      this.preAllocBytes > 0 ? this.grow(log, FILE_HEADER_SIZE) : undefined,
    ])
    for (const part of made) if (part.status === 'rejected') throw part.reason
    return log
  }

  private async grow(log: OpenLog, end: number): Promise<void> {
    log.size = grownSize(log.size, end, this.preAllocBytes)
    await log.file.write(ONE_ZERO, log.size - 1)
  }

  /** The next group begins a new file. Called between groups. */
  async roll(): Promise<void> {
    if (this.busy) throw new Error('the log rolls between groups')
    this.written = 0
    if (this.log !== undefined && this.error === undefined) await this.finish(this.log)
  }

  private async finish(log: OpenLog): Promise<void> {
    this.log = undefined
    await log.zeros?.settled()
    await log.file.close()
  }

  /**
   * After a failure: makes sure that the file holds what was durable and nothing of the group that failed, so that
   * appending goes on, in a new file. Throws LogWriteError if the disk still fails; it may be called again.
   */
  async recover(): Promise<void> {
    if (this.busy) throw new Error('the log recovers between groups')
    const log = this.log
    if (this.error === undefined) return
    try {
      if (log !== undefined) await this.cutBack(log)
    } catch (error) {
      this.error = new LogWriteError(log?.path ?? this.directory, error)
      throw this.error
    }
    this.log = undefined
    this.error = undefined
  }

  /** Through a handle of its own: the one whose write failed has reported its error, and may not report it again. */
  private async cutBack({ path, position, file: failed, zeros: filling }: OpenLog): Promise<void> {
    await filling?.settled()
    await failed.close().catch(() => {})
    // A file without a record is of no use, and its header may be missing.
    if (position === FILE_HEADER_SIZE) await this.disk.remove(path)
    else await truncateFile(this.disk, path, position)
    await this.disk.syncDirectory(this.directory)
  }

  /** Closes the file; the log must not be used after that. */
  async close(): Promise<void> {
    if (this.log !== undefined) await this.finish(this.log)
  }
}

/** The length that a file of `size` bytes is given before it is written up to `end`. */
export function grownSize(size: number, end: number, preAllocBytes: number): number {
  const missing = end + GROWTH_MARGIN + 1 - size
  return size + Math.ceil(missing / preAllocBytes) * preAllocBytes
}
