import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesOf } from '../src/bytes.ts'
import { Input, JuteError, type Output } from '../src/jute.ts'
import {
  readMultiReads,
  readMultiResults,
  readMultiWrites,
  writeMulti,
  writeMultiEnd,
  writeMultiResult,
  type MultiRead,
  type MultiResult,
  type MultiWrite,
} from '../src/multi.ts'
import { OpCode } from '../src/operations.ts'
import { arbitraries } from './support/arbitraries.ts'
import { assertDamageIsHarmless, assertRoundTrip, bytesWritten } from './support/codecs.ts'

const write = fc.oneof(
  ...([OpCode.create, OpCode.create2, OpCode.createContainer] as const).map((type) =>
    fc
      .tuple(arbitraries.CreateRequest, fc.integer({ min: 0, max: 4 }))
      .map(([request, flags]): MultiWrite => ({ type, request: { ...request, flags } })),
  ),
  arbitraries.CreateTtlRequest.map((request): MultiWrite => ({ type: OpCode.createTTL, request })),
  arbitraries.DeleteRequest.map((request): MultiWrite => ({ type: OpCode.delete, request })),
  arbitraries.SetDataRequest.map((request): MultiWrite => ({ type: OpCode.setData, request })),
  arbitraries.CheckVersionRequest.map((request): MultiWrite => ({ type: OpCode.check, request })),
)
const read = fc.oneof(
  ...([OpCode.getData, OpCode.getChildren] as const).map((type) =>
    arbitraries.PathWatchRequest.map((request): MultiRead => ({ type, request })),
  ),
)
const result = fc.oneof(
  arbitraries.CreateResponse.map((body): MultiResult => ({ type: OpCode.create, body })),
  arbitraries.Create2Response.map((body): MultiResult => ({ type: OpCode.create2, body })),
  arbitraries.Empty.map((body): MultiResult => ({ type: OpCode.delete, body })),
  arbitraries.StatResponse.map((body): MultiResult => ({ type: OpCode.setData, body })),
  arbitraries.Empty.map((body): MultiResult => ({ type: OpCode.check, body })),
  arbitraries.GetChildrenResponse.map((body): MultiResult => ({ type: OpCode.getChildren, body })),
  arbitraries.GetDataResponse.map((body): MultiResult => ({ type: OpCode.getData, body })),
  arbitraries.ErrorResponse.map((body): MultiResult => ({ type: OpCode.error, body })),
)

const writes = { read: readMultiWrites, write: writeMulti }
const reads = { read: readMultiReads, write: writeMulti }
const results = {
  read: readMultiResults,
  write: (output: Output, values: readonly MultiResult[]): void => {
    for (const value of values) writeMultiResult(output, value)
    writeMultiEnd(output)
  },
}
const some = <T>(element: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(element, { maxLength: 5 })

test('a multi of writes, one of reads and the results of both read what they wrote', () => {
  fc.assert(fc.property(some(write), (values) => assertRoundTrip(writes, values)))
  fc.assert(fc.property(some(read), (values) => assertRoundTrip(reads, values)))
  fc.assert(fc.property(some(result), (values) => assertRoundTrip(results, values)))
})

test('a multi, cut anywhere or with any bit turned, is a value or a JuteError', () => {
  const few = { numRuns: 15 }
  const damaged = (codec: { read: (input: Input) => unknown }, bytes: ReturnType<typeof bytesWritten>): void =>
    assertDamageIsHarmless(codec.read, bytes)
  fc.assert(
    fc.property(some(write), (v) =>
      damaged(
        writes,
        bytesWritten((o) => writes.write(o, v)),
      ),
    ),
    few,
  )
  fc.assert(
    fc.property(some(read), (v) =>
      damaged(
        reads,
        bytesWritten((o) => reads.write(o, v)),
      ),
    ),
    few,
  )
  fc.assert(
    fc.property(some(result), (v) =>
      damaged(
        results,
        bytesWritten((o) => results.write(o, v)),
      ),
    ),
    few,
  )
})

test('a multi takes no operation that is not its own: reads among writes, writes among reads, a multi in a multi', () => {
  const bytes = (type: number): Input => new Input(bytesOf(`${hex(type)}00ffffffff000000022f6100`, 'hex'))
  for (const type of [OpCode.getData, OpCode.getChildren, OpCode.multi, OpCode.setACL, OpCode.error, 99]) {
    assert.throws(() => readMultiWrites(bytes(type)), JuteError)
  }
  for (const type of [OpCode.create, OpCode.delete, OpCode.exists, OpCode.multiRead, OpCode.error, 99]) {
    assert.throws(() => readMultiReads(bytes(type)), JuteError)
  }
  assert.throws(() => readMultiResults(bytes(OpCode.multi)), JuteError)
})

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0')
}

test('an error among the results has its code twice, in the header and in the body', () => {
  const bytes = bytesWritten((output) => writeMultiResult(output, { type: OpCode.error, body: { err: -101 } }))
  assert.equal(bytes.toString('hex'), 'ffffffff00ffffff9bffffff9b')
})

test('an empty multi is nothing but the end', () => {
  assert.equal(bytesWritten((output) => writeMulti(output, [])).toString('hex'), 'ffffffff01ffffffff')
  assert.deepEqual(readMultiWrites(new Input(bytesOf('ffffffff01ffffffff', 'hex'))), [])
})

test('a create without a time to live that has flags of one, or none that there are, fails the whole multi', () => {
  const request = { path: '/a', data: null, acl: [], flags: 0 }
  for (const type of [OpCode.create, OpCode.create2, OpCode.createContainer] as const) {
    const multi = (flags: number): Input =>
      new Input(bytesWritten((output) => writeMulti(output, [{ type, request: { ...request, flags } }])))
    for (const flags of [0, 1, 2, 3, 4]) assert.equal(readMultiWrites(multi(flags)).length, 1)
    for (const flags of [-1, 5, 6, 7, 9]) assert.throws(() => readMultiWrites(multi(flags)), JuteError)
  }
})
