/** A timer that has been set. */
export interface Timer {
  /** Does nothing if it has run already. */
  cancel(): void
}

/** Time, and being called when some has passed. */
export interface Clock {
  /** Milliseconds since 1970, whole; may jump. */
  wallMs(): number
  /** Milliseconds that never go back, since this machine started, so that they also grow from process to process. */
  monotonicMs(): number
  /** Calls `callback` once, no sooner than `delayMs` from now. */
  after(delayMs: number, callback: () => void): Timer
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => {
    const [seconds, nanoseconds] = process.hrtime()
    return seconds * 1000 + nanoseconds / 1e6
  },
  after: (delayMs, callback) => {
    const timeout = setTimeout(callback, delayMs)
    return { cancel: () => clearTimeout(timeout) }
  },
}
