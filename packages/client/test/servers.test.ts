import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConnectString, ServerList } from '../src/servers.ts'

test('a connect string names servers and a chroot', () => {
  const cases = [
    ['a', [['a', 2181]], ''],
    [
      'a:1,b:2',
      [
        ['a', 1],
        ['b', 2],
      ],
      '',
    ],
    [
      ' a:1 , b ',
      [
        ['a', 1],
        ['b', 2181],
      ],
      '',
    ],
    [
      '[::1]:3,b/x/y',
      [
        ['::1', 3],
        ['b', 2181],
      ],
      '/x/y',
    ],
    ['a/', [['a', 2181]], ''],
  ] as const
  for (const [text, servers, chroot] of cases) {
    const parsed = parseConnectString(text)
    assert.deepEqual([parsed.servers.map(({ host, port }) => [host, port]), parsed.chroot], [servers, chroot], text)
  }
})

test('what is no server is refused with the text that was given', () => {
  for (const text of ['', '/x', 'a:b', 'a:0', 'a:70000', 'a:1:2']) {
    assert.throws(() => parseConnectString(text), new RegExp(text.split('/')[0] ?? ''), text)
  }
})

test('a list of servers is gone round in one order', () => {
  const list = new ServerList(parseConnectString('a,b,c').servers, () => 0.5)
  const round = [list.next(), list.next(), list.next()].map(({ host }) => host)
  assert.deepEqual([...round].sort(), ['a', 'b', 'c'])
  assert.deepEqual(
    [list.next(), list.next(), list.next()].map(({ host }) => host),
    round,
  )
})
