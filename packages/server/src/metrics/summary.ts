/** The numbers that grow: counters and summaries, plain fields so that adding costs a few nanoseconds and no allocation. */
import { Histogram } from './histogram.ts'

export class Counter {
  value = 0

  add(delta: number): void {
    this.value += delta
  }

  reset(): void {
    this.value = 0
  }
}

/** Counters by key: by namespace, by server. */
export class CounterSet {
  readonly counters = new Map<string, Counter>()

  add(key: string, delta: number): void {
    entryOf(this.counters, key, newCounter)?.add(delta)
  }

  reset(): void {
    for (const counter of this.counters.values()) counter.reset()
  }
}

/** Which values the quantiles of a summary are taken from; `none` keeps no histogram. */
export type QuantileSpan = 'none' | 'lifetime' | 'recent'

/** How many values there were, their sum, least and greatest, and, where asked for, their distribution. */
export class Summary {
  count = 0
  sum = 0
  least = Infinity
  greatest = -Infinity
  /** Made at the first value: most summaries of most servers never have one. */
  private current: Histogram | undefined
  private previous: Histogram | undefined
  private readonly span: QuantileSpan

  constructor(span: QuantileSpan) {
    this.span = span
  }

  /** Adds a value that is not negative: milliseconds, bytes, a length. */
  add(value: number): void {
    this.count++
    this.sum += value
    if (value < this.least) this.least = value
    if (value > this.greatest) this.greatest = value
    if (this.current !== undefined) this.current.add(value)
    else if (this.span !== 'none') this.begin(value)
  }

  get min(): number {
    return this.count === 0 ? 0 : this.least
  }

  get max(): number {
    return this.count === 0 ? 0 : this.greatest
  }

  /** To four decimals, as Apache shows it. */
  get average(): number {
    return this.count === 0 ? 0 : Math.round((this.sum / this.count) * 10_000) / 10_000
  }

  /** The value that this fraction of the values does not exceed; undefined without values. */
  quantile(fraction: number): number | undefined {
    if (this.current === undefined) return undefined
    return this.current.quantile(fraction, this.previous)
  }

  /** Ends a period: with span `recent`, quantiles are of this period and the one before. */
  rotate(): void {
    if (this.span !== 'recent' || this.current === undefined) return
    const emptied = this.previous ?? new Histogram()
    emptied.clear()
    this.previous = this.current
    this.current = emptied
  }

  reset(): void {
    this.count = 0
    this.sum = 0
    this.least = Infinity
    this.greatest = -Infinity
    this.current?.clear()
    this.previous?.clear()
  }

  private begin(value: number): void {
    this.current = new Histogram()
    this.current.add(value)
  }
}

/** Summaries by key. */
export class SummarySet {
  readonly summaries = new Map<string, Summary>()
  private readonly make: () => Summary

  constructor(span: QuantileSpan) {
    this.make = () => new Summary(span)
  }

  add(key: string, value: number): void {
    this.of(key)?.add(value)
  }

  /** The summary of a key, which stays the same; undefined when there are too many keys. */
  of(key: string): Summary | undefined {
    return entryOf(this.summaries, key, this.make)
  }

  rotate(): void {
    for (const summary of this.summaries.values()) summary.rotate()
  }

  reset(): void {
    for (const summary of this.summaries.values()) summary.reset()
  }
}

/**
 * Keys come from clients (the first element of a path), so a set holds at most this many; what belongs to further keys
 * is not counted.
 */
export const MAX_KEYS = 1000

function newCounter(): Counter {
  return new Counter()
}

function entryOf<T>(map: Map<string, T>, key: string, make: () => T): T | undefined {
  const known = map.get(key)
  if (known !== undefined) return known
  if (map.size >= MAX_KEYS) return undefined
  const made = make()
  map.set(key, made)
  return made
}
