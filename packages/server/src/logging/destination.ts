import type { Writable } from 'node:stream'
import { LineQueue } from './lineQueue.ts'

/** Takes finished lines. It never throws, never waits and holds a bounded amount. */
export interface LogDestination {
  write(line: string): void
  /** Hands on what waits, as far as that is possible at once: before the process ends. */
  flush(): void
  close(): Promise<void>
  readonly dropped: number
}

/** Characters of lines that may wait, of one destination. */
export const MAX_WAITING = 1024 * 1024
/** Milliseconds that closing waits for a destination that takes nothing. */
const closeDeadlineMs = 1000

/**
 * Writes to a stream, standard output usually: Node.js writes to pipes and sockets without blocking, and `writableLength`
 * tells what they have not taken yet. Lines of one turn of the event loop are written together.
 */
export class StreamDestination implements LogDestination {
  private readonly stream: Writable
  private readonly queue: LineQueue
  private scheduled = false
  private broken = false

  constructor(stream: Writable, describeDrops: (count: number) => string) {
    this.stream = stream
    this.queue = new LineQueue(MAX_WAITING, describeDrops)
    stream.on('error', () => {
      this.broken = true
    })
  }

  get dropped(): number {
    return this.queue.dropped
  }

  write(line: string): void {
    if (this.broken) {
      this.queue.drop()
      return
    }
    this.queue.push(line, this.stream.writableLength)
    if (this.scheduled || this.queue.isEmpty) return
    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      this.flush()
    })
  }

  flush(): void {
    if (!this.queue.isEmpty && !this.broken) this.stream.write(this.queue.take().text)
  }

  /** Waits until the stream has taken everything; the stream stays open, since it belongs to the process. */
  async close(): Promise<void> {
    this.flush()
    if (this.stream.writableLength === 0 || this.broken) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, closeDeadlineMs)
      const done = (): void => {
        clearTimeout(timer)
        resolve()
      }
      this.stream.once('drain', done).once('error', done)
    })
  }
}
