/** Lets requests in one by one where the request throttle or the limit of large requests is on. */
import type { Connection, Engine } from '@meerkat/engine'
import { OpCode, type Bytes } from '@meerkat/protocol'
import type { LargeRequests } from './largeRequests.ts'
import type { CountLimit } from './metrics.ts'
import type { RequestThrottle } from './requestThrottle.ts'

export interface IntakeOptions {
  readonly engine: Pick<Engine, 'requests' | 'refuseThrottled' | 'outstanding'>
  readonly requestThrottle: RequestThrottle | undefined
  readonly largeRequests: LargeRequests | undefined
  readonly count: CountLimit
}

/** Whole frames, lengths included, in `bytes[start, end)`, and when they came, on the monotonic clock. */
export interface Run {
  readonly bytes: Bytes
  readonly start: number
  readonly end: number
  readonly arrivedMs: number
}

export class Intake {
  private readonly options: IntakeOptions

  constructor(options: IntakeOptions) {
    this.options = options
  }

  /** Nothing more is begun before something is answered. */
  get isFull(): boolean {
    const { engine, requestThrottle } = this.options
    return requestThrottle?.isFull(engine.outstanding) === true
  }

  /** Answers where the first request stands that must wait, the end if none must, or why the connection must be closed. */
  admit(connection: Connection, run: Run, nowMs: number): number | string {
    for (let at = run.start; at < run.end && connection.state === 'established';) {
      const end = at + 4 + intAt(run.bytes, at)
      const next = this.begin(connection, { ...run, start: at, end }, nowMs)
      if (typeof next === 'string' || next === at) return next
      at = next
    }
    return run.end
  }

  /** Something was answered, or a connection is gone. */
  settle(): void {
    this.options.largeRequests?.settle()
  }

  private begin(connection: Connection, frame: Run, nowMs: number): number | string {
    const { engine, requestThrottle, count } = this.options
    if (requestThrottle === undefined) return this.take(connection, frame)
    const waitedMs = nowMs - frame.arrivedMs
    const opcode = opcodeOf(frame)
    const request = {
      waitedMs,
      sessionTimeoutMs: connection.timeoutMs,
      isVital: VITAL.has(opcode),
      isClose: opcode === OpCode.closeSession,
    }
    const verdict = requestThrottle.judge(request, engine.outstanding)
    switch (verdict) {
      case 'wait':
        count('request_throttle_wait_count', 1)
        return frame.start
      case 'drop':
        count('stale_requests_dropped', 1)
        return `a request waited for ${Math.round(waitedMs)} ms, longer than the session's timeout (request_stale_latency_check)`
      case 'answer THROTTLEDOP':
        count('request_throttle_queue_time_ms', waitedMs)
        count('throttled_ops', 1)
        engine.refuseThrottled(connection, frame.bytes, frame.start, frame.end)
        return frame.end
      case 'begin':
      case 'begin, stale':
        count('request_throttle_queue_time_ms', waitedMs)
        if (verdict === 'begin, stale') count('stale_requests', 1)
        return this.take(connection, frame)
    }
  }

  private take(connection: Connection, { bytes, start, end }: Run): number | string {
    const { engine, largeRequests, count } = this.options
    const size = end - start - 4
    if (largeRequests?.isLarge(size) !== true) return engine.requests(connection, bytes, start, end)
    largeRequests.settle()
    if (!largeRequests.fits(size)) {
      count('large_requests_rejected', 1)
      return `a request of ${size} bytes does not fit beside ${largeRequests.bytes} bytes of large requests in progress (largeRequestMaxBytes)`
    }
    const before = connection.outstanding
    const next = engine.requests(connection, bytes, start, end)
    if (connection.outstanding > before) largeRequests.begun(connection, size)
    return next
  }
}

/** Apache lets these pass the throttle: Request.isThrottlable, and what it answers before it. */
const VITAL: ReadonlySet<number> = new Set([OpCode.ping, OpCode.closeSession, OpCode.auth, OpCode.sasl])

function opcodeOf({ bytes, start, end }: Run): number {
  return end - start < 12 ? 0 : intAt(bytes, start + 8)
}

function intAt(bytes: Bytes, at: number): number {
  return ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
}
