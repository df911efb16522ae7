/**
 * Sends to many clients at once from two threads: a send is a system call of several microseconds, and thousands of
 * watchers of one znode wait for theirs one after the other. Nothing is closed meanwhile, so no descriptor can change
 * hands: the main thread sends as well, and goes on when all is sent.
 */
import { extname } from 'node:path'
import { Batch, batchMemory } from './batch.ts'

export interface FanOutOptions {
  /** The second thread ends when it was not needed for so long. */
  readonly idleMs?: number
  readonly onError: (error: Error) => void
}

/** What a batch holds at most; the rest is sent as usual. */
const MAX_SENDS = 65_536
const MAX_BYTES = 4 * 1024 * 1024
const IDLE_MS = 60_000
const HELPER = new URL(`./helper${extname(import.meta.filename)}`, import.meta.url)

export class FanOut {
  private readonly options: FanOutOptions
  private batch: Batch | undefined
  private idle: NodeJS.Timeout | undefined
  private isBroken = false

  constructor(options: FanOutOptions) {
    this.options = options
  }

  /** An empty batch, to be filled and given to `send`. */
  begin(): Batch {
    this.batch ??= this.start()
    this.batch.clear()
    return this.batch
  }

  /** Sends what was added; then `batch.sent` tells how much of each. */
  send(batch: Batch): void {
    this.idle ??= setTimeout(() => this.stop(), this.options.idleMs ?? IDLE_MS).unref()
    this.idle.refresh()
    batch.open()
    batch.takeShares()
    batch.waitUntilDone()
  }

  /** Ends the second thread; the next `begin` starts another one. */
  stop(): void {
    clearTimeout(this.idle)
    this.idle = undefined
    this.batch?.end()
    this.batch = undefined
  }

  private start(): Batch {
    const memory = batchMemory({ sends: MAX_SENDS, bytes: MAX_BYTES })
    const batch = new Batch(memory)
    if (this.isBroken) return batch
    const resourceLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 }
    // Loaded only here: threads cost memory, and most servers never need one.
    const { Worker } = process.getBuiltinModule('node:worker_threads')
    const worker = new Worker(HELPER, { name: 'fan-out', workerData: memory, resourceLimits })
    worker.unref()
    worker.once('error', (error: Error) => {
      this.isBroken = true
      this.options.onError(error)
    })
    return batch
  }
}
