import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  beginLogRecord,
  endLogRecord,
  LOG_MAGIC,
  OpCode,
  Output,
  sessionIdOf,
  writeFileHeader,
  writeLoggedTxn,
  zeros,
  zxidOf,
} from '@meerkat/protocol'
import { printLog } from '../../src/commands/log.ts'
import { printed } from './printed.ts'

const golden = fileURLToPath(new URL('../golden/log.1', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'meerkat-log-'))
after(() => rmSync(folder, { recursive: true }))

/** The golden log with a change. */
function changed(change: (path: string) => void): string {
  const path = join(folder, 'log.1')
  copyFileSync(golden, path)
  change(path)
  return path
}

function flip(path: string, offset: number): void {
  const bytes = readFileSync(path)
  bytes.writeUInt8(bytes.readUInt8(offset) ^ 0xff, offset)
  writeFileSync(path, bytes)
}

test('a log of Apache prints a line for each transaction', async () => {
  const { lines, report } = await printed(printLog, golden, { data: true })
  assert.deepEqual(report, { kind: 'sound', what: '12 transactions' })
  assert.deepEqual(lines.slice(0, 3), [
    'ZooKeeper Transactional Log File with dbid 0 txnlog format version 2',
    '2026-11-21T02:22:53.759Z session 0x100003364ff0000 cxid 0x0 zxid 0x1 createSession 30000',
    '2026-11-21T02:22:53.781Z session 0x100003364ff0000 cxid 0x1 zxid 0x2 create /a,x,[31:world:anyone],false,1',
  ])
  assert.equal(lines.at(-1), 'EOF reached after 12 txns.')
})

test('as JSON there is one object a transaction', async () => {
  const { lines } = await printed(printLog, golden, { json: true, data: true })
  assert.equal(lines.length, 12)
  assert.deepEqual(JSON.parse(lines[1] ?? ''), {
    zxid: '0x2',
    time: '2026-11-21T02:22:53.781Z',
    session: '0x100003364ff0000',
    cxid: 1,
    operation: 'create',
    path: '/a',
    acl: [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }],
    ephemeral: false,
    parentCVersion: 1,
    dataLength: 1,
    data: 'eA==',
    digest: '0x000000008a984b85',
  })
})

test('a check prints nothing of a sound file', async () => {
  assert.deepEqual((await printed(printLog, golden, { check: true })).lines, [])
})

test('a record that is larger than what is read at once is whole, and so is what follows', async () => {
  const output = new Output()
  writeFileHeader(output, LOG_MAGIC)
  for (const size of [10, 5_000_000, 20]) {
    const record = beginLogRecord(output)
    const header = { sessionId: sessionIdOf(1n), cxid: 1, zxid: zxidOf(size), time: 0, type: OpCode.setData }
    const txn = { type: OpCode.setData, path: '/a', data: zeros(size), version: 1 }
    writeLoggedTxn(output, { header, txn, digest: undefined })
    endLogRecord(output, record)
  }
  const path = join(folder, 'log.2')
  const records = output.written()
  writeFileSync(path, Buffer.concat([records, zeros(3_000_000)]))
  assert.deepEqual((await printed(printLog, path, { check: true })).report, { kind: 'sound', what: '3 transactions' })
  writeFileSync(path, Buffer.concat([records, zeros(3_000_000), Buffer.from('x')]))
  const { report } = await printed(printLog, path, { check: true })
  assert.ok(report.kind === 'damaged')
  assert.deepEqual(
    [report.offset, report.problem],
    [records.length, `no record, yet something follows at byte ${records.length + 3_000_000}`],
  )
})

test('damage is told with its place', async () => {
  const cases = [
    [(path: string) => flip(path, 0), 0, 'this is no transaction log: it does not begin with ZKLG'],
    [(path: string) => flip(path, 60), 16, 'checksum mismatch'],
    [(path: string) => truncateSync(path, 40), 16, 'the last record is not whole'],
    [(path: string) => truncateSync(path, 8), 0, 'the file is too short for its header'],
    [(path: string) => flip(path, 4000), undefined, 'no record, yet something follows at byte 4000'],
  ] as const
  for (const [change, offset, problem] of cases) {
    const { report } = await printed(printLog, changed(change), { check: true })
    assert.ok(report.kind === 'damaged', problem)
    assert.ok(report.problem.startsWith(problem), report.problem)
    if (offset !== undefined) assert.equal(report.offset, offset)
  }
})
