import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_BYTES, allocate, asBytes, bytesOf, copyOf, zeros } from '../src/bytes.ts'

test('a view shares the memory below, a copy does not', () => {
  const memory = Uint8Array.of(1, 2, 3, 4)
  const part = memory.subarray(1, 3)
  const view = asBytes(part)
  const copy = copyOf(part)
  memory[1] = 9
  assert.equal(view.toString('hex'), '0903')
  assert.equal(copy.toString('hex'), '0203')
})

test('allocated memory is nobody else’s', () => {
  assert.equal(allocate(10).buffer.byteLength, 10)
  assert.equal(copyOf(bytesOf('abc')).buffer.byteLength, 3)
  assert.equal(zeros(3).toString('hex'), '000000')
  assert.equal(NO_BYTES.length, 0)
})
