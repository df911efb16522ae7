/**
 * When a group of transactions goes to the disk (server.SyncRequestProcessor): with a `flushDelay`, not before that time
 * has passed since the last group, unless as many wait as make a batch, or none came for `maxIdleMs`.
 */
export interface FlushTimingSettings {
  readonly delayMs: number
  /** Time without a new transaction after which those that wait go (maxWriteQueuePollTime). */
  readonly maxIdleMs: number
  readonly maxBatchSize: number
}

export class FlushTiming {
  private readonly settings: FlushTimingSettings
  private flushedAtMs: number
  private waiting = 0
  private grewAtMs = 0

  constructor(settings: FlushTimingSettings, nowMs: number) {
    this.settings = settings
    this.flushedAtMs = nowMs
  }

  /** Milliseconds that `transactions` must still wait if no more come; 0 if they go now. */
  waitMs(transactions: number, nowMs: number): number {
    const { delayMs, maxIdleMs, maxBatchSize } = this.settings
    if (transactions > this.waiting) this.grewAtMs = nowMs
    this.waiting = transactions
    if (transactions === 0 || transactions >= maxBatchSize) return 0
    return Math.max(0, Math.min(this.flushedAtMs + delayMs, this.grewAtMs + maxIdleMs) - nowMs)
  }

  /** A group is durable. */
  flushed(nowMs: number): void {
    this.flushedAtMs = nowMs
    this.waiting = 0
  }
}
