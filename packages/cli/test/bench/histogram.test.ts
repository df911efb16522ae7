import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LatencyHistogram } from '../../src/bench/histogram.ts'

test('quantiles are within a hundredth of the true ones', () => {
  const latencies = new LatencyHistogram()
  for (let i = 1; i <= 10_000; i++) latencies.add(i / 100)
  for (const [fraction, expected] of [
    [0.5, 50],
    [0.99, 99],
    [0.999, 99.9],
    [1, 100],
  ] as const) {
    assert.ok(Math.abs(latencies.quantile(fraction) / expected - 1) < 0.011, `${fraction}`)
  }
  assert.equal(latencies.max, 100)
})

test('nothing measured is zero', () => {
  assert.equal(new LatencyHistogram().quantile(0.99), 0)
})
