import {
  asBytes,
  bytesOf,
  copyOf,
  decodeString,
  Input,
  readLoggedTxn,
  zeros,
  zxidOf,
  type Bytes,
} from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readLog, type LogEnd } from '../src/logReader.ts'
import { RecoveryError } from '../src/recoveryError.ts'
import { CrashDisk } from './crashDisk.ts'
import { logRecord } from './records.ts'

const HEADER = bytesOf('5a4b4c47000000020000000000000000', 'hex')

async function diskWith(files: Record<string, readonly Uint8Array[]>): Promise<CrashDisk> {
  const disk = new CrashDisk()
  for (const [name, parts] of Object.entries(files)) {
    const file = await disk.open(`/log/${name}`, 'createSynced')
    await file.write(asBytes(Buffer.concat(parts)), 0)
  }
  return disk
}

interface Reading {
  readonly zxids: number[]
  readonly notices: string[]
  readonly end: LogEnd
}

async function read(disk: CrashDisk, after = 0): Promise<Reading> {
  const zxids: number[] = []
  const notices: string[] = []
  const visit = ({ zxid }: { zxid: number }): void => void zxids.push(zxid)
  const onNotice = (notice: string): void => void notices.push(notice)
  const end = await readLog({ disk, directory: '/log', after: zxidOf(after), visit, onNotice })
  return { zxids, notices, end }
}

async function readFiles(files: Record<string, readonly Uint8Array[]>, after = 0): Promise<Reading> {
  return read(await diskWith(files), after)
}

const isRefused = (error: unknown): boolean => error instanceof RecoveryError

test("Apache's log is read to its zeros", async () => {
  const golden = readFileSync(new URL('../../protocol/test/golden/log.1', import.meta.url))
  const disk = await diskWith({ 'log.1': [golden] })
  const types: number[] = []
  await readLog({
    disk,
    directory: '/log',
    after: zxidOf(0),
    visit: ({ bytes, start, end }) => void types.push(readLoggedTxn(new Input(bytes, start, end)).header.type),
  })
  assert.equal(types[0], -10)
  assert.ok(types.length > 5)
})

test('Reading begins in the file that may hold the next zxid and passes over what is known', async () => {
  const files = {
    'log.1': [HEADER, logRecord(1), logRecord(2)],
    'log.3': [HEADER, logRecord(3), logRecord(4)],
    'log.5': [HEADER, logRecord(5), zeros(100)],
  }
  assert.deepEqual((await readFiles(files, 0)).zxids, [1, 2, 3, 4, 5])
  const { zxids, notices, end } = await readFiles(files, 3)
  assert.deepEqual({ zxids, notices }, { zxids: [4, 5], notices: [] })
  assert.deepEqual(
    { lastZxid: end.lastZxid, records: end.records, torn: end.torn },
    { lastZxid: 5, records: 2, torn: undefined },
  )
  assert.deepEqual(end.end, { file: '/log/log.5', offset: HEADER.length + logRecord(5).length })
  assert.equal((await readFiles(files, 7)).end.lastZxid, 7)
})

test('A visitor that has enough ends the reading', async () => {
  const disk = await diskWith({ 'log.1': [HEADER, logRecord(1), logRecord(2)], 'log.3': [HEADER, logRecord(3)] })
  const seen: number[] = []
  await readLog({ disk, directory: '/log', after: zxidOf(0), visit: ({ zxid }) => seen.push(zxid) < 2 })
  assert.deepEqual(seen, [1, 2])
})

test('Records are found whole although they are longer than what is read at a time', async () => {
  const disk = await diskWith({ 'log.1': [HEADER, logRecord(1, 700_000), logRecord(2, 3_000_000), logRecord(3, 10)] })
  const lengths: number[] = []
  await readLog({
    disk,
    directory: '/log',
    after: zxidOf(0),
    visit: ({ bytes, start, end }) => {
      const { txn } = readLoggedTxn(new Input(bytes, start, end))
      if (txn.type === 5) lengths.push(txn.data === null ? -1 : decodeString(txn.data, 0, txn.data.length).length)
    },
  })
  assert.deepEqual(lengths, [700_000, 3_000_000, 10])
})

test('A tail that is torn at any byte is told, and what is before it is read', async () => {
  const whole = [HEADER, logRecord(1), logRecord(2)]
  const start = Buffer.concat(whole).length
  const last = logRecord(3)
  for (let length = 1; length < last.length; length++) {
    for (const padding of [0, 50]) {
      const { zxids, end } = await readFiles({ 'log.1': [...whole, last.subarray(0, length), zeros(padding)] })
      assert.deepEqual(zxids, [1, 2])
      // The first bytes of a record are zeros, so nothing tells that it was begun.
      const isVisible = last.subarray(0, length).some((byte) => byte !== 0)
      assert.equal(end.torn?.offset, isVisible ? start : undefined)
    }
  }
})

