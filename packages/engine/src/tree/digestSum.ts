/** The 64-bit wrapping sum of znodes' digests that is a tree's digest (server.util.AdHash). */
import type { Digest } from '@meerkat/protocol'

const TWO_TO_32 = 0x1_0000_0000

export class DigestSum {
  private high = 0
  private low = 0

  get value(): Digest {
    return { high: this.high, low: this.low }
  }

  set(other: DigestSum): void {
    this.high = other.high
    this.low = other.low
  }

  equals(other: Digest): boolean {
    return this.high === other.high && this.low === other.low
  }

  /** `digest` is an unsigned 32-bit value. */
  add(digest: number): void {
    this.low += digest
    if (this.low < TWO_TO_32) return
    this.low -= TWO_TO_32
    this.high = (this.high + 1) >>> 0
  }

  subtract(digest: number): void {
    this.low -= digest
    if (this.low >= 0) return
    this.low += TWO_TO_32
    this.high = (this.high - 1) >>> 0
  }
}
