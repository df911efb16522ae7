import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as zlib from 'node:zlib'
import fc from 'fast-check'
import { requirePeer } from '../../../test/support/peers.ts'
import { asBytes, bytesOf } from '../src/bytes.ts'
import { adler32, crc32 } from '../src/checksums.ts'
import { askJava } from './support/javaFacts.ts'

/** Adler-32 as RFC 1950 defines it, a byte and two divisions at a time. */
function plainAdler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0]
  for (const byte of bytes) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  return b * 65536 + a
}

const wholeOf = (bytes: Uint8Array): [Uint8Array, number, number] => [bytes, 0, bytes.length]
const someBytes = fc.uint8Array({ maxLength: 300 })

test('CRC-32 is that of zlib, continued from any seed, over any part', () => {
  fc.assert(
    fc.property(someBytes, fc.nat(300), fc.nat(300), fc.integer(), (bytes, from, to, seed) => {
      const [start, end] = [Math.min(from, to, bytes.length), Math.min(Math.max(from, to), bytes.length)]
      assert.equal(crc32(bytes, start, end, seed) >>> 0, zlib.crc32(bytes.subarray(start, end), seed >>> 0))
    }),
    { numRuns: 2000 },
  )
})

test('checksums continued part by part are those of the whole', () => {
  fc.assert(
    fc.property(someBytes, fc.nat(300), (bytes, cutAt) => {
      const middle = Math.min(cutAt, bytes.length)
      assert.equal(crc32(bytes, middle, bytes.length, crc32(bytes, 0, middle)), crc32(...wholeOf(bytes)))
      assert.equal(adler32(bytes, middle, bytes.length, adler32(bytes, 0, middle)), adler32(...wholeOf(bytes)))
    }),
  )
})

test('Adler-32 is that of RFC 1950, also where the sums must be reduced', () => {
  fc.assert(fc.property(someBytes, (bytes) => assert.equal(adler32(...wholeOf(bytes)), plainAdler32(bytes))))
  for (const length of [5551, 5552, 5553, 11104, 11105, 100_000, 1_048_575]) {
    const worst = new Uint8Array(length).fill(0xff)
    assert.equal(adler32(...wholeOf(worst)), plainAdler32(worst))
  }
})

test('the checksums have the values that are known', () => {
  assert.equal(crc32(...wholeOf(bytesOf('123456789'))) >>> 0, 0xcbf43926)
  assert.equal(crc32(...wholeOf(bytesOf(''))), 0)
  assert.equal(adler32(...wholeOf(bytesOf('Wikipedia'))), 0x11e60398)
  assert.equal(adler32(...wholeOf(bytesOf(''))), 1)
})

test('CRC-32 is a signed 32-bit number, Adler-32 an unsigned one', () => {
  assert.equal(crc32(...wholeOf(bytesOf('123456789'))), 0xcbf43926 | 0)
  assert.ok(adler32(...wholeOf(new Uint8Array(4000).fill(0xff))) >= 0)
})

test('the digests of the znodes of an empty tree are CRC-32 values of path, data and Stat', () => {
  const empty = asBytes(new Uint8Array(60))
  const digestOf = (path: string): number => crc32(empty, 0, 60, crc32(...wholeOf(bytesOf(path)))) >>> 0
  assert.equal(digestOf(''), 68323592)
  assert.equal(digestOf('/zookeeper'), 1303661912)
})

test('both checksums are those of java.util.zip', (t) => {
  if (requirePeer(t, 'apache-3.9.4') === undefined) return
  const values = fc.sample(fc.uint8Array({ maxLength: 500 }), { numRuns: 300, seed: 1 }).map(asBytes)
  const crc = askJava(values.map((bytes) => `crc32 ${bytes.toString('hex')}`))
  const adler = askJava(values.map((bytes) => `adler32 ${bytes.toString('hex')}`))
  values.forEach((bytes, i) => {
    assert.equal(String(crc32(...wholeOf(bytes)) >>> 0), crc[i])
    assert.equal(String(adler32(...wholeOf(bytes))), adler[i])
  })
})
