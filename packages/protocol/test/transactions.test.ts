import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesOf } from '../src/bytes.ts'
import { Input, JuteError } from '../src/jute.ts'
import { OpCode } from '../src/operations.ts'
import {
  readDigest,
  readLoggedTxn,
  readTxn,
  writeDigest,
  writeLoggedTxn,
  writeTxn,
  type LoggedTxn,
  type MultiTxn,
  type Txn,
} from '../src/transactions.ts'
import { arbitraries, exactLong, int, nullableBytes, sessionId, text, zxid } from './support/arbitraries.ts'
import { assertDamageIsHarmless, assertRoundTrip, bytesWritten } from './support/codecs.ts'

const row = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(fields, { noNullPrototype: true })

const acl = fc.array(arbitraries.Acl, { maxLength: 3 })
const created = { path: text, data: nullableBytes, acl, parentCVersion: int }

const change: fc.Arbitrary<Txn> = fc.oneof(
  row({ type: fc.constantFrom(OpCode.create, OpCode.create2), ...created, ephemeral: fc.boolean() }),
  row({ type: fc.constant(OpCode.createContainer), ...created }),
  row({ type: fc.constant(OpCode.createTTL), ...created, ttl: exactLong }),
  row({ type: fc.constantFrom(OpCode.delete, OpCode.deleteContainer), path: text }),
  row({ type: fc.constantFrom(OpCode.setData, OpCode.reconfig), path: text, data: nullableBytes, version: int }),
  row({ type: fc.constant(OpCode.setACL), path: text, acl, version: int }),
  row({ type: fc.constant(OpCode.check), path: text, version: int }),
  row({ type: fc.constant(OpCode.error), err: int }),
)
const session: fc.Arbitrary<Txn> = fc.oneof(
  row({ type: fc.constant(OpCode.createSession), timeOut: int }),
  row({
    type: fc.constant(OpCode.closeSession),
    paths: fc.array(
      text.map((name) => `/${name}`),
      { maxLength: 4 },
    ),
  }),
)
const multi: fc.Arbitrary<MultiTxn> = row({
  type: fc.constant(OpCode.multi),
  txns: fc.array(change, { maxLength: 5 }),
})
const txn = fc.oneof({ weight: 3, arbitrary: change }, session, multi)
const half = fc.integer({ min: 0, max: 0xffffffff })
const digest = row({ high: half, low: half })
const logged: fc.Arbitrary<LoggedTxn> = fc
  .tuple(row({ sessionId, cxid: int, zxid, time: exactLong }), txn, digest)
  .map(([header, txn, digest]) => ({
    header: { ...header, type: txn.type },
    txn,
    // Error transactions carry none.
    digest: txn.type === OpCode.error ? undefined : digest,
  }))

const loggedTxns = { read: readLoggedTxn, write: writeLoggedTxn }
const ofType = (type: number): { read: (input: Input) => Txn; write: typeof writeTxn } => ({
  read: (input) => readTxn(input, type),
  write: writeTxn,
})

test('every transaction reads what it wrote, a multi with failures among its parts too', () => {
  fc.assert(
    fc.property(txn, (value) => assertRoundTrip(ofType(value.type), value)),
    { numRuns: 500 },
  )
})

test('what the log holds reads what it wrote: header, transaction, digest', () => {
  fc.assert(
    fc.property(logged, (value) => assertRoundTrip(loggedTxns, value)),
    { numRuns: 500 },
  )
})

test('a logged transaction, cut anywhere or with any bit turned, is a value or a JuteError', () => {
  fc.assert(
    fc.property(logged, (value) =>
      assertDamageIsHarmless(
        readLoggedTxn,
        bytesWritten((output) => writeLoggedTxn(output, value)),
      ),
    ),
    { numRuns: 40 },
  )
})

test('a create of a server before 3.3.3 has no parentCVersion, which reads as -1', () => {
  const old = bytesOf('000000022f61 00000000 00000000 01'.replaceAll(' ', ''), 'hex')
  assert.deepEqual(readTxn(new Input(old), OpCode.create), {
    type: OpCode.create,
    path: '/a',
    data: bytesOf(''),
    acl: [],
    ephemeral: true,
    parentCVersion: -1,
  })
})

test('a closeSession of old servers has no record at all', () => {
  const txn = readTxn(new Input(bytesOf('')), OpCode.closeSession)
  assert.deepEqual(txn, { type: OpCode.closeSession, paths: undefined })
  assert.equal(bytesWritten((output) => writeTxn(output, txn)).length, 0)
})

test('a closeSession without a record, as closeSessionTxn.enabled=false writes it, keeps its digest', () => {
  const value: LoggedTxn = {
    header: { sessionId: 1n as never, cxid: 2, zxid: 3 as never, time: 4, type: OpCode.closeSession },
    txn: { type: OpCode.closeSession, paths: undefined },
    digest: { high: 0, low: 0x51c6d660 },
  }
  assertRoundTrip(loggedTxns, value)
})

test('a multi inside a multi is refused, however deep', () => {
  let nested: Txn = { type: OpCode.multi, txns: [] }
  for (let depth = 0; depth < 200; depth++) nested = { type: OpCode.multi, txns: [nested] }
  const bytes = bytesWritten((output) => writeTxn(output, nested))
  assert.throws(() => readTxn(new Input(bytes), OpCode.multi), JuteError)
})

test('a transaction of a type that nobody knows is refused with its number', () => {
  for (const type of [0, 3, 4, 11, 99, -2, OpCode.multiRead]) {
    assert.throws(
      () => readTxn(new Input(bytesOf('00'.repeat(64), 'hex')), type),
      (error: unknown) => error instanceof JuteError && error.message.includes(String(type)),
    )
  }
})

test('a part of a multi without a record, and more parts than bytes, are refused', () => {
  const read = (hex: string): Txn => readTxn(new Input(bytesOf(hex, 'hex')), OpCode.multi)
  assert.throws(() => read('0000000100000002ffffffff'), JuteError)
  assert.throws(() => read('7fffffff'), JuteError)
  assert.deepEqual(read('00000000'), { type: OpCode.multi, txns: [] })
})

test('a digest of another version, or a cut one, is none', () => {
  const bytes = bytesWritten((output) => writeDigest(output, { high: 1, low: 0xfffffffe }))
  assert.equal(bytes.toString('hex'), '0000000200000001fffffffe')
  assert.deepEqual(readDigest(new Input(bytes)), { high: 1, low: 0xfffffffe })
  assert.equal(readDigest(new Input(bytes.subarray(0, 11))), undefined)
  assert.equal(readDigest(new Input(bytesOf('0000000300000001fffffffe', 'hex'))), undefined)
})
