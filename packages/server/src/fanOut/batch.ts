/**
 * Sends that several threads share, in memory that all of them see. One thread fills a batch and opens it; then each
 * takes shares of it until none is left. Who comes too late finds nothing to do, so nobody waits for a thread to wake up.
 */
import { writeSync } from 'node:fs'

export interface BatchMemory {
  /** The numbers of `Field`, then for each send its descriptor, offset and length in `bytes`, and what of it was sent. */
  readonly control: Int32Array<SharedArrayBuffer>
  readonly bytes: Uint8Array<SharedArrayBuffer>
}

/** Turn: goes up when a batch opens. Next: the first send that nobody took. Done: sends that are over. */
const Field = { turn: 0, next: 1, count: 2, done: 3, isLast: 4 } as const
const FIRST_SEND = 8
const SEND_FIELDS = 4
/** Sends that a thread takes at a time. */
const SHARE = 32
/** Value of `next` while a batch is not open. */
const CLOSED = 2 ** 30
/** A share takes less than a millisecond. */
const STUCK_MS = 10_000

export function batchMemory({ sends, bytes }: { sends: number; bytes: number }): BatchMemory {
  return {
    control: new Int32Array(new SharedArrayBuffer(4 * (FIRST_SEND + SEND_FIELDS * sends))),
    bytes: new Uint8Array(new SharedArrayBuffer(bytes)),
  }
}

export class Batch {
  private readonly control: Int32Array<SharedArrayBuffer>
  private readonly bytes: Uint8Array<SharedArrayBuffer>
  private readonly capacity: number
  private count = 0
  private length = 0

  constructor({ control, bytes }: BatchMemory) {
    this.control = control
    this.bytes = bytes
    this.capacity = Math.floor((control.length - FIRST_SEND) / SEND_FIELDS)
  }

  // --- the thread that fills it ---

  clear(): void {
    Atomics.store(this.control, Field.next, CLOSED)
    this.count = 0
    this.length = 0
  }

  /** Adds a copy of `bytes`; answers the number of the send, or undefined if the batch is full. */
  add(descriptor: number, bytes: Uint8Array): number | undefined {
    if (this.count === this.capacity || this.length + bytes.length > this.bytes.length) return undefined
    this.bytes.set(bytes, this.length)
    const { control } = this
    const place = this.placeOf(this.count)
    control[place] = descriptor
    control[place + 1] = this.length
    control[place + 2] = bytes.length
    control[place + 3] = 0
    this.length += bytes.length
    return this.count++
  }

  /** From here on every thread may take shares. */
  open(): void {
    const { control } = this
    Atomics.store(control, Field.count, this.count)
    Atomics.store(control, Field.done, 0)
    Atomics.store(control, Field.next, 0)
    this.wake()
  }

  /** Waits until those who took a share have sent it. */
  waitUntilDone(): void {
    for (let done = this.done(); done < this.count; done = this.done()) {
      const woken = Atomics.wait(this.control, Field.done, done, STUCK_MS)
      if (woken === 'timed-out') throw new Error('a thread that sends to clients does not finish')
    }
  }

  private done(): number {
    return Atomics.load(this.control, Field.done)
  }

  /** Bytes that went out; the rest met a full socket or a broken one. */
  sent(send: number): number {
    return this.control[this.placeOf(send) + 3] ?? 0
  }

  /** There are no more batches: `waitForBatch` answers false. */
  end(): void {
    Atomics.store(this.control, Field.isLast, 1)
    this.wake()
  }

  private wake(): void {
    Atomics.add(this.control, Field.turn, 1)
    Atomics.notify(this.control, Field.turn)
  }

  // --- every thread ---

  /** Sends what nobody took, a share at a time. */
  takeShares(): void {
    const { control } = this
    for (;;) {
      const from = Atomics.add(control, Field.next, SHARE)
      const to = Math.min(from + SHARE, Atomics.load(control, Field.count))
      if (from >= to) return
      for (let send = from; send < to; send++) this.send(this.placeOf(send))
      Atomics.add(control, Field.done, to - from)
      Atomics.notify(control, Field.done)
    }
  }

  private send(place: number): void {
    const { bytes, control } = this
    try {
      control[place + 3] = writeSync(control[place] ?? -1, bytes, control[place + 1], control[place + 2])
    } catch {
      // Full or broken: whoever filled the batch sees that nothing was sent, and meets the same.
    }
  }

  private placeOf(send: number): number {
    return FIRST_SEND + SEND_FIELDS * send
  }

  // --- the threads that help ---

  get turn(): number {
    return Atomics.load(this.control, Field.turn)
  }

  /** Waits for a batch after `turn`; false if there will be none. */
  waitForBatch(turn: number): boolean {
    Atomics.wait(this.control, Field.turn, turn)
    return Atomics.load(this.control, Field.isLast) === 0
  }
}
