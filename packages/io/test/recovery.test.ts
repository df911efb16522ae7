import { asBytes, bytesOf, zxidOf } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../src/clock.ts'
import { recover, type RecoveryOptions, type RecoveryReport } from '../src/recovery.ts'
import { RecoveryError } from '../src/recoveryError.ts'
import { writeSnapshot } from '../src/snapshotFiles.ts'
import { TransactionLog } from '../src/transactionLog.ts'
import { CrashDisk, type CrashKind } from './crashDisk.ts'
import { logRecord, RecordingTarget, treeSource } from './records.ts'

const DATA = '/data/version-2'

interface Recovered {
  readonly report: RecoveryReport
  readonly target: RecordingTarget
  readonly notices: string[]
}

async function recovered(disk: CrashDisk, options: Partial<RecoveryOptions> = {}): Promise<Recovered> {
  const target = new RecordingTarget()
  const notices: string[] = []
  const report = await recover({
    disk,
    clock: systemClock,
    dataDirectory: DATA,
    logDirectory: DATA,
    initializeFile: '/data/initialize',
    target,
    onNotice: (notice) => notices.push(notice),
    ...options,
  })
  return { report, target, notices }
}

async function append(disk: CrashDisk, zxids: readonly number[], directory = DATA): Promise<void> {
  const log = new TransactionLog({ disk, clock: systemClock, directory, preAllocBytes: 4096 })
  for (const zxid of zxids) await log.append(logRecord(zxid), zxidOf(zxid))
  await log.close()
}

async function snapshot(disk: CrashDisk, zxid: number): Promise<void> {
  const source = treeSource(
    new Map([
      ['', ''],
      [`/at${zxid}`, ''],
    ]),
  )
  await writeSnapshot({ disk, directory: DATA, zxid: zxidOf(zxid), source })
}

async function put(disk: CrashDisk, path: string, text: string): Promise<void> {
  await (await disk.open(path, 'createSynced')).write(bytesOf(text), 0)
  await disk.syncDirectory(path.slice(0, path.lastIndexOf('/')))
}

async function damage(disk: CrashDisk, path: string, at: number): Promise<void> {
  const file = await disk.open(path, 'write')
  await file.write(asBytes(Uint8Array.of(0xee)), at)
  await file.sync()
}

test('An empty directory becomes one with an empty snapshot, which a crash does not take', async () => {
  const disk = new CrashDisk()
  const { report, target } = await recovered(disk)
  assert.deepEqual({ last: report.lastZxid, snapshot: report.snapshotZxid }, { last: 0, snapshot: undefined })
  assert.deepEqual(target.zxids, [])
  const again = await recovered(disk.crashed('lost'))
  assert.equal(again.report.snapshotZxid, 0)
  assert.deepEqual(again.target.znodes, new Map([['', '']]))
})

test('A first start that crashes between any two operations can start again, with what was acknowledged', async () => {
  const scenario = async (disk: CrashDisk): Promise<number> => {
    let acknowledged = 0
    try {
      await recovered(disk)
      for (const zxid of [1, 2, 3]) {
        await append(disk, [zxid])
        acknowledged = zxid
      }
    } catch (error) {
      assert.ok(!(error instanceof RecoveryError), String(error))
    }
    return acknowledged
  }
  const whole = new CrashDisk()
  assert.equal(await scenario(whole), 3)
  for (let operation = 0; operation < whole.operations; operation++) {
    for (const kind of ['lost', 'torn', 'kept'] satisfies CrashKind[]) {
      const disk = new CrashDisk()
      disk.failFrom = operation
      const acknowledged = await scenario(disk)
      const { report } = await recovered(disk.crashed(kind))
      assert.ok(report.lastZxid >= acknowledged, `operation ${operation}, ${kind}`)
    }
  }
})

test('The newest snapshot is loaded and the log above it replayed', async () => {
  const disk = new CrashDisk()
  await snapshot(disk, 0)
  await append(disk, [1, 2, 3])
  await snapshot(disk, 2)
  await append(disk, [4, 5])
  const { report, target, notices } = await recovered(disk)
  assert.deepEqual(
    target.znodes,
    new Map([
      ['', ''],
      ['/at2', ''],
    ]),
  )
  assert.deepEqual(target.zxids, [3, 4, 5])
  assert.equal(target.loadedZxid, 2)
  assert.deepEqual(
    { ...report, milliseconds: 0, snapshotMilliseconds: 0 },
    {
      snapshotZxid: 2,
      lastZxid: 5,
      txns: 3,
      milliseconds: 0,
      snapshotMilliseconds: 0,
      cut: undefined,
    },
  )
  assert.deepEqual(notices, [])
})

test('A damaged snapshot is told and passed over for an older one', async () => {
  const disk = new CrashDisk()
  await snapshot(disk, 0)
  await append(disk, [1, 2, 3])
  await snapshot(disk, 2)
  await damage(disk, `${DATA}/snapshot.2`, 40)
  const { report, target, notices } = await recovered(disk)
  assert.deepEqual({ snapshot: report.snapshotZxid, zxids: target.zxids }, { snapshot: 0, zxids: [1, 2, 3] })
  assert.deepEqual([...target.znodes.keys()], ['', '/at0'])
  assert.match(notices[0] ?? '', /cannot load the snapshot .*snapshot\.2/)
})

