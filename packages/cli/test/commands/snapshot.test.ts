import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { printSnapshot } from '../../src/commands/snapshot.ts'
import { printed } from './printed.ts'

const folder = mkdtempSync(join(tmpdir(), 'meerkat-snapshot-'))
after(() => rmSync(folder, { recursive: true }))

function golden(name: string): string {
  return fileURLToPath(new URL(`../golden/${name}`, import.meta.url))
}

test('a snapshot of Apache prints its znodes, sessions and digest, however it is compressed', async () => {
  const plain = await printed(printSnapshot, golden('snapshot.c'))
  assert.deepEqual(plain.report, { kind: 'sound', what: '9 znodes, 1 sessions' })
  const text = plain.lines.join('\n')
  assert.match(text, /^ZNode Details:\n----\n\/\n {2}cZxid = 0000000000000000\n/)
  assert.match(text, /----\n\/a\n {2}cZxid = 0x00000000000002\n/)
  assert.match(text, /Session Details \(sid, timeout, ephemeralCount\):\n0x100003364ff0000, 30000, 1\n/)
  assert.match(text, /Target zxid digest is: c, 0x0000000269f76166/)
  for (const name of ['snapshot.c.gz', 'snapshot.c.snappy']) {
    assert.deepEqual((await printed(printSnapshot, golden(name), { check: true })).report, plain.report)
  }
})

test('as JSON there is one object a znode, then sessions and digest', async () => {
  const { lines } = await printed(printSnapshot, golden('snapshot.c'), { json: true, data: true })
  const objects = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual([objects[1]?.['path'], objects[1]?.['data'], objects[1]?.['czxid']], ['/a', 'eA==', '0x2'])
  assert.deepEqual(objects.slice(-2), [
    { session: '0x100003364ff0000', timeoutMs: 30000, ephemerals: 1 },
    { digestZxid: '0xc', digest: '0x0000000269f76166' },
  ])
})

test('damage is told with its place', async () => {
  const bytes = readFileSync(golden('snapshot.c'))
  const path = join(folder, 'snapshot.c')
  bytes.writeUInt8(bytes.readUInt8(300) ^ 1, 300)
  writeFileSync(path, bytes)
  const flipped = (await printed(printSnapshot, path, { check: true })).report
  assert.equal(flipped.kind, 'damaged')
  writeFileSync(path, bytes.subarray(0, 400))
  const cut = (await printed(printSnapshot, path, { check: true })).report
  assert.ok(cut.kind === 'damaged' && cut.offset <= 400)
  writeFileSync(path, 'not a snapshot at all')
  const foreign = (await printed(printSnapshot, path, { check: true })).report
  assert.ok(foreign.kind === 'damaged' && foreign.offset === 0)
})
