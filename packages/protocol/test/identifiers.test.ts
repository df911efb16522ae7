import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { requirePeer } from '../../../test/support/peers.ts'
import { counterOf, epochOf, sessionIdOf, toHex, zxidFrom, zxidOf } from '../src/identifiers.ts'
import { decode, encode, zxid } from '../src/jute.ts'
import { long } from './support/arbitraries.ts'
import { askJava } from './support/javaFacts.ts'

const epoch = fc.integer({ min: 0, max: 2 ** 21 - 1 })
const counter = fc.integer({ min: 0, max: 0xffffffff })

test('a zxid is an epoch and a counter', () => {
  fc.assert(
    fc.property(epoch, counter, (epoch, counter) => {
      const both = zxidFrom({ epoch, counter })
      assert.deepEqual([epochOf(both), counterOf(both)], [epoch, counter])
      assert.equal(toHex(both), ((BigInt(epoch) << 32n) | BigInt(counter)).toString(16))
      assert.equal(decode(zxid, encode(zxid, both)), both)
    }),
  )
})

test('zxids are ordered by epoch, then by counter', () => {
  const last = zxidFrom({ epoch: 1, counter: 0xffffffff })
  assert.equal(last + 1, zxidFrom({ epoch: 2, counter: 0 }))
  assert.ok(zxidOf(5) < last)
})

test('a session id is a signed 64-bit number', () => {
  assert.equal(sessionIdOf(0xfe00000000000001n), -0x1ffffffffffffffn)
  assert.equal(sessionIdOf(1n << 64n), 0n)
  assert.equal(toHex(sessionIdOf(0xfe00000000000001n)), 'fe00000000000001')
})

test("hexadecimal is Java's Long.toHexString: two's complement, no padding", (t) => {
  assert.equal(toHex(-1), 'f'.repeat(16))
  assert.equal(toHex(0), '0')
  assert.equal(toHex(0x10000000a), '10000000a')
  if (requirePeer(t, 'apache-3.9.4') === undefined) return
  const values = fc.sample(long, { numRuns: 200, seed: 1 })
  assert.deepEqual(values.map(toHex), askJava(values.map((value) => `hex ${value}`)))
})
