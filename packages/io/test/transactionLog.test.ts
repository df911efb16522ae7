import { type Bytes, FILE_HEADER_SIZE, zxidOf } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { systemClock } from '../src/clock.ts'
import { readLog } from '../src/logReader.ts'
import { grownSize, LogWriteError, TransactionLog, type TransactionLogOptions } from '../src/transactionLog.ts'
import { CrashDisk, type CrashKind } from './crashDisk.ts'
import { logRecord } from './records.ts'

const DIRECTORY = '/data/version-2'
const PREALLOC = 8192

function logOn(disk: CrashDisk, options: Partial<TransactionLogOptions> = {}): TransactionLog {
  return new TransactionLog({ disk, clock: systemClock, directory: DIRECTORY, preAllocBytes: PREALLOC, ...options })
}

async function zxidsOn(disk: CrashDisk): Promise<number[]> {
  const zxids: number[] = []
  await readLog({ disk, directory: DIRECTORY, after: zxidOf(0), visit: ({ zxid }) => void zxids.push(zxid) })
  return zxids
}

test('A file begins with the header that Apache writes, and grows ahead by the preallocation', async () => {
  const disk = new CrashDisk()
  const log = logOn(disk)
  await log.append(logRecord(1), zxidOf(1))
  const golden = readFileSync(new URL('../../protocol/test/golden/log.1', import.meta.url))
  const bytes = (await disk.read(`${DIRECTORY}/log.1`)) as Bytes
  assert.ok(bytes.subarray(0, FILE_HEADER_SIZE).equals(golden.subarray(0, FILE_HEADER_SIZE)))
  assert.equal(bytes.length, FILE_HEADER_SIZE + PREALLOC)
})

test('A file grows again when less than 4 KiB are left, by as many preallocations as it needs', () => {
  const mib64 = 64 * 1024 * 1024
  assert.equal(grownSize(16, 200, mib64), 67_108_880)
  assert.equal(grownSize(67_108_880, 67_105_000, mib64), 16 + 2 * mib64)
  assert.equal(grownSize(16, 3 * PREALLOC, PREALLOC), 16 + 4 * PREALLOC)
})

test('Without preallocation a file has the records and nothing more', async () => {
  const disk = new CrashDisk()
  const log = logOn(disk, { preAllocBytes: 0 })
  const record = logRecord(1)
  await log.append(record, zxidOf(1))
  assert.equal(await disk.size(`${DIRECTORY}/log.1`), FILE_HEADER_SIZE + record.length)
  assert.equal(log.bytesSinceRoll, record.length)
})

test('Rolling begins a file with the next group, named after it; so does a file that is longer than the limit', async () => {
  const disk = new CrashDisk()
  const log = logOn(disk, { preAllocBytes: 0, sizeLimitBytes: 400 })
  for (let zxid = 1; zxid <= 12; zxid++) {
    await log.append(logRecord(zxid), zxidOf(zxid))
    if (zxid === 2) await log.roll()
    if (zxid === 2) assert.equal(log.bytesSinceRoll, 0)
  }
  assert.deepEqual((await disk.list(DIRECTORY)).sort(), ['log.1', 'log.3', 'log.9'])
  assert.deepEqual(await zxidsOn(disk), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  await log.close()
})

test('What was appended survives a crash between any two operations, whatever the crash leaves', async () => {
  const scenario = async (disk: CrashDisk): Promise<number> => {
    const log = logOn(disk)
    let acknowledged = 0
    try {
      for (let zxid = 1; zxid <= 20; zxid += 2) {
        await log.append(Buffer.concat([logRecord(zxid, 900), logRecord(zxid + 1, 900)]), zxidOf(zxid))
        acknowledged = zxid + 1
        if (zxid % 6 === 1) await log.roll()
      }
    } catch (error) {
      assert.ok(error instanceof LogWriteError)
    }
    return acknowledged
  }
  const whole = new CrashDisk()
  assert.equal(await scenario(whole), 20)
  for (let operation = 0; operation < whole.operations; operation++) {
    for (const kind of ['lost', 'torn', 'kept'] satisfies CrashKind[]) {
      const disk = new CrashDisk()
      disk.failFrom = operation
      const acknowledged = await scenario(disk)
      const zxids = await zxidsOn(disk.crashed(kind))
      assert.ok(zxids.length >= acknowledged, `operation ${operation}, ${kind}: ${zxids.length} of ${acknowledged}`)
      assert.deepEqual(
        zxids,
        zxids.map((_, index) => index + 1),
      )
    }
  }
})

test('With forceSync off nothing is synced for each group', async () => {
  const disk = new CrashDisk()
  const synced: number[] = []
  const log = logOn(disk, { forceSync: false, onSync: (ms) => synced.push(ms) })
  await log.append(logRecord(1), zxidOf(1))
  assert.deepEqual(synced, [])
  assert.deepEqual(await zxidsOn(disk.crashed('lost')), [])
})

test('The time that each group took to be durable is told', async () => {
  const synced: number[] = []
  const log = logOn(new CrashDisk(), { onSync: (ms) => synced.push(ms) })
  await log.append(logRecord(1), zxidOf(1))
  assert.equal(synced.length, 1)
})

for (const failing of ['open createSynced', 'write', 'syncDirectory']) {
  test(`A full disk (at ${failing}) stops the log until it has recovered; then the same group can be appended`, async () => {
    const disk = new CrashDisk()
    const log = logOn(disk)
    if (failing === 'write') await log.append(logRecord(1), zxidOf(1))
    const next = failing === 'write' ? 2 : 1
    disk.fault = (operation) => (operation === failing ? 'ENOSPC' : undefined)
    const isDiskFull = (error: unknown): boolean => error instanceof LogWriteError && error.diskFull
    await assert.rejects(log.append(logRecord(next), zxidOf(next)), isDiskFull)
    disk.fault = () => undefined
    await assert.rejects(log.append(logRecord(next), zxidOf(next)), isDiskFull)
    assert.equal(log.failure?.diskFull, true)
    await log.recover()
    assert.equal(log.failure, undefined)
    for (let zxid = next; zxid < next + 3; zxid++) await log.append(logRecord(zxid), zxidOf(zxid))
    const expected = failing === 'write' ? [1, 2, 3, 4] : [1, 2, 3]
    assert.deepEqual(await zxidsOn(disk.crashed('lost')), expected)
  })
}

test('A recovery that fails leaves the log stopped, and can be repeated', async () => {
  const disk = new CrashDisk()
  const log = logOn(disk)
  await log.append(logRecord(1), zxidOf(1))
  disk.fault = (operation) => (operation === 'open write' || operation === 'write' ? 'EIO' : undefined)
  await assert.rejects(log.append(logRecord(2), zxidOf(2)), /cannot write the transaction log .*log\.1.*EIO/)
  await assert.rejects(log.recover(), LogWriteError)
  disk.fault = () => undefined
  await log.recover()
  await log.recover()
  await log.append(logRecord(2), zxidOf(2))
  assert.deepEqual(await zxidsOn(disk), [1, 2])
})
