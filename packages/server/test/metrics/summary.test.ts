import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CounterSet, MAX_KEYS, Summary } from '../../src/metrics/summary.ts'

describe('a summary', () => {
  it('shows zeros before its first value, and no quantile', () => {
    const summary = new Summary('lifetime')
    assert.deepEqual(
      [summary.count, summary.sum, summary.min, summary.max, summary.average, summary.quantile(0.5)],
      [0, 0, 0, 0, 0, undefined],
    )
  })

  it('rounds its average to four decimals', () => {
    const summary = new Summary('none')
    for (const value of [1, 2, 2]) summary.add(value)
    assert.equal(summary.average, 1.6667)
    assert.deepEqual([summary.min, summary.max, summary.count, summary.sum], [1, 2, 3, 5])
  })

  it('has quantiles that are exact below 64 and within two percent above', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(2 ** 31 - 1), { minLength: 1, maxLength: 300 }),
        fc.constantFrom(0.5, 0.9, 0.95, 0.99, 0.999),
        (values, fraction) => {
          const summary = new Summary('lifetime')
          for (const value of values) summary.add(value)
          const sorted = values.toSorted((a, b) => a - b)
          const exact = sorted[Math.max(1, Math.ceil(fraction * sorted.length)) - 1] ?? NaN
          const found = summary.quantile(fraction) ?? NaN
          const error = Math.abs(found - exact)
          assert.ok(exact < 64 ? error === 0 : error <= 0.02 * exact, `${found} for ${exact}`)
        },
      ),
    )
  })

  it('takes fractions and values beyond every bucket', () => {
    const summary = new Summary('lifetime')
    for (const value of [0.4, 3.9, 1e12]) summary.add(value)
    assert.equal(summary.quantile(0.5), 3)
    assert.equal(summary.max, 1e12)
    assert.ok((summary.quantile(1) ?? 0) > 2 ** 30)
  })

  it('forgets values after two periods where it tells of recent ones', () => {
    const summary = new Summary('recent')
    summary.add(7)
    summary.rotate()
    assert.equal(summary.quantile(0.5), 7)
    summary.add(9)
    summary.rotate()
    assert.equal(summary.quantile(0.5), 9)
    summary.rotate()
    assert.equal(summary.quantile(0.5), undefined)
    assert.equal(summary.count, 2, 'the count is of all time')
  })

  it('keeps no histogram where no quantile is shown', () => {
    const summary = new Summary('none')
    summary.add(5)
    assert.equal(summary.quantile(0.5), undefined)
  })

  it('is empty after a reset', () => {
    const summary = new Summary('lifetime')
    summary.add(5)
    summary.reset()
    assert.deepEqual([summary.count, summary.max, summary.quantile(0.5)], [0, 0, undefined])
  })
})

describe('a set by key', () => {
  it('holds a bounded number of keys, since clients choose them', () => {
    const set = new CounterSet()
    for (let key = 0; key < MAX_KEYS + 10; key++) set.add(String(key), 1)
    set.add('0', 1)
    assert.equal(set.counters.size, MAX_KEYS)
    assert.equal(set.counters.get('0')?.value, 2)
  })
})
