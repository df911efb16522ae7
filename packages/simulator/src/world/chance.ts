/** Chance from a seed (sfc32): the same seed draws the same numbers on every machine. */
import type { Random } from '@meerkat/io'
import { allocate, type Bytes } from '@meerkat/protocol'

export class Chance implements Random {
  private a: number
  private b: number
  private c: number
  private counter = 1

  constructor(seed: number) {
    this.a = seed | 0
    this.b = Math.imul(seed, 0x9e3779b9) | 0
    this.c = ~seed
    for (let i = 0; i < 12; i++) this.word()
  }

  private word(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  fraction(): number {
    return this.word() / 0x1_0000_0000
  }

  bytes(count: number): Bytes {
    const bytes = allocate(count)
    for (let at = 0; at < count; at++) bytes[at] = this.word()
    return bytes
  }

  /** True with this probability. */
  happens(probability: number): boolean {
    return this.fraction() < probability
  }

  /** At least `from`, below `to`. */
  between(from: number, to: number): number {
    return from + this.fraction() * (to - from)
  }

  /** A whole number of at least 0, below `limit`. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit)
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }

  /** A key of `weights`, each as likely as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][]
    let rest = this.between(
      0,
      entries.reduce((sum, [, weight]) => sum + weight, 0),
    )
    for (const [key, weight] of entries) {
      rest -= weight
      if (rest < 0) return key
    }
    return this.pick(entries)[0]
  }

  /** A source of its own, so that what one part draws does not change what another does. */
  fork(): Chance {
    return new Chance(this.word())
  }
}
