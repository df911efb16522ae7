import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bytes } from '../src/bytes.ts'
import {
  FILE_HEADER_SIZE,
  LOG_MAGIC,
  beginLogRecord,
  endLogRecord,
  readLogRecord,
  writeFileHeader,
} from '../src/files.ts'
import { readConnectRequest, readConnectResponse, writeConnectRequest, writeConnectResponse } from '../src/handshake.ts'
import { Input, type Codec, type Output } from '../src/jute.ts'
import {
  readMultiReads,
  readMultiResults,
  readMultiWrites,
  writeMulti,
  writeMultiEnd,
  writeMultiResult,
  type MultiResult,
} from '../src/multi.ts'
import { OPERATIONS, OpCode } from '../src/operations.ts'
import { ReplyHeader, RequestHeader, WatcherEvent } from '../src/records.ts'
import { SnapshotReader } from '../src/snapshots.ts'
import { readLoggedTxn, writeLoggedTxn, type Digest } from '../src/transactions.ts'
import { assertDamageIsHarmless, bytesWritten } from './support/codecs.ts'
import { capturedFrames, goldenFile, notedFrames, type GoldenFrame } from './support/golden.ts'

/** How the whole of a frame is read and written. */
type FrameCodec = Pick<Codec<unknown>, 'read' | 'write'>

const conversations = [
  { file: 'client-ops-3.8.0.txt', read: notedFrames, framesAtLeast: 90 },
  { file: 'client-watches-quota-3.8.0.txt', read: notedFrames, framesAtLeast: 45 },
  { file: 'client-ops-3.9.4.txt', read: capturedFrames, framesAtLeast: 300 },
]

for (const { file, read, framesAtLeast } of conversations) {
  test(`what Apache's server and its clients said (${file}) is read, and written to the same bytes`, () => {
    const frames = read(file)
    assert.ok(frames.length >= framesAtLeast, `only ${frames.length} frames`)
    for (const frame of frames) if (!hasSupplementary(frame)) assertSameBytes(frame, file)
  })

  test(`what they said (${file}), cut anywhere or with any bit turned, is a value or a JuteError`, () => {
    for (const frame of read(file).filter(({ bytes }, i) => i % 3 === 0 && bytes.length < 200)) {
      const codec = codecOf(frame)
      assertDamageIsHarmless((input) => codec.read(input), frame.bytes)
    }
  })
}

test('the conversations with 3.9.4 hold every operation that a client can ask for', () => {
  const frames = capturedFrames('client-ops-3.9.4.txt')
  const asked = new Set(frames.filter(({ direction }) => direction === 'request').map(({ name }) => name))
  const missing = Object.entries(OPERATIONS).filter(
    ([name, { kind }]) => kind !== 'internal' && !asked.has(name as never),
  )
  // Only a server's own container manager asks for this one; no client library offers it.
  assert.deepEqual(
    missing.map(([name]) => name),
    ['deleteContainer'],
  )
})

test('an event of 3.9 has the zxid of its transaction, one of 3.8 has -1', () => {
  const zxidsOf = (frames: GoldenFrame[]): number[] =>
    frames.filter(({ name }) => name === 'notification').map(({ bytes }) => ReplyHeader.read(new Input(bytes)).zxid)
  assert.ok(zxidsOf(notedFrames('client-ops-3.8.0.txt')).every((zxid) => zxid === -1))
  assert.ok(zxidsOf(capturedFrames('client-ops-3.9.4.txt')).some((zxid) => zxid > 0))
})

/** Clients other than Java's write a character beyond U+FFFF in four bytes, which are read, but not written so. */
function hasSupplementary({ bytes }: GoldenFrame): boolean {
  return bytes.toString('hex').includes('f09f')
}

function assertSameBytes(frame: GoldenFrame, file: string): void {
  const place = `${file}:${frame.line} (${frame.name} ${frame.direction})`
  const codec = codecOf(frame)
  const input = new Input(frame.bytes)
  const value = codec.read(input)
  assert.equal(input.remaining, 0, `bytes are left over at ${place}`)
  assert.equal(hexOf(codec, value), frame.bytes.toString('hex'), place)
}

function hexOf(codec: FrameCodec, value: unknown): string {
  return bytesWritten((output) => codec.write(output, value)).toString('hex')
}

function codecOf({ name, direction }: GoldenFrame): FrameCodec {
  if (name === 'connect') return direction === 'request' ? connectRequest : connectResponse
  if (direction === 'request') return withHeader(RequestHeader, () => requestBody(name))
  // Only a refused SASL token is followed by something, a null token.
  const hasBody = (err: number): boolean => err === 0 || name === 'sasl'
  return withHeader(ReplyHeader, ({ err }) => (hasBody(err) ? replyBody(name) : OPERATIONS.ping.response))
}

/** The handshake's writers put a length in front, which the captured frames do not have. */
const connectRequest: FrameCodec = unframed(readConnectRequest, writeConnectRequest)
const connectResponse: FrameCodec = unframed(readConnectResponse, writeConnectResponse)

