import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { requirePeer } from '../../../test/support/peers.ts'
import { asBytes, bytesOf } from '../src/bytes.ts'
import {
  Input,
  JuteError,
  Output,
  boolean,
  buffer,
  byte,
  decode,
  decodeString,
  encode,
  encodedLength,
  int,
  long,
  nullableString,
  nullableVector,
  record,
  safeLong,
  ustring,
  vector,
} from '../src/jute.ts'
import { exactLong, int as anyInt, long as anyLong, nullableBytes, text } from './support/arbitraries.ts'
import { assertDamageIsHarmless, assertRoundTrip, bytesWritten } from './support/codecs.ts'
import { askJava, units } from './support/javaFacts.ts'

const hexOf = (write: (output: Output) => void): string => bytesWritten(write).toString('hex')

test('values are encoded big-endian, without tags or padding', () => {
  assert.equal(encode(byte, -2).toString('hex'), 'fe')
  assert.equal(encode(boolean, true).toString('hex'), '01')
  assert.equal(encode(int, 0x01020304).toString('hex'), '01020304')
  assert.equal(encode(long, -2n).toString('hex'), 'fffffffffffffffe')
  assert.equal(encode(safeLong, 0x1_0000_0002).toString('hex'), '0000000100000002')
  assert.equal(encode(safeLong, -1).toString('hex'), 'ffffffffffffffff')
  assert.equal(encode(ustring, 'aé').toString('hex'), '0000000361c3a9')
  assert.equal(encode(vector(int), [1, 2]).toString('hex'), '000000020000000100000002')
  assert.equal(encode(record({ b: byte, a: byte }), { a: 1, b: 2 }).toString('hex'), '0201')
})

test('null and empty are different values, in strings, buffers and vectors', () => {
  for (const codec of [nullableString, buffer, nullableVector(int)]) {
    assert.equal(decode<unknown>(codec, bytesOf('ffffffff', 'hex')), null)
    assert.equal(encode<never>(codec as never, null as never).toString('hex'), 'ffffffff')
    assert.equal((decode<unknown>(codec, bytesOf('00000000', 'hex')) as { length: number }).length, 0)
  }
})

test('any byte but zero is true', () => {
  for (let value = 0; value < 256; value++) assert.equal(decode(boolean, asBytes(Uint8Array.of(value))), value !== 0)
})

test('every primitive reads what it wrote', () => {
  fc.assert(fc.property(anyInt, (value) => assertRoundTrip(int, value)))
  fc.assert(fc.property(anyLong, (value) => assertRoundTrip(long, value)))
  fc.assert(fc.property(exactLong, (value) => assertRoundTrip(safeLong, value)))
  fc.assert(fc.property(text, (value) => assertRoundTrip(ustring, value)))
  fc.assert(fc.property(nullableBytes, (value) => assertRoundTrip(buffer, value)))
  fc.assert(fc.property(fc.array(text), (value) => assertRoundTrip(vector(ustring), value)))
})

test('a long that is not exact as a number keeps its order', () => {
  fc.assert(
    fc.property(anyLong, anyLong, (a, b) => {
      const [x, y] = [decode(safeLong, encode(long, a)), decode(safeLong, encode(long, b))]
      assert.equal(x, Number(a))
      assert.ok(a < b ? x <= y : x >= y)
    }),
  )
})

test('a null string is refused where one must be, and a negative length other than -1 always', () => {
  assert.throws(() => decode(ustring, bytesOf('ffffffff', 'hex')), JuteError)
  for (const codec of [ustring, nullableString, buffer]) {
    for (const length of ['fffffffe', '80000000', '80000001']) {
      assert.throws(
        () => decode<unknown>(codec, bytesOf(`${length}0000000000000000`, 'hex')),
        (error: unknown) => error instanceof JuteError && error.message.startsWith('Unreasonable '),
      )
    }
  }
})

test('a negative count other than -1 is that of an empty vector, as Apache reads it', () => {
  for (const count of ['fffffffe', '80000000', '80000001']) {
    assert.deepEqual(decode(nullableVector(int), bytesOf(`${count}00000000`, 'hex')), [])
  }
})

