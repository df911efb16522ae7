import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { asBytes, bytesOf, type Bytes } from '../src/bytes.ts'
import {
  FILE_HEADER_SIZE,
  LOG_MAGIC,
  SNAPSHOT_MAGIC,
  beginLogRecord,
  endLogRecord,
  logName,
  parseLogName,
  parseSnapshotName,
  readLogRecord,
  snapshotName,
  writeFileHeader,
} from '../src/files.ts'
import { zxidOf } from '../src/identifiers.ts'
import { bytesWritten } from './support/codecs.ts'

const MAX = 1000

function logOf(bodies: readonly Uint8Array[]): Bytes {
  return bytesWritten((output) => {
    for (const body of bodies) {
      const record = beginLogRecord(output)
      output.raw(asBytes(body), 0, body.length)
      endLogRecord(output, record)
    }
  })
}

/** The records' bytes in hexadecimal, and how the log ends. */
function readAll(log: Bytes): { records: string[]; end: string } {
  const records: string[] = []
  for (let at = 0; ;) {
    const record = readLogRecord(log, at, MAX)
    if (record.kind !== 'record') return { records, end: record.kind }
    records.push(log.toString('hex', record.start, record.end))
    at = record.next
  }
}

const body = fc.uint8Array({ minLength: 1, maxLength: 40 })
const bodies = fc.array(body, { maxLength: 5 })
const hexOf = (values: readonly Uint8Array[]): string[] => values.map((value) => asBytes(value).toString('hex'))

test('the headers of files are those of Apache', () => {
  assert.equal(bytesWritten((o) => writeFileHeader(o, LOG_MAGIC)).toString('hex'), '5a4b4c47000000020000000000000000')
  const snapshot = bytesWritten((o) => writeFileHeader(o, SNAPSHOT_MAGIC))
  assert.equal(snapshot.toString('hex'), '5a4b534e00000002ffffffffffffffff')
  assert.equal(snapshot.length, FILE_HEADER_SIZE)
})

test('a log gives back its records, whether it ends there, or zeros follow', () => {
  fc.assert(
    fc.property(bodies, fc.integer({ min: 12, max: 64 }), (values, zeros) => {
      const log = logOf(values)
      assert.deepEqual(readAll(log), { records: hexOf(values), end: 'end' })
      const preallocated = asBytes(Buffer.concat([log, Buffer.alloc(zeros)]))
      assert.deepEqual(readAll(preallocated), { records: hexOf(values), end: 'end' })
    }),
  )
})

test('a log that is cut within a record gives the records before it and is torn', () => {
  fc.assert(
    fc.property(bodies, body, (values, last) => {
      const [whole, log] = [logOf(values), logOf([...values, last])]
      for (let length = whole.length + 1; length < log.length; length++) {
        assert.deepEqual(readAll(log.subarray(0, length)), { records: hexOf(values), end: 'torn' })
      }
    }),
    { numRuns: 30 },
  )
})

test('no bit of a record can turn unnoticed', () => {
  fc.assert(
    fc.property(body, body, (value, next) => {
      const log = logOf([value, next])
      const first = 12 + value.length + 1
      for (let bit = 0; bit < first * 8; bit++) {
        const damaged = Buffer.from(log)
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7))
        assert.notEqual(readLogRecord(damaged, 0, MAX).kind, 'record', `bit ${bit}`)
      }
    }),
    { numRuns: 30 },
  )
})

test('a record longer than the limit, or of negative length, is corrupt', () => {
  const length = (value: number): Bytes => {
    const bytes = Buffer.alloc(MAX * 2)
    bytes.writeInt32BE(value, 8)
    return bytes
  }
  assert.equal(readLogRecord(length(MAX + 1), 0, MAX).kind, 'corrupt')
  assert.equal(readLogRecord(length(-1), 0, MAX).kind, 'corrupt')
  const longest = logOf([new Uint8Array(MAX).fill(1)])
  assert.equal(readLogRecord(longest, 0, MAX).kind, 'record')
  assert.equal(readLogRecord(longest, 0, MAX - 1).kind, 'corrupt')
})

test('files are named after a zxid in hexadecimal, as Apache names them', () => {
  assert.equal(logName(zxidOf(0x100000001)), 'log.100000001')
  assert.equal(snapshotName(zxidOf(0)), 'snapshot.0')
  assert.equal(snapshotName(zxidOf(0x1f), 'gz'), 'snapshot.1f.gz')
  assert.equal(snapshotName(zxidOf(0x1f), 'snappy'), 'snapshot.1f.snappy')
  fc.assert(
    fc.property(
      fc.maxSafeNat(),
      fc.constantFrom('' as const, 'gz' as const, 'snappy' as const),
      (value, compression) => {
        const zxid = zxidOf(value)
        assert.equal(parseLogName(logName(zxid)), zxid)
        assert.deepEqual(parseSnapshotName(snapshotName(zxid, compression)), { zxid, compression })
      },
    ),
  )
})

test('other files are neither logs nor snapshots', () => {
  for (const name of [
    'log',
    'log.',
    'log.1.gz',
    'log.xyz',
    'log.1 ',
    'xlog.1',
    'log.11111111111111111',
    'snapshot.1',
  ]) {
    assert.equal(parseLogName(name), undefined, name)
  }
  for (const name of ['snapshot', 'snapshot.', 'snapshot.1.zip', 'snapshot.1.gz.tmp', 'log.1', 'currentEpoch']) {
    assert.equal(parseSnapshotName(name), undefined, name)
  }
})

test('a log that holds nothing ends at once', () => {
  assert.deepEqual(readAll(bytesOf('')), { records: [], end: 'end' })
})
