import { closeSync, fstatSync, fsync, openSync, rename, rm, write } from 'node:fs'
import { promisify } from 'node:util'
import { MAX_WAITING } from './destination.ts'
import type { LogDestination } from './destination.ts'
import { LineQueue } from './lineQueue.ts'

export interface FileOptions {
  readonly file: string
  /** Bytes at which the file is put aside as `file.1` and a new one begun. */
  readonly maxSizeBytes: number
  /** Files kept, the current one among them. */
  readonly maxFiles: number
  /** Says on another way that the file cannot be written; called once a failure begins. */
  readonly onFailure: (error: Error) => void
}

const writeBytes = promisify(write)
const syncFile = promisify(fsync)
const renameFile = promisify(rename)
const removeFile = promisify(rm)

/** Appends to a file, one write at a time, in the background; older files are `file.1`, `file.2` and so on. */
export class FileDestination implements LogDestination {
  private readonly options: FileOptions
  private readonly queue: LineQueue
  private descriptor: number
  private size: number
  private working: Promise<void> | undefined
  private failing = false

  /** Opens the file; throws if that is not possible. */
  constructor(options: FileOptions, describeDrops: (count: number) => string) {
    this.options = options
    this.queue = new LineQueue(MAX_WAITING, describeDrops)
    this.descriptor = openForAppending(options.file)
    this.size = fstatSync(this.descriptor).size
  }

  get dropped(): number {
    return this.queue.dropped
  }

  write(line: string): void {
    this.queue.push(line)
    this.flush()
  }

  flush(): void {
    this.working ??= this.work().finally(() => {
      this.working = undefined
      if (!this.queue.isEmpty) this.flush()
    })
  }

  async close(): Promise<void> {
    while (this.working !== undefined) await this.working
    await syncFile(this.descriptor).catch(() => undefined)
    closeSync(this.descriptor)
  }

  /** Waits a turn first, so that lines of one turn are written together. */
  private async work(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    while (!this.queue.isEmpty) {
      const { text, count } = this.queue.take()
      const bytes = Buffer.from(text)
      try {
        if (this.size > 0 && this.size + bytes.length > this.options.maxSizeBytes) await this.rotate()
        await this.append(bytes)
        this.failing = false
      } catch (error) {
        this.queue.drop(count)
        if (!this.failing) this.options.onFailure(error instanceof Error ? error : new Error(String(error)))
        this.failing = true
      }
    }
  }

  private async append(bytes: Buffer): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      const { bytesWritten } = await writeBytes(this.descriptor, bytes, offset)
      offset += bytesWritten
      this.size += bytesWritten
    }
  }

  private async rotate(): Promise<void> {
    const { file, maxFiles } = this.options
    for (let number = maxFiles - 1; number >= 1; number--) {
      const from = number === 1 ? file : `${file}.${number - 1}`
      await renameFile(from, `${file}.${number}`).catch(ignoreMissing)
    }
    if (maxFiles === 1) await removeFile(file)
    const descriptor = openForAppending(file)
    closeSync(this.descriptor)
    this.descriptor = descriptor
    this.size = 0
  }
}

function openForAppending(file: string): number {
  try {
    return openSync(file, 'a', 0o640)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`the log file ${file} cannot be opened: ${reason}`, { cause: error })
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