test('Any flipped bit in the last record cuts it; in one before, it is refused', async () => {
  const whole = asBytes(Buffer.concat([HEADER, logRecord(1), logRecord(2), logRecord(3)]))
  const lastStart = whole.length - logRecord(3).length
  for (let at = HEADER.length; at < whole.length; at++) {
    const damaged = copyOf(whole)
    damaged[at] = (damaged[at] as number) ^ 0x10
    const disk = await diskWith({ 'log.1': [damaged, zeros(64)] })
    if (at >= lastStart) assert.deepEqual((await read(disk)).zxids, [1, 2], `byte ${at}`)
    else await assert.rejects(read(disk), isRefused, `byte ${at}`)
  }
})

test('The refusal names file, byte and what to do', async () => {
  const first = copyOf(logRecord(1))
  first[40] = 0xff
  await assert.rejects(readFiles({ 'log.1': [HEADER, first, logRecord(2)] }), {
    code: 'RECOVERY',
    file: '/log/log.1',
    offset: 16,
    message: /^\/log\/log\.1, byte 16: the record is damaged, and whole ones follow \(0x2 at byte 83\)\. .*backup/,
  })
})

test('Whole records after a sector that was never written belong to the same interrupted append', async () => {
  const group = asBytes(Buffer.concat([logRecord(2, 2000), logRecord(3), logRecord(4)]))
  const start = HEADER.length + logRecord(1).length
  const missing = Math.ceil(start / 512) * 512 - start
  const torn = copyOf(group)
  torn.fill(0, missing, missing + 512)
  const { zxids, end } = await readFiles({ 'log.1': [HEADER, logRecord(1), torn] })
  assert.deepEqual({ zxids, offset: end.torn?.offset }, { zxids: [1], offset: start })
})

test('The sector that was never written may hold no more than the first bytes of a record', async () => {
  for (let inSector = 5; inSector < 12; inSector++) {
    const unpadded = HEADER.length + logRecord(1, 0).length
    const first = logRecord(1, 1024 - inSector - unpadded)
    const torn = copyOf(asBytes(Buffer.concat([logRecord(2), logRecord(3)])))
    torn.fill(0, 0, inSector)
    const { zxids, end } = await readFiles({ 'log.1': [HEADER, first, torn] })
    assert.deepEqual({ zxids, offset: end.torn?.offset }, { zxids: [1], offset: 1024 - inSector })
  }
})

test('More damage than one append can leave is refused', async () => {
  const files = { 'log.1': [HEADER, logRecord(1), zeros(600), Buffer.alloc(5_000_000, 7)] }
  await assert.rejects(readFiles(files), /more follows than one interrupted append/)
})

test('An interrupted append in a file that others follow is passed over only if they go on with the next zxid', async () => {
  const torn = [HEADER, logRecord(1), logRecord(2).subarray(0, 40), zeros(30)]
  assert.deepEqual((await readFiles({ 'log.1': torn, 'log.2': [HEADER, logRecord(2)] })).zxids, [1, 2])
  const epoch = 0x1_0000_0001
  const inNextEpoch = { 'log.1': torn, [`log.${epoch.toString(16)}`]: [HEADER, logRecord(epoch)] }
  assert.deepEqual((await readFiles(inNextEpoch)).zxids, [1, epoch])
  await assert.rejects(readFiles({ 'log.1': torn, 'log.3': [HEADER, logRecord(3)] }), {
    file: '/log/log.1',
    offset: 83,
    message: /the last whole one is 0x1, and the next file begins with 0x3/,
  })
})

test('Gaps and zxids that go back are told', async () => {
  const { zxids, notices } = await readFiles({ 'log.1': [HEADER, logRecord(1), logRecord(4), logRecord(3)] })
  assert.deepEqual(zxids, [1, 4, 3])
  assert.match(notices[0] ?? '', /log\.1, byte 83: 0x1 is followed by 0x4; is a log file missing\?/)
  assert.match(notices[1] ?? '', /zxid 0x3 comes after 0x4/)
})

for (const [what, content] of [
  ['empty', []],
  ['shorter than its header', [HEADER.subarray(0, 7)]],
  ['all zeros', [zeros(5000)]],
] as [string, Bytes[]][]) {
  test(`A last file that is ${what} was just being made; in the middle it is refused`, async () => {
    const { end } = await readFiles({ 'log.1': [HEADER, logRecord(1)], 'log.2': content })
    assert.deepEqual({ file: end.torn?.file, offset: end.torn?.offset }, { file: '/log/log.2', offset: 0 })
    await assert.rejects(readFiles({ 'log.1': content, 'log.2': [HEADER, logRecord(2)] }), isRefused)
  })
}

test('A file that is not a log is refused', async () => {
  await assert.rejects(
    readFiles({ 'log.1': [Buffer.from('hello, this is text')] }),
    /byte 0: this is not a transaction/,
  )
  const version3 = bytesOf('5a4b4c47000000030000000000000000', 'hex')
  await assert.rejects(readFiles({ 'log.1': [version3] }), /byte 4: unknown version 3/)
})
