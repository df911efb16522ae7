/** Allows one call an interval (org.apache.zookeeper.server.util.RateLimiter). */
export class RateLimiter {
  private readonly intervalMs: number
  private readonly elapsedMs: () => number
  private beganAtMs = -Infinity

  constructor(intervalMs: number, elapsedMs: () => number) {
    this.intervalMs = intervalMs
    this.elapsedMs = elapsedMs
  }

  allow(): boolean {
    const now = this.elapsedMs()
    if (now <= this.beganAtMs + this.intervalMs) return false
    this.beganAtMs = now
    return true
  }
}
