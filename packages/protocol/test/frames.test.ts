import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { asBytes, type Bytes } from '../src/bytes.ts'
import { FrameError, FrameSplitter } from '../src/frames.ts'
import { frameOf } from '../src/handshake.ts'
import { DEFAULT_MAX_BUFFER } from '../src/operations.ts'

const LIMIT = 64

/** Frames, in hexadecimal, that a splitter cuts out of chunks. */
function split(chunks: readonly Bytes[], limit = LIMIT): string[] {
  const splitter = new FrameSplitter(limit)
  const frames: string[] = []
  for (const chunk of chunks) {
    // A socket's memory may be used again once it was handed over, but not while frames of it are at work.
    splitter.push(Buffer.from(chunk), (bytes, start, end) => frames.push(...cut(bytes, start, end)))
  }
  assert.equal(splitter.pending, 0)
  return frames
}

function cut(run: Bytes, start: number, end: number): string[] {
  const frames: string[] = []
  let at = start
  while (at < end) {
    const length = Buffer.from(run).readInt32BE(at)
    frames.push(run.toString('hex', at + 4, at + 4 + length))
    at += 4 + length
  }
  assert.equal(at, end, 'a run ends within a frame')
  return frames
}

function framed(bodies: readonly Uint8Array[]): Bytes {
  return asBytes(Buffer.concat(bodies.map((body) => frameOf((output) => output.raw(asBytes(body), 0, body.length)))))
}

const hexOf = (bodies: readonly Uint8Array[]): string[] => bodies.map((body) => asBytes(body).toString('hex'))
const bodies = fc.array(fc.uint8Array({ maxLength: LIMIT }), { maxLength: 8 })

test('frames cut at every position come out the same', () => {
  fc.assert(
    fc.property(bodies, (values) => {
      const stream = framed(values)
      for (let at = 0; at <= stream.length; at++) {
        assert.deepEqual(split([stream.subarray(0, at), stream.subarray(at)]), hexOf(values))
      }
    }),
    { numRuns: 30 },
  )
})

test('frames cut at any number of positions, byte by byte too, come out the same', () => {
  fc.assert(
    fc.property(bodies, fc.array(fc.nat(), { maxLength: 20 }), (values, cuts) => {
      const stream = framed(values)
      const borders = [0, ...cuts.map((at) => at % (stream.length + 1)), stream.length].toSorted((a, b) => a - b)
      const chunks = borders.slice(1).map((border, i) => stream.subarray(borders[i], border))
      assert.deepEqual(split(chunks), hexOf(values))
      assert.deepEqual(split(Array.from(stream, (_, at) => stream.subarray(at, at + 1))), hexOf(values))
    }),
  )
})

test('a frame as long as the limit passes, one that is a byte longer or of negative length does not', () => {
  assert.deepEqual(split([framed([new Uint8Array(LIMIT)])]), ['00'.repeat(LIMIT)])
  assert.equal(split([framed([new Uint8Array(DEFAULT_MAX_BUFFER)])], DEFAULT_MAX_BUFFER).length, 1)
  const lengths: [number, number][] = [
    [LIMIT + 1, LIMIT],
    [DEFAULT_MAX_BUFFER + 1, DEFAULT_MAX_BUFFER],
    [0x7fffffff, LIMIT],
    [-1, LIMIT],
    [-0x80000000, LIMIT],
  ]
  for (const [length, limit] of lengths) {
    const head = Buffer.alloc(4)
    head.writeInt32BE(length)
    for (const cutAt of [1, 2, 3, 4]) {
      assert.throws(
        () => split([head.subarray(0, cutAt), head.subarray(cutAt)], limit),
        (error: unknown) => error instanceof FrameError && error.message.includes(String(length)),
      )
    }
  }
})

test('the frames before an impossible length are delivered first', () => {
  const splitter = new FrameSplitter(LIMIT)
  const seen: string[] = []
  const chunk = asBytes(Buffer.concat([framed([Uint8Array.of(1), Uint8Array.of(2)]), Buffer.alloc(4, 0xff)]))
  assert.throws(() => splitter.push(chunk, (bytes, start, end) => seen.push(...cut(bytes, start, end))), FrameError)
  assert.deepEqual(seen, ['01', '02'])
})

test('a frame that comes slowly takes memory as its bytes come, not as its length says', () => {
  const splitter = new FrameSplitter(DEFAULT_MAX_BUFFER)
  const head = Buffer.from('000fffff', 'hex')
  const before = process.memoryUsage().arrayBuffers
  const splitters = Array.from({ length: 200 }, () => new FrameSplitter(DEFAULT_MAX_BUFFER))
  for (const slow of [splitter, ...splitters]) {
    slow.push(head, unexpected)
    for (let i = 0; i < 100; i++) slow.push(Buffer.alloc(1), unexpected)
    assert.equal(slow.pending, 104)
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 8 * 1024 * 1024)
})

test('no more than one frame is ever held back', () => {
  fc.assert(
    fc.property(bodies, fc.nat(LIMIT), (values, cutAt) => {
      const splitter = new FrameSplitter(LIMIT)
      const stream = framed(values)
      for (let at = 0; at < stream.length; at += cutAt + 1) {
        splitter.push(stream.subarray(at, at + cutAt + 1), () => {})
        assert.ok(splitter.pending <= LIMIT + 4)
      }
    }),
  )
})

function unexpected(): never {
  assert.fail('no frame is complete')
}
