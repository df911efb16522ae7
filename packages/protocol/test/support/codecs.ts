/** What every reader and writer of this package must hold to, whatever the record. */
import assert from 'node:assert/strict'
import { allocate, type Bytes } from '../../src/bytes.ts'
import { Input, JuteError, Output, encode, type Codec } from '../../src/jute.ts'

/** Encodes, decodes and encodes again: the same value, the same bytes, all of them read. */
export function assertRoundTrip<T>(codec: Pick<Codec<T>, 'read' | 'write'>, value: T): void {
  const bytes = written(codec, value)
  const input = new Input(bytes)
  const back = codec.read(input)
  assert.deepEqual(back, value)
  assert.equal(input.remaining, 0, 'bytes are left over')
  assert.ok(written(codec, back).equals(bytes), 'the second encoding differs')
}

function written<T>(codec: Pick<Codec<T>, 'write'>, value: T): Bytes {
  return encode({ ...codec, size: 0, read: () => value }, value)
}

/**
 * Cuts `bytes` at every length, and turns every bit of them: each reading gives a value or a JuteError, and never looks
 * at what lies behind the end.
 */
export function assertDamageIsHarmless(read: (input: Input) => unknown, bytes: Bytes): void {
  for (let length = 0; length < bytes.length; length++) assertContained(read, bytes.subarray(0, length))
  const damaged = allocate(bytes.length)
  for (let at = 0; at < bytes.length * 8; at++) {
    damaged.set(bytes)
    damaged[at >> 3] = (damaged[at >> 3] ?? 0) ^ (0x80 >> (at & 7))
    assertContained(read, damaged)
  }
}

/** The same bytes with different neighbours must read the same, and no reading may end beyond them. */
function assertContained(read: (input: Input) => unknown, bytes: Bytes): void {
  const [first, second] = [0x00, 0xff].map((neighbour) => {
    const around = allocate(bytes.length + 32)
    around.fill(neighbour)
    around.set(bytes, 16)
    return outcome(read, new Input(around, 16, 16 + bytes.length))
  })
  assert.deepEqual(first, second, 'the bytes behind the end were read')
}

function outcome(read: (input: Input) => unknown, input: Input): unknown {
  try {
    const value = structuredClone(read(input))
    assert.ok(input.offset <= input.end, 'the reader went beyond the end')
    return value
  } catch (error) {
    if (error instanceof JuteError) return error.message
    throw error
  }
}

/** `write` as bytes of their own. */
export function bytesWritten(write: (output: Output) => void): Bytes {
  const output = new Output(1)
  write(output)
  return output.written()
}
