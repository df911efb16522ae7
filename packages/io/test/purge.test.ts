import { bytesOf } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filesToPurge, purge } from '../src/purge.ts'
import { CrashDisk } from './crashDisk.ts'

const cases: [what: string, names: string, invalid: string, keep: number, purged: string][] = [
  ['nothing at all', '', '', 3, ''],
  ['no valid snapshot: nothing goes', 'snapshot.1 log.1 log.2', 'snapshot.1', 3, ''],
  ['as many as are kept', 'snapshot.1 snapshot.5 snapshot.9 log.1 log.6', '', 3, ''],
  [
    'older snapshots, and logs that end before the oldest kept',
    'snapshot.1 snapshot.5 snapshot.9 snapshot.10 log.1 log.2 log.6 log.a',
    '',
    3,
    'snapshot.1 log.1',
  ],
  [
    'a log may begin with what follows a snapshot',
    'snapshot.5 snapshot.9 snapshot.a snapshot.3 log.1 log.5',
    '',
    3,
    'snapshot.3 log.1',
  ],
  [
    'names are numbers, not text',
    'snapshot.ff snapshot.100 snapshot.101 snapshot.9 log.9 log.f0 log.100',
    '',
    3,
    'snapshot.9 log.9',
  ],
  ['an invalid snapshot does not count', 'snapshot.1 snapshot.5 snapshot.9 snapshot.a log.1', 'snapshot.9', 3, ''],
  ['an old invalid one goes', 'snapshot.0 snapshot.1 snapshot.5 snapshot.9 log.1', 'snapshot.0', 3, 'snapshot.0'],
  [
    'fewer than three are never kept',
    'snapshot.1 snapshot.5 snapshot.9 snapshot.a log.1 log.4 log.5',
    '',
    1,
    'snapshot.1 log.1 log.4',
  ],
  ['more are', 'snapshot.1 snapshot.5 snapshot.9 snapshot.a log.1', '', 4, ''],
  ['compressed ones count', 'snapshot.1.gz snapshot.5.snappy snapshot.9 snapshot.a.gz log.1', '', 3, 'snapshot.1.gz'],
  ['other files stay', 'acceptedEpoch currentEpoch.tmp snapshot.x log.', '', 3, ''],
  ['one valid snapshot is enough for logs to go', 'snapshot.9 log.1 log.5 log.7', '', 3, 'log.1 log.5'],
]

for (const [what, names, invalid, keep, purged] of cases) {
  test(`Purging: ${what}`, () => {
    const all = names.split(' ').filter((name) => name !== '')
    const valid = new Set(all.filter((name) => !invalid.split(' ').includes(name)))
    assert.deepEqual(filesToPurge(all, { keep, valid }).join(' '), purged)
  })
}

test('What may go is removed from both directories', async () => {
  const disk = new CrashDisk()
  const put = async (path: string): Promise<void> => {
    await (await disk.open(path, 'create')).write(bytesOf('0000000000000000012f'.padStart(40, '0'), 'hex'), 0)
  }
  for (const zxid of [1, 5, 7, 9]) await put(`/data/snapshot.${zxid}`)
  for (const zxid of [1, 3, 6]) await put(`/log/log.${zxid}`)
  const removed = await purge({ disk, dataDirectory: '/data', logDirectory: '/log', keep: 3 })
  assert.deepEqual(removed, ['/data/snapshot.1', '/log/log.1'])
  assert.deepEqual(await disk.list('/data'), ['snapshot.5', 'snapshot.7', 'snapshot.9'])
  assert.deepEqual(await disk.list('/log'), ['log.3', 'log.6'])
})
