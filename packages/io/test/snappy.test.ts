import { allocate, asBytes, bytesOf, copyOf, type Bytes } from '@meerkat/protocol'
import fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compressBlock, decompressBlock, MAX_BLOCK, MAX_COMPRESSED, SnappyError } from '../src/snappy.ts'

function compressed(bytes: Bytes): Bytes {
  const target = allocate(MAX_COMPRESSED)
  return target.subarray(0, compressBlock(bytes, target, 0))
}

/** Bytes that repeat in part, as paths and stats do. */
const texts = fc
  .array(fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(bytesOf('/app/lock-'), Buffer.alloc(60))), {
    maxLength: 300,
  })
  .map((parts) => asBytes(Buffer.concat(parts)).subarray(0, MAX_BLOCK))

test('What is compressed is decompressed to the same', () => {
  fc.assert(fc.property(texts, (bytes) => decompressBlock(compressed(bytes), MAX_BLOCK).equals(bytes)))
})

test('The longest block, of one byte and of noise, survives', () => {
  const noise = asBytes(Buffer.from(Array.from({ length: MAX_BLOCK }, (_, i) => Math.imul(i, 2654435761) >>> 24)))
  for (const bytes of [noise, asBytes(Buffer.alloc(MAX_BLOCK, 1))]) {
    assert.ok(decompressBlock(compressed(bytes), MAX_BLOCK).equals(bytes))
  }
  assert.ok(compressed(asBytes(Buffer.alloc(MAX_BLOCK, 1))).length < 2000)
})

test('Literals and copies of every kind are read', () => {
  const literal = (size: number, tag: string): string => tag + '61'.repeat(size)
  const read = (hex: string): string => decompressBlock(bytesOf(hex, 'hex'), 70_000).toString()
  assert.equal(read('03' + literal(3, '08')), 'aaa')
  assert.equal(read('4b' + literal(75, 'f04a')), 'a'.repeat(75))
  assert.equal(read('ac02' + literal(300, 'f42b01')), 'a'.repeat(300))
  assert.equal(read('ac02' + literal(300, 'f82b0100')), 'a'.repeat(300))
  assert.equal(read('060461620102'), 'ababab')
  assert.equal(read('060461620e0200'), 'ababab')
  assert.equal(read('060461620f02000000'), 'ababab')
})

test('A damaged block is an error or other bytes, never more than was said', () => {
  const block = compressed(asBytes(Buffer.from('abcabcabcabcabc-abcabcabcabd'.repeat(9))))
  for (let at = 0; at < block.length; at++) {
    for (const bit of [1, 4, 16, 128]) {
      const damaged = copyOf(block)
      damaged[at] = (damaged[at] as number) ^ bit
      try {
        assert.ok(decompressBlock(damaged, 1000).length <= 1000)
      } catch (error) {
        assert.ok(error instanceof SnappyError, String(error))
      }
    }
    assert.throws(() => decompressBlock(block.subarray(0, at), 1000), SnappyError)
  }
})

test('A copy from before the start, or from nowhere, is an error', () => {
  for (const hex of ['0400610103', '04006101', '0500610100', '']) {
    assert.throws(() => decompressBlock(bytesOf(hex, 'hex'), 100), SnappyError, hex)
  }
})
