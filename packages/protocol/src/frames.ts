/** Cutting a stream of bytes into frames: {int length | bytes}. */
import type { Bytes } from './bytes.ts'
import { allocate, NO_BYTES } from './bytes.ts'

export class FrameError extends Error {
  readonly code = 'FRAME'
}

/**
 * Hands on runs of whole frames, without copying where it can. A chunk that ends within a frame leaves its tail here,
 * at most one frame (`maxLength` and four bytes).
 */
export class FrameSplitter {
  private readonly maxLength: number
  private partial: Bytes = NO_BYTES
  private held = 0

  constructor(maxLength: number) {
    this.maxLength = maxLength
  }

  /** Bytes held back, waiting for the rest of their frame. */
  get pending(): number {
    return this.held
  }

  /**
   * Calls `deliver(bytes, start, end)` with runs of whole frames (lengths included), in order. Throws FrameError at a
   * length that is negative or above the limit, after the frames before it were delivered.
   */
  push(chunk: Bytes, deliver: (bytes: Bytes, start: number, end: number) => void): void {
    let start = 0
    if (this.held > 0) {
      start = this.fill(chunk)
      if (this.held < 4 || this.held < 4 + this.lengthOf(this.partial, 0)) return
      const whole = this.partial
      const end = this.held
      this.partial = NO_BYTES
      this.held = 0
      deliver(whole, 0, end)
    }
    const end = this.wholeFrames(chunk, start)
    if (end.at > start) deliver(chunk, start, end.at)
    if (end.problem !== undefined) throw new FrameError(end.problem)
    this.keep(chunk, end.at)
  }

  /** Moves what is missing of the held frame from the chunk; returns how much of the chunk was used. */
  private fill(chunk: Bytes): number {
    let used = 0
    if (this.held < 4) {
      used = Math.min(4 - this.held, chunk.length)
      chunk.copy(this.partial, this.held, 0, used)
      this.held += used
      if (this.held < 4) return used
    }
    const size = 4 + this.lengthOf(this.partial, 0)
    const more = Math.min(size - this.held, chunk.length - used)
    this.makeRoom(this.held + more, size)
    chunk.copy(this.partial, this.held, used, used + more)
    this.held += more
    return used + more
  }

  /** A frame's memory is taken when its bytes come, not when its length does: doubled, up to the frame's size. */
  private makeRoom(needed: number, size: number): void {
    if (this.partial.length >= needed) return
    const larger = allocate(Math.min(size, Math.max(needed, this.partial.length * 2)))
    this.partial.copy(larger, 0, 0, this.held)
    this.partial = larger
  }

  private wholeFrames(chunk: Bytes, start: number): { at: number; problem?: string } {
    let at = start
    while (chunk.length - at >= 4) {
      const length = readLength(chunk, at)
      if (length < 0 || length > this.maxLength) return { at, problem: this.problem(length) }
      if (chunk.length - at - 4 < length) break
      at += 4 + length
    }
    return { at }
  }

  private keep(chunk: Bytes, from: number): void {
    const rest = chunk.length - from
    if (rest === 0) return
    this.partial = allocate(Math.max(rest, 4))
    chunk.copy(this.partial, 0, from)
    this.held = rest
  }

  private lengthOf(bytes: Bytes, at: number): number {
    const length = readLength(bytes, at)
    if (length < 0 || length > this.maxLength) throw new FrameError(this.problem(length))
    return length
  }

  private problem(length: number): string {
    return `frame length ${length} is not within 0 and ${this.maxLength} (jute.maxbuffer)`
  }
}

function readLength(bytes: Bytes, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  )
}
