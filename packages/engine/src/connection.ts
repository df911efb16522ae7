/** A client's connection as the engine sees it: its session, who it is, what it waits for, and what is to be sent to it. */
import type { Bytes, Id, SessionId, Zxid } from '@meerkat/protocol'
import { NO_SESSION, Output, zxidOf } from '@meerkat/protocol'
import type { Effects } from './effects.ts'
import type { Session } from './sessions.ts'

/** A request that waits: a write (or a barrier) for its transaction, anything else for the writes before it. */
export interface Waiting {
  /** The transaction that it waits for, or undefined for a request that only stands behind others. */
  zxid: Zxid | undefined
  readonly xid: number
  readonly opcode: number
  /** The request's frame, without its length; for a write only the operations that answer from it keep it. */
  readonly bytes: Bytes
  readonly start: number
  readonly end: number
  readonly arrivedMs: number
}

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

  wait(waiting: Waiting): void {
    this.waiting.push(waiting)
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