test('If no snapshot loads, the start is refused', async () => {
  const disk = new CrashDisk()
  await snapshot(disk, 3)
  await damage(disk, `${DATA}/snapshot.3`, 40)
  await put(disk, `${DATA}/snapshot.1`, 'x')
  await assert.rejects(recovered(disk), {
    code: 'RECOVERY',
    file: DATA,
    message: /none of its 2 snapshots can be loaded \(snapshot\.3: .*; snapshot\.1: it is not whole\).*backup/,
  })
})

test('A log without a snapshot is refused unless an empty start is trusted', async () => {
  const disk = new CrashDisk()
  await append(disk, [1, 2])
  await assert.rejects(recovered(disk), /log\.1: there is a transaction log but no snapshot.*trust\.empty=true/)
  const { report, target, notices } = await recovered(disk, { trustEmpty: true })
  assert.deepEqual({ last: report.lastZxid, zxids: target.zxids }, { last: 2, zxids: [1, 2] })
  assert.match(notices[0] ?? '', /from the transaction log alone/)
})

test('Without autocreate an empty start needs the initialize file, which is used up', async () => {
  const disk = new CrashDisk()
  const first = await recovered(disk, { autocreate: false })
  assert.equal(first.report.lastZxid, -1)
  assert.deepEqual(await disk.list(DATA), [])
  await put(disk, '/data/initialize', '')
  assert.equal((await recovered(disk, { autocreate: false })).report.lastZxid, 0)
  assert.deepEqual(await disk.list(DATA), ['snapshot.0'])
  assert.equal(await disk.size('/data/initialize'), undefined)
})

test('An interrupted append is cut from the file, so that the next file may follow it', async () => {
  const disk = new CrashDisk()
  await snapshot(disk, 0)
  await append(disk, [1, 2])
  const end = 16 + logRecord(1).length
  const file = await disk.open(`${DATA}/log.1`, 'write')
  await file.write(asBytes(Buffer.alloc(47)), end + 20)
  await file.sync()
  const { report, notices } = await recovered(disk)
  assert.deepEqual(report.cut, { file: `${DATA}/log.1`, offset: end, bytes: 12 })
  assert.match(notices[0] ?? '', /log\.1: cut an interrupted append of 12 bytes at byte 83; it was never acknowledged/)
  const later = disk.crashed('lost')
  assert.equal(await later.size(`${DATA}/log.1`), end)
  await append(later, [2, 3])
  assert.deepEqual((await recovered(later)).target.zxids, [1, 2, 3])
})

test('A last log file without a header is removed', async () => {
  const disk = new CrashDisk()
  await snapshot(disk, 0)
  await append(disk, [1])
  await put(disk, `${DATA}/log.2`, '')
  assert.equal((await recovered(disk)).report.lastZxid, 1)
  assert.deepEqual((await disk.list(DATA)).sort(), ['log.1', 'snapshot.0'])
})

test('A transaction that cannot be read is refused with its place', async () => {
  const disk = new CrashDisk()
  await snapshot(disk, 0)
  await append(disk, [1])
  const { beginLogRecord, endLogRecord, Output, TxnHeader, NO_SESSION } = await import('@meerkat/protocol')
  const output = new Output()
  const start = beginLogRecord(output)
  TxnHeader.write(output, { sessionId: NO_SESSION, cxid: 0, zxid: zxidOf(2), time: 0, type: 99 })
  endLogRecord(output, start)
  const log = new TransactionLog({ disk, clock: systemClock, directory: DATA, preAllocBytes: 0 })
  await log.append(output.written(), zxidOf(2))
  await assert.rejects(recovered(disk), /log\.2, byte 16: the transaction cannot be read: Unsupported Txn with type=99/)
})

test('Files in the wrong one of two directories are refused', async () => {
  const logDirectory = '/log/version-2'
  const disk = new CrashDisk()
  await append(disk, [1])
  await assert.rejects(recovered(disk, { logDirectory }), /log\.1: a transaction log among the snapshots.*dataLogDir/)
  const other = new CrashDisk()
  await put(other, `${logDirectory}/snapshot.0`, 'x')
  await assert.rejects(recovered(other, { logDirectory }), /snapshot\.0: a snapshot among the transaction logs/)
})

test('Two directories serve as one does', async () => {
  const logDirectory = '/log/version-2'
  const disk = new CrashDisk()
  await snapshot(disk, 1)
  await append(disk, [1, 2, 3], logDirectory)
  assert.deepEqual((await recovered(disk, { logDirectory })).target.zxids, [2, 3])
})

test('What was replayed is durable, also where a killed process left it with the operating system only', async () => {
  const disk = new CrashDisk()
  await recovered(disk)
  const log = new TransactionLog({ disk, clock: systemClock, directory: DATA, forceSync: false })
  await log.append(logRecord(1), zxidOf(1))
  await log.append(logRecord(2), zxidOf(2))
  assert.equal((await recovered(disk)).report.lastZxid, 2)
  assert.equal((await recovered(disk.crashed('lost'))).report.lastZxid, 2)
})

test('Nor does it count on a sync where an earlier one had failed: the end of the log is written again', async () => {
  const disk = new CrashDisk()
  await recovered(disk)
  await append(disk, [1, 2])
  const written: string[] = []
  disk.fault = (operation, path) => void written.push(`${operation} ${path}`)
  await recovered(disk)
  const calls = ['open write', 'write', 'sync'].map((operation) => `${operation} ${DATA}/log.1`)
  assert.deepEqual(written.slice(-4), [...calls, `syncDirectory ${DATA}`])
})
