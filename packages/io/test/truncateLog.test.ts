import { zxidOf } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../src/clock.ts'
import { readLog } from '../src/logReader.ts'
import { TransactionLog } from '../src/transactionLog.ts'
import { truncateLog } from '../src/truncateLog.ts'
import { CrashDisk, type CrashKind } from './crashDisk.ts'
import { logRecord } from './records.ts'

async function diskWithLog(): Promise<CrashDisk> {
  const disk = new CrashDisk()
  const log = new TransactionLog({ disk, clock: systemClock, directory: '/log', preAllocBytes: 4096 })
  for (let zxid = 1; zxid <= 9; zxid++) {
    await log.append(logRecord(zxid), zxidOf(zxid))
    if (zxid % 3 === 0) await log.roll()
  }
  return disk
}

async function lastOn(disk: CrashDisk): Promise<number> {
  return (await readLog({ disk, directory: '/log', after: zxidOf(0), visit: () => true })).lastZxid
}

test('The log ends after the transaction that is named, wherever it is', async () => {
  for (let zxid = 1; zxid <= 9; zxid++) {
    const disk = await diskWithLog()
    await truncateLog(disk, '/log', zxidOf(zxid))
    assert.equal(await lastOn(disk.crashed('lost')), zxid)
  }
})

test('A transaction that is not in the log changes nothing', async () => {
  const disk = await diskWithLog()
  await assert.rejects(truncateLog(disk, '/log', zxidOf(10)), /the log has no transaction 0xa/)
  await assert.rejects(truncateLog(new CrashDisk(), '/log', zxidOf(1)), /no transaction 0x1/)
  assert.equal(await lastOn(disk), 9)
})

test('A crash between any two operations leaves a log without a gap', async () => {
  let isWhole = false
  for (let operations = 0; !isWhole; operations++) {
    for (const kind of ['lost', 'torn', 'kept'] satisfies CrashKind[]) {
      const disk = await diskWithLog()
      disk.failFrom = disk.operations + operations
      const truncating = truncateLog(disk, '/log', zxidOf(2))
      isWhole = await truncating.then(
        () => true,
        () => false,
      )
      const notices: string[] = []
      const onNotice = (notice: string): void => void notices.push(notice)
      const visit = (): boolean => true
      const { lastZxid } = await readLog({
        disk: disk.crashed(kind),
        directory: '/log',
        after: zxidOf(0),
        visit,
        onNotice,
      })
      assert.deepEqual(notices, [])
      assert.ok(lastZxid >= 2 && (!isWhole || lastZxid === 2))
    }
  }
})