test('a length or count beyond what is left is refused before anything is allocated', () => {
  const megabyte = Buffer.alloc(0xfffff)
  for (const codec of [
    ustring,
    buffer,
    nullableVector(int),
    vector(ustring),
    vector(record({ a: ustring, b: long })),
  ]) {
    for (const count of [0x7fffffff, 0x10000000, 0xfffff]) {
      megabyte.writeInt32BE(count)
      const before = process.memoryUsage().arrayBuffers
      assert.throws(() => decode<unknown>(codec, megabyte), JuteError)
      assert.ok(process.memoryUsage().arrayBuffers - before < 65536)
    }
  }
})

test('a vector of a full frame has at most as many elements as their smallest size allows', () => {
  const frame = Buffer.alloc(0xfffff)
  frame.writeInt32BE((0xfffff - 4) / 4)
  assert.equal(decode(vector(ustring), frame).length, Math.floor((0xfffff - 4) / 4))
})

test('an input that is pointed at other bytes reads these, within the bounds given', () => {
  const input = new Input(bytesOf('00000001', 'hex'))
  assert.equal(input.int(), 1)
  input.over(bytesOf('ffff00000002ffff', 'hex'), 2, 6)
  assert.equal(input.int(), 2)
  assert.throws(() => input.byte(), JuteError)
})

test('an output grows as it must, and keeps what was written', () => {
  const output = new Output(0)
  for (let i = 0; i < 1000; i++) output.int(i)
  output.raw(bytesOf('abcdef'), 2, 4)
  const input = new Input(output.written())
  for (let i = 0; i < 1000; i++) assert.equal(input.int(), i)
  assert.equal(output.written().subarray(4000).toString(), 'cd')
})

test('each UTF-16 unit is written alone: a supplementary character takes six bytes, a lone surrogate three', () => {
  assert.equal(
    hexOf((output) => output.string('😀')),
    '00000006eda0bdedb880',
  )
  assert.equal(
    hexOf((output) => output.string('\ud83d')),
    '00000003eda0bd',
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      assert.equal(encodedLength(value), encode(ustring, value).length - 4)
    }),
  )
})

test('well-formed UTF-8 is decoded as it is, a surrogate in three bytes becomes one U+FFFD', () => {
  const decoded = (hex: string): string => decodeString(bytesOf(hex, 'hex'), 0, hex.length / 2)
  assert.equal(decoded('f09f9880'), '😀')
  assert.equal(decoded('eda0bdedb880'), '\ufffd\ufffd')
  assert.equal(decoded('61eda0bd62'), 'a\ufffdb')
  assert.equal(decoded('efbbbf61'), '\ufeffa')
  assert.equal(decoded('efbfbdefbfbdefbfbd'), '\ufffd\ufffd\ufffd')
})

test('strings are decoded and encoded as Java does it, also what is malformed', (t) => {
  if (requirePeer(t, 'apache-3.9.4') === undefined) return
  const malformed = fc.sample(
    fc.array(fc.constantFrom(...MEANINGFUL_BYTES), { maxLength: 8 }).map((values) => Buffer.from(values)),
    { numRuns: 6000, seed: 1 },
  )
  const decodedByJava = askJava(malformed.map((value) => `decode ${value.toString('hex')}`))
  malformed.forEach((value, i) => {
    assert.equal(units(decodeString(value, 0, value.length)), decodedByJava[i], `decoding ${value.toString('hex')}`)
  })
  const strings = fc.sample(fc.string({ unit: 'binary' }), { numRuns: 1000, seed: 1 })
  const encodedByJava = askJava(strings.map((value) => `encode ${units(value)}`))
  strings.forEach((value, i) => assert.equal(encode(ustring, value).toString('hex'), encodedByJava[i]))
})

/** One of each class of bytes that a decoder of UTF-8 tells apart, and the borders between them. */
const MEANINGFUL_BYTES = [
  0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
  0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xfd, 0xfe, 0xff,
]

test('a vector of vectors, cut anywhere or with any bit turned, is a value or a JuteError', () => {
  const nested = vector(vector(ustring))
  assertDamageIsHarmless((input) => nested.read(input), encode(nested, [['a'], [], ['b', '']]))
})
