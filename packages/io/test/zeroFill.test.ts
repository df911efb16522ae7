import { type Bytes, FILE_HEADER_SIZE, zxidOf } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../src/clock.ts'
import type { DiskFile, OpenMode } from '../src/disk.ts'
import { readLog } from '../src/logReader.ts'
import { TransactionLog } from '../src/transactionLog.ts'
import { CrashDisk } from './crashDisk.ts'
import { logRecord } from './records.ts'

const DIRECTORY = '/data/version-2'

/** A disk on which zeros are slow: each write of them waits for `go`. */
class SlowZeros extends CrashDisk {
  readonly fills: { readonly from: number; readonly to: number; go: () => void }[] = []

  override async open(path: string, mode: OpenMode): Promise<DiskFile> {
    const file = await super.open(path, mode)
    if (mode !== 'write') return file
    const write = async (bytes: Bytes, position: number): Promise<void> => {
      assert.ok(bytes.every((byte) => byte === 0))
      await new Promise<void>((go) => this.fills.push({ from: position, to: position + bytes.length, go }))
      await file.write(bytes, position)
    }
    return {
      size: () => file.size(),
      read: (target, position) => file.read(target, position),
      write,
      sync: () => file.sync(),
      truncate: (length) => file.truncate(length),
      close: () => file.close(),
    }
  }

  async nextFill(number: number): Promise<{ readonly from: number; readonly to: number; go: () => void }> {
    for (let patience = 100; patience > 0; patience--) {
      const fill = this.fills[number]
      if (fill !== undefined) return fill
      await new Promise((resolve) => setImmediate(resolve))
    }
    throw new Error('nothing is filled')
  }
}

function logOn(disk: CrashDisk, options: { forceSync?: boolean } = {}): TransactionLog {
  return new TransactionLog({ disk, clock: systemClock, directory: DIRECTORY, preAllocBytes: 8192, ...options })
}

async function zxidsOn(disk: CrashDisk): Promise<number[]> {
  const zxids: number[] = []
  await readLog({ disk, directory: DIRECTORY, after: zxidOf(0), visit: ({ zxid }) => void zxids.push(zxid) })
  return zxids
}

test('Zeros go ahead of the records, within the file, and a group that would meet them waits', async () => {
  const disk = new SlowZeros()
  const log = logOn(disk)
  await log.append(logRecord(1), zxidOf(1))
  const fill = await disk.nextFill(0)
  const { length } = logRecord(1)
  assert.ok(fill.from > FILE_HEADER_SIZE + length && fill.to <= FILE_HEADER_SIZE + 8192, `${fill.from} to ${fill.to}`)
  let zxid = 1
  const appended: number[] = []
  // Small groups fit before the zeros; the one that does not is written when they are.
  for (; FILE_HEADER_SIZE + (zxid + 1) * length <= fill.from; zxid++) {
    await log.append(logRecord(zxid + 1), zxidOf(zxid + 1))
  }
  const group = log.append(logRecord(zxid + 1), zxidOf(zxid + 1)).then(() => appended.push(zxid + 1))
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(appended, [])
  fill.go()
  await group
  assert.deepEqual(
    await zxidsOn(disk),
    Array.from({ length: zxid + 1 }, (_, index) => index + 1),
  )
  await log.close()
})

test('Closing waits for zeros that are being written', async () => {
  const disk = new SlowZeros()
  const log = logOn(disk)
  await log.append(logRecord(1), zxidOf(1))
  const fill = await disk.nextFill(0)
  let isClosed = false
  const closing = log.close().then(() => (isClosed = true))
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isClosed, false)
  fill.go()
  await closing
})

test('Where zeros cannot be written records are, and nothing is filled where nothing is synced', async () => {
  let refusals = 0
  class FullDisk extends CrashDisk {
    override open(path: string, mode: OpenMode): Promise<DiskFile> {
      if (mode !== 'write') return super.open(path, mode)
      refusals += 1
      return Promise.reject(new Error('ENOSPC'))
    }
  }
  const disk = new FullDisk()
  const log = logOn(disk)
  for (let zxid = 1; zxid <= 40; zxid++) await log.append(logRecord(zxid), zxidOf(zxid))
  await log.close()
  assert.equal(refusals, 1)
  assert.equal((await zxidsOn(disk)).length, 40)

  const unsynced = new SlowZeros()
  const fast = logOn(unsynced, { forceSync: false })
  await fast.append(logRecord(1), zxidOf(1))
  await fast.close()
  assert.deepEqual(unsynced.fills, [])
})
