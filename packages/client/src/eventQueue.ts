import type { WatchEvent } from './watches.ts'

/** The most events that wait for a reader; the next one ends the queue with an error, since a gap would go unseen. */
export const MAX_WAITING_EVENTS = 10_000

/** Events on their way from a watch to an async iterator. */
export class EventQueue implements AsyncIterable<WatchEvent> {
  private waiting: WatchEvent[] = []
  private isEnded = false
  private error: Error | undefined
  private wake: () => void = () => {}

  push(event: WatchEvent): void {
    if (this.isEnded) return
    if (this.waiting.length >= MAX_WAITING_EVENTS) {
      return this.fail(new Error(`more than ${MAX_WAITING_EVENTS} watch events wait: read them faster`))
    }
    this.waiting.push(event)
    this.wake()
  }

  /** What came before is still read. */
  end(): void {
    this.isEnded = true
    this.wake()
  }

  fail(error: Error): void {
    this.error ??= error
    this.end()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent, void> {
    for (;;) {
      const batch = this.waiting
      this.waiting = []
      yield* batch
      if (this.waiting.length > 0) continue
      if (this.error !== undefined) throw this.error
      if (this.isEnded) return
      await new Promise<void>((resolve) => (this.wake = resolve))
    }
  }
}
