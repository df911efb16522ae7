/** Transactions in flight: proposed in order of their zxids, gathered into groups for the log, waiting to be durable. */
import type { Digest, Txn, TxnHeader, Zxid } from '@meerkat/protocol'
import {
  Output,
  TxnHeader as HeaderRecord,
  beginLogRecord,
  endLogRecord,
  writeDigest,
  writeTxn,
  zxidOf,
} from '@meerkat/protocol'
import type { Connection } from '../connection.ts'
import type { LogGroup } from '../effects.ts'

export interface Proposal {
  readonly header: TxnHeader
  readonly txn: Txn
  readonly digest: Digest | undefined
  /** Who waits for it here. */
  readonly connection: Connection | undefined
}

const FIRST_GROUP_BYTES = 64 * 1024
/** A group takes no more records from here on: what a crash may leave half-written stays small (io's MAX_APPEND_BYTES). */
const MAX_GROUP_BYTES = 2 * 1024 * 1024

export class Proposals {
  lastZxid: Zxid
  private queue: Proposal[] = []
  private head = 0
  /** Groups that are full and wait. */
  private full: LogGroup[] = []
  private gathering = new Output(FIRST_GROUP_BYTES)
  /** The memory of the group that is being written, and that of one that was, to be used again. */
  private writing: Output | undefined
  private spare: Output | undefined
  private first: Zxid | undefined

  constructor(lastZxid: Zxid) {
    this.lastZxid = lastZxid
  }

  get isEmpty(): boolean {
    return this.head === this.queue.length
  }

  get nextZxid(): Zxid {
    return zxidOf(this.lastZxid + 1)
  }

  /** How many wait to be written. */
  get gathered(): number {
    const first = this.full[0]?.first ?? this.first
    return first === undefined ? 0 : this.lastZxid - first + 1
  }

  /** Its zxid is `nextZxid`. */
  add(proposal: Proposal): void {
    const { header, txn, digest } = proposal
    this.lastZxid = header.zxid
    this.queue.push(proposal)
    const record = beginLogRecord(this.gathering)
    HeaderRecord.write(this.gathering, header)
    writeTxn(this.gathering, txn)
    if (digest !== undefined) writeDigest(this.gathering, digest)
    endLogRecord(this.gathering, record)
    this.first ??= header.zxid
    if (this.gathering.length >= MAX_GROUP_BYTES) this.close()
  }

  /** The group that gathers is full. */
  private close(): void {
    if (this.first === undefined) return
    this.full.push({ records: this.gathering, first: this.first, last: this.lastZxid })
    this.first = undefined
    this.gathering = this.spare ?? new Output(FIRST_GROUP_BYTES)
    this.spare = undefined
    this.gathering.length = 0
  }

  /** The next group to write. The one before is written by then: its memory is used again. */
  takeGroup(): LogGroup | undefined {
    if (this.writing !== undefined && this.writing.bytes.length <= 2 * MAX_GROUP_BYTES) this.spare = this.writing
    this.writing = undefined
    if (this.full.length === 0) this.close()
    const group = this.full.shift()
    this.writing = group?.records
    return group
  }

  /** The first proposal, if its zxid is at most `upTo`. */
  shift(upTo: Zxid): Proposal | undefined {
    const next = this.queue[this.head]
    if (next === undefined || next.header.zxid > upTo) return undefined
    this.head++
    if (this.head === this.queue.length) {
      this.queue.length = 0
      this.head = 0
    } else if (this.head > 4096) {
      this.queue = this.queue.slice(this.head)
      this.head = 0
    }
    return next
  }

  /** Nothing is in flight; the next zxid follows `lastZxid`. Returns what was. */
  reset(lastZxid: Zxid): Proposal[] {
    const dropped = this.queue.slice(this.head)
    this.queue = []
    this.head = 0
    this.full = []
    this.gathering.length = 0
    this.first = undefined
    this.lastZxid = lastZxid
    return dropped
  }
}
