/**
 * Time that passes only when nothing is left to do: events run in order of their time, and what they awake (promises)
 * runs before the next one.
 */
interface Event {
  readonly at: number
  readonly order: number
  readonly run: () => void
  isCancelled: boolean
}

/** How many turns of the queue of promises one event may take before the next one runs; what is left goes on then. */
const TURNS = 16
const TURN = Promise.resolve()

export class VirtualTime {
  now = 0
  private readonly heap: Event[] = []
  private order = 0

  /** Runs something after so many milliseconds; the result takes it back. */
  after(delayMs: number, run: () => void): () => void {
    const event: Event = { at: this.now + Math.max(0, delayMs), order: this.order++, run, isCancelled: false }
    this.push(event)
    return () => {
      event.isCancelled = true
    }
  }

  /** Runs events until `isDone`, until none is left, or until `limitMs`. */
  async run(limitMs: number, isDone: () => boolean = () => false): Promise<void> {
    while (!isDone()) {
      if (this.heap.length === 0) await settled()
      const event = this.heap[0]
      if (event === undefined || event.at > limitMs) return
      this.pop()
      if (event.isCancelled) continue
      this.now = event.at
      event.run()
      for (let turn = 0; turn < TURNS; turn++) await TURN
    }
  }

  private push(event: Event): void {
    const { heap } = this
    let at = heap.push(event) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || isBefore(parent, event)) break
      heap[at] = parent
      at = above
    }
    heap[at] = event
  }

  private pop(): void {
    const { heap } = this
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      const left = heap[below]
      const right = heap[below + 1]
      if (left === undefined) break
      let least = left
      if (right !== undefined && isBefore(right, left)) {
        least = right
        below++
      }
      if (isBefore(last, least)) break
      heap[at] = least
      at = below
    }
    heap[at] = last
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** Every promise that can go on has. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