function unframed<T>(read: (input: Input) => T, write: (output: Output, value: T) => void): FrameCodec {
  return {
    read,
    write: (output, value) => {
      const framed = bytesWritten((inner) => write(inner, value as T))
      output.raw(framed, 4, framed.length)
    },
  }
}

function withHeader<H>(header: Codec<H>, bodyOf: (header: H) => FrameCodec): FrameCodec {
  return {
    read: (input) => {
      const head = header.read(input)
      return { head, body: bodyOf(head).read(input) }
    },
    write: (output, value) => {
      const { head, body } = value as { head: H; body: unknown }
      header.write(output, head)
      bodyOf(head).write(output, body)
    },
  }
}

function requestBody(name: GoldenFrame['name']): FrameCodec {
  if (name === 'multi') return { read: readMultiWrites, write: writeMulti }
  if (name === 'multiRead') return { read: readMultiReads, write: writeMulti }
  return name === 'connect' || name === 'notification' ? WatcherEvent : OPERATIONS[name].request
}

function replyBody(name: GoldenFrame['name']): FrameCodec {
  if (name === 'multi' || name === 'multiRead') return { read: readMultiResults, write: writeResults }
  return name === 'connect' || name === 'notification' ? WatcherEvent : OPERATIONS[name].response
}

function writeResults(output: Output, results: unknown): void {
  for (const result of results as MultiResult[]) writeMultiResult(output, result)
  writeMultiEnd(output)
}

/** Rewrites a log: reads every record, and writes what was read into a new one. */
function rewritten(log: Bytes): { bytes: Bytes; types: Set<number> } {
  const types = new Set<number>()
  const bytes = bytesWritten((output) => {
    writeFileHeader(output, LOG_MAGIC)
    for (let at = FILE_HEADER_SIZE; ;) {
      const record = readLogRecord(log, at, 1 << 20)
      if (record.kind !== 'record') return
      const input = new Input(log, record.start, record.end)
      const value = readLoggedTxn(input)
      assert.equal(input.remaining, 0, `bytes are left over in the record at ${at}`)
      types.add(value.header.type)
      const start = beginLogRecord(output)
      writeLoggedTxn(output, value)
      endLogRecord(output, start)
      at = record.next
    }
  })
  return { bytes, types }
}

test('a log of 3.9.4, in which every kind of transaction is, is read and written to the same bytes', () => {
  const log = goldenFile('log-3.9.4')
  const { bytes, types } = rewritten(log)
  assert.equal(bytes.toString('hex'), log.toString('hex'))
  const { create, create2, createContainer, createTTL, delete: remove, deleteContainer } = OpCode
  const changes = [create, create2, createContainer, createTTL, remove, deleteContainer, OpCode.setData, OpCode.setACL]
  const others = [OpCode.multi, OpCode.error, OpCode.createSession, OpCode.closeSession]
  assert.deepEqual([...types].toSorted(ascending), [...changes, ...others].toSorted(ascending))
})

test('a log of 3.8.0 is read and written to the same bytes, up to the zeros behind it', () => {
  const log = goldenFile('log.1')
  const { bytes } = rewritten(log)
  assert.ok(bytes.length > 500)
  assert.ok(bytes.equals(log.subarray(0, bytes.length)))
  assert.ok(log.subarray(bytes.length).every((byte) => byte === 0))
})

test('a logged record of Apache, cut anywhere or with any bit turned, is a value or a JuteError', () => {
  const log = goldenFile('log-3.9.4')
  for (let at = FILE_HEADER_SIZE; ;) {
    const record = readLogRecord(log, at, 1 << 20)
    if (record.kind !== 'record') return
    assertDamageIsHarmless(readLoggedTxn, log.subarray(record.start, record.end))
    at = record.next
  }
})

test('a snapshot of 3.9.4 holds what its log made, and says up to which transaction', () => {
  const paths: string[] = []
  const reader = new SnapshotReader({
    session: () => {},
    acl: () => {},
    znode: (bytes, _, { pathStart, pathEnd }) => paths.push(bytes.toString('utf8', pathStart, pathEnd)),
  })
  reader.read(goldenFile('snapshot-3.9.4'))
  const { lastZxid, digestZxid, digest } = reader.finish()
  const made = ['/ephemeral', '/multi', '/multi/ttl0000000001', '/plain', '/plain/sequential-0000000000', '/ttl']
  const reserved = ['/zookeeper', '/zookeeper/config', '/zookeeper/quota']
  assert.deepEqual(paths.toSorted(), ['', ...made, ...reserved])
  assert.equal(digestZxid, lastZxid)
  assert.deepEqual(digest, lastDigest(goldenFile('log-3.9.4')))
})

function lastDigest(log: Bytes): Digest | undefined {
  let digest: Digest | undefined
  for (let at = FILE_HEADER_SIZE; ;) {
    const record = readLogRecord(log, at, 1 << 20)
    if (record.kind !== 'record') return digest
    digest = readLoggedTxn(new Input(log, record.start, record.end)).digest ?? digest
    at = record.next
  }
}

function ascending(a: number, b: number): number {
  return a - b
}
