import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FlushTiming } from '../../src/limits/flushTiming.ts'

const settings = { delayMs: 30, maxIdleMs: 10, maxBatchSize: 100 }

describe('A group of transactions', () => {
  it('goes at once when the last one is longer ago than the delay', () => {
    const timing = new FlushTiming(settings, 0)
    assert.equal(timing.waitMs(1, 30), 0)
  })

  it('goes when no transaction came for a while', () => {
    const timing = new FlushTiming(settings, 0)
    assert.equal(timing.waitMs(1, 2), 10)
    assert.equal(timing.waitMs(1, 5), 7)
    assert.equal(timing.waitMs(2, 8), 10)
    assert.equal(timing.waitMs(2, 18), 0)
  })

  it('goes when the delay is over, although transactions keep coming', () => {
    const timing = new FlushTiming(settings, 0)
    const waits = [2, 10, 18, 25, 30].map((nowMs, more) => timing.waitMs(more + 1, nowMs))
    assert.deepEqual(waits, [10, 10, 10, 5, 0])
  })

  it('goes when it is as large as a batch', () => {
    const timing = new FlushTiming(settings, 0)
    assert.ok(timing.waitMs(99, 1) > 0)
    assert.equal(timing.waitMs(100, 1), 0)
  })

  it('waits anew after the one before', () => {
    const timing = new FlushTiming(settings, 0)
    timing.waitMs(100, 1)
    timing.flushed(4)
    assert.equal(timing.waitMs(1, 5), 10)
    assert.equal(timing.waitMs(2, 30), 4)
  })

  it('never waits for longer than the delay after the one before, nor than the idle time when none come', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ afterMs: fc.nat(8), more: fc.nat(3) }), { maxLength: 60 }), (steps) => {
        const timing = new FlushTiming(settings, 0)
        let [nowMs, waiting, flushedAt] = [0, 0, 0]
        for (const { afterMs, more } of steps) {
          nowMs += afterMs
          waiting += more
          const waitMs = timing.waitMs(waiting, nowMs)
          assert.ok(waitMs <= settings.maxIdleMs)
          assert.ok(waiting === 0 || nowMs + waitMs <= Math.max(flushedAt + settings.delayMs, nowMs))
          if (waitMs > 0 || waiting === 0) continue
          timing.flushed(nowMs)
          waiting = 0
          flushedAt = nowMs
        }
      }),
    )
  })
})
