/** A client's connection as the engine sees it: its session, who it is, what it waits for, and what is to be sent to it. */
import type { Bytes, Id, SessionId, Zxid } from '@meerkat/protocol'
import { NO_BYTES, NO_SESSION, Output, zxidOf } from '@meerkat/protocol'
import type { Effects } from './effects.ts'
import type { Session } from './sessions.ts'

/** A request as it came, without its length. */
export interface Frame {
  readonly bytes: Bytes
  readonly start: number
  readonly end: number
}

/** A request that waits: a write (or a barrier) for its transaction, anything else for the writes before it. */
export interface Waiting extends Frame {
  /** The transaction that it waits for, or undefined for a request that only stands behind others. */
  zxid: Zxid | undefined
  readonly xid: number
  readonly opcode: number
  readonly arrivedMs: number
}

/** Without its frame where nobody will look at it again. */
export type WaitingFor = Pick<Waiting, 'zxid' | 'xid' | 'opcode'> & Partial<Frame>

/** What is counted for `cons` and `stat` (server.ServerCnxn). */
export class ConnectionCounters {
  received = 0
  sent = 0
  lastOpcode: number | undefined
  lastXid = -1
  lastZxid: Zxid = zxidOf(0)
  /** On the monotonic clock. */
  lastReplyMs = 0
  lastLatencyMs = 0
  minLatencyMs = Number.POSITIVE_INFINITY
  maxLatencyMs = 0
  totalLatencyMs = 0
  answers = 0

  answered(zxid: Zxid, latencyMs: number, elapsedMs: number): void {
    this.sent++
    this.answers++
    this.lastZxid = zxid
    this.lastReplyMs = elapsedMs
    this.lastLatencyMs = latencyMs
    this.totalLatencyMs += latencyMs
    if (latencyMs < this.minLatencyMs) this.minLatencyMs = latencyMs
    if (latencyMs > this.maxLatencyMs) this.maxLatencyMs = latencyMs
  }
}

/** Output buffers between uses, a bounded number of bounded size. */
export class OutputPool {
  private readonly outputs: Output[] = []

  pop(): Output {
    return this.outputs.pop() ?? new Output(FIRST_OUTPUT_BYTES)
  }

  push(output: Output): void {
    if (this.outputs.length < MAX_SPARE && output.bytes.length <= MAX_SPARE_BYTES) this.outputs.push(output)
  }
}

const FIRST_OUTPUT_BYTES = 512
const MAX_SPARE = 64
const MAX_SPARE_BYTES = 1024 * 1024

/** Above this, a connection's output is sent before its next request is looked at. */
const OUTPUT_WINDOW = 1024 * 1024
/** With as many reads behind writes, the next request is looked at when some are answered. */
const MAX_READS_WAITING = 64

export type ConnectionState = 'new' | 'connecting' | 'established' | 'closed'

export class Connection {
  readonly id: number
  state: ConnectionState = 'new'
  session: Session | undefined
  /** The id while the session is being made, and after it is gone. */
  sessionId: SessionId = NO_SESSION
  timeoutMs = 0
  /** Undefined for a client that sent no readOnly byte. */
  readOnly: boolean | undefined
  identities: Id[]
  /** Requests in order of arrival that are not answered. */
  readonly waiting: Waiting[] = []
  waitingHead = 0
  /** How many of them are no writes: what they will add to the output is not known, and comes at once. */
  readsWaiting = 0
  /** Bytes to send; given to the driver, which gives a used one back or not. */
  output: Output | undefined
  readonly dataWatches = new Set<string>()
  readonly childWatches = new Set<string>()
  counters = new ConnectionCounters()
  private readonly effects: Pick<Effects, 'dirty' | 'spare'>

  constructor({
    id,
    identities,
    effects,
  }: {
    id: number
    identities: Id[]
    effects: Pick<Effects, 'dirty' | 'spare'>
  }) {
    this.id = id
    this.identities = identities
    this.effects = effects
  }

  get outstanding(): number {
    return this.waiting.length - this.waitingHead
  }

  /** Where to write; makes the driver send it after this step. */
  writable(): Output {
    if (this.output === undefined) {
      this.output = this.effects.spare.pop()
      this.effects.dirty.push(this)
    } else if (this.output.length === 0) {
      this.effects.dirty.push(this)
    }
    return this.output
  }

  resetCounters(): void {
    this.counters = new ConnectionCounters()
  }

  wait({ zxid, xid, opcode, bytes, start, end }: WaitingFor, arrivedMs: number): void {
    this.waiting.push({ zxid, xid, opcode, bytes: bytes ?? NO_BYTES, start: start ?? 0, end: end ?? 0, arrivedMs })
  }

  /** As many reads wait behind writes as may: some must be answered before its next request is looked at. */
  get isBehindWrites(): boolean {
    return this.readsWaiting >= MAX_READS_WAITING
  }

  /** Its next request is not looked at before its output is sent, or some of its reads are answered. */
  get isFull(): boolean {
    return this.isBehindWrites || (this.output !== undefined && this.output.length > OUTPUT_WINDOW)
  }

  /** The first request that waits. */
  get first(): Waiting | undefined {
    return this.waiting[this.waitingHead]
  }

  shift(): void {
    this.waitingHead++
    if (this.waitingHead === this.waiting.length) {
      this.waiting.length = 0
      this.waitingHead = 0
    } else if (this.waitingHead > 1024) {
      this.waiting.splice(0, this.waitingHead)
      this.waitingHead = 0
    }
  }
}
