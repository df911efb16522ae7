/** Steps of a bucket: each is this much wider than the one before. */
const GROWTH = 1.01
const SMALLEST_MS = 0.001
/** Up to about five minutes. */
const BUCKETS = 2000
const LOG_GROWTH = Math.log(GROWTH)

/** Latencies in buckets one percent wide: as exact as a measurement is, in memory that does not grow. */
export class LatencyHistogram {
  max = 0
  private count = 0
  private readonly buckets = new Float64Array(BUCKETS)

  add(latencyMs: number): void {
    this.count++
    if (latencyMs > this.max) this.max = latencyMs
    const bucket = Math.ceil(Math.log(Math.max(latencyMs, SMALLEST_MS) / SMALLEST_MS) / LOG_GROWTH)
    const at = Math.min(bucket, BUCKETS - 1)
    this.buckets[at] = (this.buckets[at] as number) + 1
  }

  /** The latency, in milliseconds, that this fraction of all stayed below; 0 if there were none. */
  quantile(fraction: number): number {
    const rank = fraction * this.count
    let seen = 0
    for (const [bucket, count] of this.buckets.entries()) {
      seen += count
      if (seen > 0 && seen >= rank) return Math.min(this.max, SMALLEST_MS * GROWTH ** bucket)
    }
    return this.max
  }
}
