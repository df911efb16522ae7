import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ConnectionThrottle, type ConnectionThrottleSettings } from '../../src/limits/connectionThrottle.ts'

const settings: ConnectionThrottleSettings = {
  tokens: 5,
  fillTimeMs: 10,
  fillCount: 2,
  freezeTimeMs: -1,
  dropIncrease: 0.25,
  dropDecrease: 0.1,
  decreaseRatio: 0,
}

function throttle(changes: Partial<ConnectionThrottleSettings> = {}, fraction = () => 0.5): ConnectionThrottle {
  return new ConnectionThrottle({ ...settings, ...changes }, { nowMs: 0, fraction })
}

describe('The connection throttle', () => {
  it('lets as many through at once as there are tokens, and then none', () => {
    const bucket = throttle()
    const admitted = Array.from({ length: 7 }, () => bucket.admits(1, 0))
    assert.deepEqual(admitted, [true, true, true, true, true, false, false])
    assert.equal(bucket.deficit, 5)
  })

  it('turns away what costs more than is left, and leaves what is left', () => {
    const bucket = throttle()
    assert.equal(bucket.admits(3, 0), true)
    assert.equal(bucket.admits(3, 0), false)
    assert.equal(bucket.admits(2, 0), true)
  })

  for (const [elapsedMs, tokens] of [
    [10, 0],
    [11, 2],
    [14, 2],
    [15, 3],
    [20, 4],
    [1000, 5],
  ] as const) {
    it(`has ${tokens} tokens again ${elapsedMs} ms after it was emptied`, () => {
      const bucket = throttle()
      bucket.admits(5, 0)
      bucket.admits(6, elapsedMs)
      assert.equal(5 - bucket.deficit, tokens)
    })
  }

  it('never admits more in a time than the tokens and what filled up', () => {
    const arrivals = fc.array(fc.record({ afterMs: fc.nat(40), cost: fc.integer({ min: 1, max: 3 }) }))
    fc.assert(
      fc.property(arrivals, (steps) => {
        const bucket = throttle({ freezeTimeMs: 5 })
        let nowMs = 0
        let spent = 0
        for (const { afterMs, cost } of steps) {
          nowMs += afterMs
          if (bucket.admits(cost, nowMs)) spent += cost
          assert.ok(spent <= 5 + (nowMs * 2) / 10)
          assert.ok(bucket.deficit >= 0 && bucket.deficit <= 5)
          assert.ok(bucket.dropProbability >= 0 && bucket.dropProbability <= 1)
        }
      }),
    )
  })

  it('turns away nobody by chance where the freeze time is -1', () => {
    const bucket = throttle({}, () => 0)
    bucket.admits(5, 0)
    bucket.admits(1, 5)
    assert.equal(bucket.dropProbability, 0)
    assert.equal(bucket.admits(1, 100), true)
  })

  it('raises the chance to be turned away at most once a freeze time while it is empty, up to certainty', () => {
    const bucket = throttle({ fillCount: 0, freezeTimeMs: 100 })
    bucket.admits(5, 0)
    const chances = [50, 101, 150, 202, 303, 404, 505].map((nowMs) => {
      bucket.admits(1, nowMs)
      return bucket.dropProbability
    })
    assert.deepEqual(chances, [0, 0.25, 0.25, 0.5, 0.75, 1, 1])
  })

  it('lowers it while no more than the given share of the tokens is missing', () => {
    const bucket = throttle({ freezeTimeMs: 100, fillCount: 0, decreaseRatio: 0.4 }, () => 0.99)
    bucket.admits(5, 0)
    bucket.admits(1, 101)
    assert.equal(bucket.dropProbability, 0.25)
    const refilled = throttle({ freezeTimeMs: 100, decreaseRatio: 0.4 }, () => 0.99)
    refilled.admits(5, 0)
    refilled.admits(1, 5)
    assert.equal(refilled.dropProbability, 0)
  })

  it('draws lots with that chance, tokens or not', () => {
    const drawn = [0.24, 0.25]
    const bucket = throttle({ freezeTimeMs: 10, fillTimeMs: 100, fillCount: 5 }, () => drawn.shift() ?? 0.99)
    bucket.admits(5, 0)
    assert.equal(bucket.dropProbability, 0)
    drawn.unshift(0.99)
    assert.equal(bucket.admits(1, 50), false)
    assert.equal(bucket.dropProbability, 0.25)
  })
})
