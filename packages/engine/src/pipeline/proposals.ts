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
/** A group's memory that is kept for the next one. */
const KEPT_GROUP_BYTES = 4 * 1024 * 1024

export class Proposals {
  lastZxid: Zxid
  private queue: Proposal[] = []
  private head = 0
  /** The group that gathers, and the memory of the one before, which is written or waits to be used again. */
  private gathering = new Output(FIRST_GROUP_BYTES)
  private spare = new Output(FIRST_GROUP_BYTES)
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
  }

  /** What has gathered; its memory is used again after the next call, so one group is written at a time. */
  takeGroup(): LogGroup | undefined {
    if (this.first === undefined) return undefined
    const records = this.gathering
    const group = { records, first: this.first, last: this.lastZxid }
    this.gathering = this.spare.bytes.length > KEPT_GROUP_BYTES ? new Output(FIRST_GROUP_BYTES) : this.spare
    this.gathering.length = 0
    this.spare = records
    this.first = undefined
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
    this.gathering.length = 0
    this.first = undefined
    this.lastZxid = lastZxid
    return dropped
  }
}
