/**
 * Whether a request is begun while others are in progress (server.RequestThrottler, server.Request.isStale).
 *
 * With `maxRequests` in progress, the others wait at their connections, which are not read from meanwhile; nothing
 * polls, so Apache's stall time has no counterpart.
 */
export interface RequestThrottleSettings {
  /** Requests in progress from which further ones wait. */
  readonly maxRequests: number
  /** A stale request is dropped, with its connection, rather than begun. */
  readonly dropStale: boolean
  /** A request that waits for longer than its session's timeout is stale. */
  readonly staleLatencyCheck: boolean
  /** A request that waited for longer is answered THROTTLEDOP; 0 or less is off. */
  readonly throttledOpWaitTimeMs: number
}

export interface WaitingRequest {
  readonly waitedMs: number
  readonly sessionTimeoutMs: number
  /** Part of keeping a session or of proving who the client is: never answered THROTTLEDOP. */
  readonly isVital: boolean
  /** A request to close the session is never stale: it is what cleans up. */
  readonly isClose: boolean
}

/** `begin, stale`: begun all the same, and counted. */
export type Verdict = 'wait' | 'begin' | 'begin, stale' | 'answer THROTTLEDOP' | 'drop'

export class RequestThrottle {
  private readonly settings: RequestThrottleSettings

  constructor(settings: RequestThrottleSettings) {
    this.settings = settings
  }

  isFull(inProgress: number): boolean {
    return inProgress >= this.settings.maxRequests
  }

  judge(request: WaitingRequest, inProgress: number): Verdict {
    const { dropStale, throttledOpWaitTimeMs } = this.settings
    const isStale = this.isStale(request)
    if (isStale && dropStale) return 'drop'
    if (this.isFull(inProgress)) return 'wait'
    if (throttledOpWaitTimeMs > 0 && request.waitedMs > throttledOpWaitTimeMs && !request.isVital)
      return 'answer THROTTLEDOP'
    return isStale ? 'begin, stale' : 'begin'
  }

  private isStale({ waitedMs, sessionTimeoutMs, isClose }: WaitingRequest): boolean {
    return this.settings.staleLatencyCheck && !isClose && waitedMs > sessionTimeoutMs
  }
}
