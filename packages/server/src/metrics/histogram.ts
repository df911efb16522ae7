/**
 * A distribution of values that are not negative, in a fixed array: every whole number below 64 has a bucket of its
 * own, above that each power of two is cut into 32, so a quantile is exact up to 63 and within 1.6 % beyond.
 */
const EXACT = 64
const PER_POWER = 32
/** Powers 2^6 to 2^30. */
const POWERS = 25
const BUCKETS = EXACT + POWERS * PER_POWER
/** Values from here on share the last bucket. */
const LARGEST = 2 ** 31 - 1

export class Histogram {
  private readonly counts = new Float64Array(BUCKETS)

  add(value: number): void {
    const bucket = bucketOf(value)
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
  }

  clear(): void {
    this.counts.fill(0)
  }

  /** The value that this fraction of all values of this histogram, and of `other`, does not exceed. */
  quantile(fraction: number, other?: Histogram): number | undefined {
    const at = (bucket: number): number => (this.counts[bucket] ?? 0) + (other?.counts[bucket] ?? 0)
    let total = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) total += at(bucket)
    if (total === 0) return undefined
    const rank = Math.max(1, Math.ceil(fraction * total))
    let seen = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += at(bucket)
      if (seen >= rank) return middleOf(bucket)
    }
    return LARGEST
  }
}

function bucketOf(value: number): number {
  if (value < EXACT) return value < 0 ? 0 : value | 0
  if (value >= LARGEST) return BUCKETS - 1
  const whole = value | 0
  const power = 31 - Math.clz32(whole)
  return EXACT + (power - 6) * PER_POWER + ((whole >>> (power - 5)) & (PER_POWER - 1))
}

function middleOf(bucket: number): number {
  if (bucket < EXACT) return bucket
  const power = 6 + Math.floor((bucket - EXACT) / PER_POWER)
  const width = 2 ** (power - 5)
  const least = (PER_POWER + ((bucket - EXACT) % PER_POWER)) * width
  return least + Math.floor((width - 1) / 2)
}
