import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { asBytes, bytesOf } from '../src/bytes.ts'
import type { Codec } from '../src/jute.ts'
import { Input, JuteError, decode, encode } from '../src/jute.ts'
import * as records from '../src/records.ts'
import { arbitraries, type RecordName } from './support/arbitraries.ts'
import { assertDamageIsHarmless, assertRoundTrip } from './support/codecs.ts'

const codecs = { ...records }
const names = Object.keys(arbitraries) as RecordName[]

test('every record of the protocol takes part in these tests', () => {
  const codecs = Object.entries(records).filter(([, value]) => typeof value === 'object' && 'read' in value)
  assert.deepEqual(codecs.map(([name]) => name).toSorted(), names.toSorted())
})

for (const name of names) {
  const codec: Codec<unknown> = codecs[name]
  const values: fc.Arbitrary<unknown> = arbitraries[name]

  test(`${name} reads what it wrote, whatever the values`, () => {
    fc.assert(fc.property(values, (value) => assertRoundTrip(codec, value)))
  })

  test(`${name}, cut anywhere or with any bit turned, is a value or a JuteError`, () => {
    fc.assert(
      fc.property(values, (value) => assertDamageIsHarmless((input) => codec.read(input), encode(codec, value))),
      { numRuns: 10 },
    )
  })

  test(`${name} takes at least the bytes that bound the counts of its vectors`, () => {
    fc.assert(fc.property(values, (value) => encode(codec, value).length >= codec.size))
  })

  test(`${name} made of random bytes is a value or a JuteError`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          codec.read(new Input(asBytes(bytes)))
        } catch (error) {
          assert.ok(error instanceof JuteError)
        }
      }),
    )
  })
}

test('a Stat has 68 bytes, a stored one 60, the header of a reply 16', () => {
  assert.equal(records.Stat.size, records.STAT_SIZE)
  assert.equal(records.STAT_SIZE, 68)
  assert.equal(records.StatPersisted.size, 60)
  assert.equal(records.ReplyHeader.size, records.REPLY_HEADER_SIZE)
})

test('a null list of znodes in a request of watches reads as empty', () => {
  const request = decode(records.SetWatchesRequest, bytesOf(`${'00'.repeat(8)}${'ff'.repeat(12)}`, 'hex'))
  assert.deepEqual(request, { relativeZxid: 0, dataWatches: [], existWatches: [], childWatches: [] })
})

test('a null ACL in a request stays null, so that the operation can refuse it', () => {
  const request = { path: '/a', data: null, acl: null, flags: 0 }
  assert.deepEqual(decode(records.CreateRequest, encode(records.CreateRequest, request)), request)
})
