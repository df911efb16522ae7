/** `meerkat log FILE`: prints a transaction log of either server (as Apache's TxnLogToolkit does) and checks it. */
import { open, type FileHandle } from 'node:fs/promises'
import {
  allocate,
  FILE_HEADER_SIZE,
  FILE_VERSION,
  Input,
  LOG_MAGIC,
  readLoggedTxn,
  readLogRecord,
  zeros,
  type Bytes,
  type LoggedTxn,
} from '@meerkat/protocol'
import { txnJson, txnLine } from '../files/txnFormat.ts'
import type { FileReport, PrinterOptions } from '../files/report.ts'

/** The longest record that is believed, in bytes. */
const MAX_RECORD = 256 * 1024 * 1024
const CHUNK = 1024 * 1024
const ZEROS = zeros(CHUNK)

/** Reads the file to its end or to the first damage. */
export async function printLog(path: string, options: PrinterOptions): Promise<FileReport> {
  const file = await open(path, 'r')
  try {
    return await new LogPrinter(file, options).print()
  } finally {
    await file.close()
  }
}

class LogPrinter {
  private readonly file: FileHandle
  private readonly options: PrinterOptions
  private bytes: Bytes = allocate(CHUNK)
  /** `bytes[at, end)` is what was read and not yet used; `base` is the offset of `bytes[0]` in the file. */
  private at = 0
  private end = 0
  private base = 0
  private count = 0

  constructor(file: FileHandle, options: PrinterOptions) {
    this.file = file
    this.options = options
  }

  async print(): Promise<FileReport> {
    const headerProblem = await this.readHeader()
    if (headerProblem !== undefined) return this.damaged(headerProblem)
    for (;;) {
      const record = readLogRecord(this.bytes.subarray(0, this.end), this.at, MAX_RECORD)
      switch (record.kind) {
        case 'record':
          try {
            this.printTxn(readLoggedTxn(new Input(this.bytes, record.start, record.end)))
          } catch (error) {
            return this.damaged(`the transaction cannot be read: ${(error as Error).message}`)
          }
          this.at = record.next
          break
        case 'corrupt':
          return this.damaged(record.reason)
        case 'end':
          // Nothing left of what was read may only mean that more is to be read.
          if (this.end > this.at) return this.afterZeros()
          if (!(await this.readMore())) return this.sound()
          break
        case 'torn':
          if (!(await this.readMore())) {
            return this.damaged('the last record is not whole: an append was interrupted, or the file was cut')
          }
          break
      }
    }
  }

  private async readHeader(): Promise<string | undefined> {
    while (this.end < FILE_HEADER_SIZE) {
      if (!(await this.readMore())) return 'the file is too short for its header'
    }
    const header = new Input(this.bytes, 0, FILE_HEADER_SIZE)
    if (header.int() !== LOG_MAGIC) return 'this is no transaction log: it does not begin with ZKLG'
    const version = header.int()
    if (version !== FILE_VERSION) return `the format version is ${version}, and ${FILE_VERSION} is known`
    const dbid = header.number()
    this.text(`ZooKeeper Transactional Log File with dbid ${dbid} txnlog format version ${version}`)
    this.at = FILE_HEADER_SIZE
    return undefined
  }

  /** Reads on behind what is there; false at the end of the file. */
  private async readMore(): Promise<boolean> {
    const kept = this.end - this.at
    // A record that is not whole yet is doubled in room until it is; nothing else grows beyond a chunk.
    const target = kept === this.bytes.length ? allocate(kept * 2) : this.bytes
    this.bytes.copy(target, 0, this.at, this.end)
    this.bytes = target
    this.base += this.at
    this.at = 0
    this.end = kept
    const { bytesRead } = await this.file.read(target, kept, target.length - kept, this.base + kept)
    this.end += bytesRead
    return bytesRead > 0
  }

  private printTxn(entry: LoggedTxn): void {
    this.count++
    if (this.options.check) return
    const { json, data } = this.options
    this.options.out(json ? JSON.stringify(txnJson(entry, data)) : txnLine(entry, data))
  }

  private text(line: string): void {
    if (!this.options.json && !this.options.check) this.options.out(line)
  }

  /** Room that was taken in advance is zero to the file's end; anything else in it is a record whose start is lost. */
  private async afterZeros(): Promise<FileReport> {
    const place = this.base + this.at
    do {
      const rest = this.bytes.subarray(this.at, this.end)
      // Comparing whole chunks is much faster than looking at each byte, and nearly all of them are zero.
      const index = rest.equals(ZEROS.subarray(0, rest.length)) ? -1 : rest.findIndex((byte) => byte !== 0)
      if (index >= 0) {
        const problem = `no record, yet something follows at byte ${this.base + this.at + index}`
        return { kind: 'damaged', offset: place, problem, what: `${this.count} transactions before it` }
      }
      this.at = this.end
    } while (await this.readMore())
    return this.sound()
  }

  private sound(): FileReport {
    this.text(`EOF reached after ${this.count} txns.`)
    return { kind: 'sound', what: `${this.count} transactions` }
  }

  private damaged(problem: string): FileReport {
    return { kind: 'damaged', offset: this.base + this.at, problem, what: `${this.count} transactions before it` }
  }
}
