import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesOf, zxidOf } from '@meerkat/protocol'
import { aclLines, hexDump, javaDate, permissionLetters, statLines, watchedEvent } from '../../src/shell/format.ts'

test('a date reads as Java writes it, in the local time zone', () => {
  const before = process.env['TZ']
  try {
    const cases = [
      ['UTC', 'Thu Jan 01 00:00:00 UTC 1970'],
      ['America/New_York', 'Wed Dec 31 19:00:00 EST 1969'],
      ['Europe/Berlin', 'Thu Jan 01 01:00:00 CET 1970'],
      ['Asia/Kolkata', 'Thu Jan 01 05:30:00 IST 1970'],
    ] as const
    for (const [zone, text] of cases) {
      process.env['TZ'] = zone
      assert.equal(javaDate(0), text)
    }
  } finally {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  }
})

test('a Stat has eleven lines, with zxids and owner in hexadecimal', () => {
  const stat = {
    czxid: zxidOf(0x1_0000_0002),
    mzxid: zxidOf(18),
    ctime: 0,
    mtime: 0,
    version: 1,
    cversion: 2,
    aversion: 3,
    ephemeralOwner: -1n,
    dataLength: 4,
    numChildren: 5,
    pzxid: zxidOf(6),
  }
  const lines = statLines(stat).split('\n')
  assert.deepEqual(
    lines.filter((line) => !line.includes('time')),
    [
      'cZxid = 0x100000002',
      'mZxid = 0x12',
      'pZxid = 0x6',
      'cversion = 2',
      'dataVersion = 1',
      'aclVersion = 3',
      'ephemeralOwner = 0xffffffffffffffff',
      'dataLength = 4',
      'numChildren = 5',
    ],
  )
  assert.equal(lines.length, 11)
})

test('permissions are letters in the order cdrwa', () => {
  assert.deepEqual([0, 1, 5, 31].map(permissionLetters), ['', 'r', 'cr', 'cdrwa'])
  assert.equal(aclLines({ perms: 3, id: { scheme: 'digest', id: 'a:b' } }), `'digest,'a:b\n: rw`)
})

test('bytes in hexadecimal are a table of sixteen a row', () => {
  assert.equal(
    hexDump(bytesOf('hello, wörld of zoos')),
    [
      '         +-------------------------------------------------+',
      '         |  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |',
      '+--------+-------------------------------------------------+----------------+',
      '|00000000| 68 65 6c 6c 6f 2c 20 77 c3 b6 72 6c 64 20 6f 66 |hello, w..rld of|',
      '|00000010| 20 7a 6f 6f 73                                  | zoos           |',
      '+--------+-------------------------------------------------+----------------+',
    ].join('\n'),
  )
})

test('an event reads as zkCli prints it', () => {
  assert.equal(
    watchedEvent({ type: 'nodeDataChanged', path: '/a', zxid: 5 }),
    'WatchedEvent state:SyncConnected type:NodeDataChanged path:/a zxid: 5',
  )
})
