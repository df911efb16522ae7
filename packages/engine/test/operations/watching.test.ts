/** Watches (reference 2.12; programmer's guide, "ZooKeeper Watches"). */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { EventType, WatcherType, bytesOf, zxidOf, type MultiWrite } from '@meerkat/protocol'
import { OPEN, TestServer, aclOf, type Client, type Notification } from '../harness.ts'

const NAMES = new Map<number, string>(Object.entries(EventType).map(([name, type]) => [type, name]))
const shown = (events: readonly Notification[]) => events.map(({ type, path }) => `${NAMES.get(type)} ${path}`)

/** What a connection was told since the last call. */
function told(client: Client): string[] {
  const events = shown(client.events)
  client.received.length = 0
  return events
}

const KINDS = ['data', 'exists', 'children', 'persistent', 'recursive'] as const
type Kind = (typeof KINDS)[number]

function watch(client: Client, kind: Kind, path: string): void {
  if (kind === 'data') client.ok('getData', { path, watch: true })
  else if (kind === 'exists') client.call('exists', { path, watch: true })
  else if (kind === 'children') client.ok('getChildren', { path, watch: true })
  else client.ok('addWatch', { path, mode: kind === 'persistent' ? 0 : 1 })
  client.received.length = 0
}

interface Scene {
  readonly server: TestServer
  readonly writer: Client
  readonly watcher: Client
}

function scene(...paths: string[]): Scene {
  const server = new TestServer()
  const [writer, watcher] = [server.connect(), server.connect()]
  for (const path of paths) writer.create(path)
  return { server, writer, watcher }
}

const change = (writer: Client, path: string) => writer.ok('setData', { path, data: null, version: -1 })
const remove = (writer: Client, path: string) => writer.ok('delete', { path, version: -1 })

suite('The table of events: what each kind of watch on /p hears', () => {
  const rows: { does: string; act: (writer: Client) => void; hears: Partial<Record<Kind, string[]>> }[] = [
    {
      does: 'setData /p',
      act: (writer) => change(writer, '/p'),
      hears: {
        data: ['nodeDataChanged /p'],
        exists: ['nodeDataChanged /p'],
        persistent: ['nodeDataChanged /p'],
        recursive: ['nodeDataChanged /p'],
      },
    },
    {
      does: 'create /p/c',
      act: (writer) => void writer.create('/p/c'),
      hears: {
        children: ['nodeChildrenChanged /p'],
        persistent: ['nodeChildrenChanged /p'],
        recursive: ['nodeCreated /p/c'],
      },
    },
    {
      does: 'create /p/c/d, below an own child',
      act: (writer) => {
        writer.create('/p/c')
        writer.create('/p/c/d')
      },
      hears: {
        children: ['nodeChildrenChanged /p'],
        persistent: ['nodeChildrenChanged /p'],
        recursive: ['nodeCreated /p/c', 'nodeCreated /p/c/d'],
      },
    },
    {
      does: 'delete /p',
      act: (writer) => remove(writer, '/p'),
      hears: {
        data: ['nodeDeleted /p'],
        exists: ['nodeDeleted /p'],
        children: ['nodeDeleted /p'],
        persistent: ['nodeDeleted /p'],
        recursive: ['nodeDeleted /p'],
      },
    },
    { does: 'setACL /p', act: (writer) => void writer.ok('setACL', { path: '/p', acl: OPEN, version: -1 }), hears: {} },
    { does: 'create /other', act: (writer) => void writer.create('/other'), hears: {} },
    { does: 'create /pp, whose name only begins like it', act: (writer) => void writer.create('/pp'), hears: {} },
  ]
  for (const { does, act, hears } of rows) {
    for (const kind of KINDS) {
      test(`${does}: a ${kind} watch hears ${hears[kind]?.join(', ') ?? 'nothing'}`, () => {
        const { writer, watcher } = scene('/p')
        watch(watcher, kind, '/p')
        act(writer)
        assert.deepEqual(told(watcher), hears[kind] ?? [])
      })
    }
  }

  test('create /p: an exists watch, a persistent and a recursive one, left before it was there, hear nodeCreated /p', () => {
    for (const kind of ['exists', 'persistent', 'recursive'] as const) {
      const { writer, watcher } = scene()
      watch(watcher, kind, '/p')
      writer.create('/p')
      assert.deepEqual(told(watcher), ['nodeCreated /p'])
    }
  })

  test("delete /p/c: the parent's child watch hears nodeChildrenChanged, a recursive one nodeDeleted /p/c", () => {
    const { writer, watcher } = scene('/p', '/p/c')
    watch(watcher, 'children', '/p')
    watch(watcher, 'recursive', '/p')
    remove(writer, '/p/c')
    assert.deepEqual(told(watcher), ['nodeDeleted /p/c', 'nodeChildrenChanged /p'])
  })
})

suite('How often', () => {
  test('standard watches fire once', () => {
    for (const kind of ['data', 'exists', 'children'] as const) {
      const { server, writer, watcher } = scene('/p')
      watch(watcher, kind, '/p')
      for (let i = 0; i < 2; i++) {
        change(writer, '/p')
        writer.create(`/p/${i}`)
      }
      assert.equal(told(watcher).length, 1)
      assert.ok(server.state.watches.isEmpty)
    }
  })

  test('persistent and recursive watches fire each time, until they are removed', () => {
    const { writer, watcher } = scene('/p')
    watch(watcher, 'persistent', '/p')
    watch(watcher, 'recursive', '/p')
    change(writer, '/p')
    change(writer, '/p')
    assert.equal(told(watcher).length, 2)
    watcher.ok('removeWatches', { path: '/p', type: WatcherType.any })
    change(writer, '/p')
    assert.deepEqual(told(watcher), [])
  })

  test('one change tells one connection once, however many of its watches it fires', () => {
    const { writer, watcher } = scene('/p', '/p/c')
    for (const kind of KINDS) watch(watcher, kind, '/p/c')
    watch(watcher, 'recursive', '/p')
    watch(watcher, 'recursive', '/')
    change(writer, '/p/c')
    assert.deepEqual(told(watcher), ['nodeDataChanged /p/c'])
    remove(writer, '/p/c')
    assert.deepEqual(told(watcher), ['nodeDeleted /p/c'])
  })

  test('a child watch alone hears one nodeDeleted', () => {
    const { writer, watcher } = scene('/p')
    watch(watcher, 'children', '/p')
    remove(writer, '/p')
    assert.deepEqual(told(watcher), ['nodeDeleted /p'])
  })

  test('two watches of one kind on one path by one connection are one', () => {
    const { server, writer, watcher } = scene('/p')
    watch(watcher, 'data', '/p')
    watch(watcher, 'exists', '/p')
    assert.equal(server.state.watches.count, 1)
    change(writer, '/p')
    assert.equal(told(watcher).length, 1)
  })

  test('each connection is told for itself', () => {
    const { server, writer, watcher } = scene('/p')
    const another = server.connect()
    watch(watcher, 'data', '/p')
    watch(another, 'children', '/p')
    remove(writer, '/p')
    assert.deepEqual([told(watcher), told(another)], [['nodeDeleted /p'], ['nodeDeleted /p']])
  })

  test('a standard watch that fired leaves the persistent one beside it', () => {
    const { server, writer, watcher } = scene('/p')
    watch(watcher, 'data', '/p')
    watch(watcher, 'persistent', '/p')
    change(writer, '/p')
    assert.deepEqual(told(watcher), ['nodeDataChanged /p'])
    assert.ok(server.state.watches.hasData('/p', watcher.connection, 2))
    assert.ok(!server.state.watches.hasData('/p', watcher.connection, 1))
  })
})

suite('When', () => {
  test('a client hears of a change before it sees the change, also its own', () => {
    const { server, writer } = scene('/p')
    watch(writer, 'data', '/p')
    writer.sendBytes(
      writer.frame('setData', { path: '/p', data: bytesOf('x'), version: -1 }),
      writer.frame('getData', { path: '/p', watch: false }),
    )
    server.commit()
    assert.deepEqual(
      writer.received.map((one) => (one.kind === 'reply' ? one.name : one.kind)),
      ['event', 'setData', 'getData'],
    )
  })

  test('an event carries the zxid of its change', () => {
    const { server, writer, watcher } = scene('/p')
    watch(watcher, 'data', '/p')
    change(writer, '/p')
    assert.equal(watcher.events[0]?.zxid, server.zxid)
  })

  test('events come in the order of the changes', () => {
    const { writer, watcher } = scene('/p')
    watch(watcher, 'recursive', '/')
    writer.create('/p/a')
    change(writer, '/p')
    remove(writer, '/p/a')
    remove(writer, '/p')
    assert.deepEqual(told(watcher), ['nodeCreated /p/a', 'nodeDataChanged /p', 'nodeDeleted /p/a', 'nodeDeleted /p'])
  })

  test('a multi fires its watches operation by operation, all with its zxid', () => {
    const { server, writer, watcher } = scene('/p')
    watch(watcher, 'recursive', '/p')
    watch(watcher, 'children', '/p')
    const parts: MultiWrite[] = [
      { type: 1, request: { path: '/p/a', data: null, acl: OPEN, flags: 0 } },
      { type: 5, request: { path: '/p', data: null, version: -1 } },
    ]
    writer.ok('multi', parts)
    assert.deepEqual(new Set(watcher.events.map(({ zxid }) => zxid)), new Set([server.zxid]))
    assert.deepEqual(told(watcher), ['nodeCreated /p/a', 'nodeChildrenChanged /p', 'nodeDataChanged /p'])
  })

  test('a watch left between two changes hears the second', () => {
    const { server, writer } = scene('/p')
    writer.sendBytes(
      writer.frame('setData', { path: '/p', data: null, version: -1 }),
      writer.frame('getData', { path: '/p', watch: true }),
      writer.frame('setData', { path: '/p', data: null, version: -1 }),
    )
    server.commit()
    assert.deepEqual(
      writer.received.slice(-4).map((one) => (one.kind === 'reply' ? one.name : one.kind)),
      ['setData', 'getData', 'event', 'setData'],
    )
  })

  test('a session that ends deletes its ephemerals one by one', () => {
    const { server, writer, watcher } = scene('/p')
    writer.create('/p/e', { flags: 1 })
    writer.create('/p/f', { flags: 1 })
    watch(watcher, 'persistent', '/p')
    watch(watcher, 'data', '/p/f')
    writer.send('closeSession', {})
    server.commit()
    assert.deepEqual(told(watcher), ['nodeChildrenChanged /p', 'nodeDeleted /p/f', 'nodeChildrenChanged /p'])
  })
})

suite('A watch is left', () => {
  test('by exists also where there is nothing, by getData and getChildren only where there is something', () => {
    const { server, watcher } = scene()
    watcher.call('getData', { path: '/p', watch: true })
    watcher.call('getChildren', { path: '/p', watch: true })
    watcher.call('getChildren2', { path: '/p', watch: true })
    assert.ok(server.state.watches.isEmpty)
    watcher.call('exists', { path: '/p', watch: true })
    assert.equal(server.state.watches.count, 1)
  })

  test('by addWatch anywhere, whatever the ACL says', () => {
    const { watcher } = scene()
    watcher.ok('addWatch', { path: '/not/there', mode: 1 })
  })

  test('by addWatch in a mode of its two only: MARSHALLINGERROR', () => {
    const { watcher } = scene()
    assert.equal(watcher.fails('addWatch', { path: '/p', mode: 2 }), 'MARSHALLINGERROR')
    assert.equal(watcher.fails('addWatch', { path: '/p', mode: -1 }), 'MARSHALLINGERROR')
  })

  test('until its connection is gone', () => {
    const { server, watcher } = scene('/p')
    for (const kind of KINDS) watch(watcher, kind, '/p')
    watcher.drop()
    assert.ok(server.state.watches.isEmpty)
    assert.equal(server.state.watches.count, 0)
  })
})

suite('Without READ', () => {
  const closed = [aclOf(30, 'world', 'anyone')]

  test('nobody is told of a change', () => {
    const { writer, watcher } = scene()
    writer.create('/p', { acl: closed })
    watch(watcher, 'persistent', '/p')
    change(writer, '/p')
    assert.deepEqual(told(watcher), [])
  })

  test('of the znode that goes, nobody is told that it went', () => {
    const { writer, watcher } = scene()
    writer.create('/p', { acl: closed })
    watch(watcher, 'recursive', '/')
    remove(writer, '/p')
    assert.deepEqual(told(watcher), [])
  })

  test("of the parent, nobody is told of its children's coming", () => {
    const { writer, watcher } = scene()
    writer.create('/p', { acl: closed })
    watch(watcher, 'persistent', '/p')
    watch(watcher, 'recursive', '/p')
    writer.create('/p/c')
    assert.deepEqual(told(watcher), ['nodeCreated /p/c'])
  })

  test('a connection that may read is told beside one that may not', () => {
    const { writer, watcher } = scene()
    writer.authenticate('bob:hash')
    writer.create('/p', { acl: [aclOf(31, 'digest', 'bob:hash')] })
    watch(watcher, 'persistent', '/p')
    watch(writer, 'persistent', '/p')
    change(writer, '/p')
    assert.deepEqual([told(writer), told(watcher)], [['nodeDataChanged /p'], []])
  })
})

suite('checkWatches and removeWatches', () => {
  const rows = [
    { type: WatcherType.children, kinds: ['children'] },
    { type: WatcherType.data, kinds: ['data', 'exists'] },
    { type: WatcherType.any, kinds: KINDS },
    { type: WatcherType.persistent, kinds: ['persistent'] },
    { type: WatcherType.persistentRecursive, kinds: ['recursive'] },
  ]
  for (const { type, kinds } of rows) {
    test(`of type ${type} mean ${kinds.join(', ')} watches`, () => {
      for (const kind of KINDS) {
        const { server, watcher } = scene('/p')
        watch(watcher, kind, '/p')
        const expected = kinds.includes(kind) ? 0 : -121
        assert.equal(watcher.call('checkWatches', { path: '/p', type }).err, expected, kind)
        assert.equal(watcher.call('checkWatches', { path: '/q', type }).err, -121)
        assert.equal(watcher.call('removeWatches', { path: '/p', type }).err, expected, kind)
        assert.equal(server.state.watches.isEmpty, expected === 0)
        assert.equal(watcher.call('removeWatches', { path: '/p', type }).err, -121)
      }
    })
  }

  test('of an unknown type are answered MARSHALLINGERROR', () => {
    const { watcher } = scene()
    assert.equal(watcher.fails('checkWatches', { path: '/', type: 9 }), 'MARSHALLINGERROR')
    assert.equal(watcher.fails('removeWatches', { path: '/', type: 0 }), 'MARSHALLINGERROR')
  })

  test('leave the watches of other connections', () => {
    const { server, writer, watcher } = scene('/p')
    watch(watcher, 'data', '/p')
    watch(writer, 'data', '/p')
    watcher.ok('removeWatches', { path: '/p', type: WatcherType.any })
    assert.equal(server.state.watches.count, 1)
  })
})

suite('setWatches, after a reconnect', () => {
  const none = { dataWatches: [], existWatches: [], childWatches: [] }

  function rearm(
    client: Client,
    relativeZxid: number,
    watches: Partial<Record<keyof typeof none, string[]>>,
  ): string[] {
    client.received.length = 0
    client.ok('setWatches', { ...none, relativeZxid: zxidOf(relativeZxid), ...watches })
    const last = client.received.at(-1)
    assert.equal(last?.kind === 'reply' ? last.name : '', 'setWatches', 'the reply comes behind the events')
    for (const { zxid } of client.events) assert.equal(zxid, -1)
    return told(client)
  }

  test('a data watch hears nodeDeleted if the znode is gone, nodeDataChanged if it changed since, else is left', () => {
    const { server, writer, watcher } = scene('/p', '/q')
    const seen = server.zxid
    change(writer, '/q')
    assert.deepEqual(rearm(watcher, seen, { dataWatches: ['/gone', '/p', '/q'] }), [
      'nodeDeleted /gone',
      'nodeDataChanged /q',
    ])
    change(writer, '/p')
    change(writer, '/q')
    assert.deepEqual(told(watcher), ['nodeDataChanged /p'])
  })

  test('an exists watch hears nodeCreated if the znode is there, else is left', () => {
    const { server, writer, watcher } = scene('/p')
    assert.deepEqual(rearm(watcher, server.zxid, { existWatches: ['/p', '/q'] }), ['nodeCreated /p'])
    writer.create('/q')
    assert.deepEqual(told(watcher), ['nodeCreated /q'])
  })

  test('a child watch hears nodeDeleted, or nodeChildrenChanged if children came or went since, else is left', () => {
    const { server, writer, watcher } = scene('/p', '/q', '/r', '/r/c')
    const seen = server.zxid
    writer.create('/q/c')
    remove(writer, '/r/c')
    change(writer, '/p')
    assert.deepEqual(rearm(watcher, seen, { childWatches: ['/gone', '/p', '/q', '/r'] }), [
      'nodeDeleted /gone',
      'nodeChildrenChanged /q',
      'nodeChildrenChanged /r',
    ])
    writer.create('/p/c')
    assert.deepEqual(told(watcher), ['nodeChildrenChanged /p'])
  })

  test('persistent and recursive watches are left silently', () => {
    const { server, writer, watcher } = scene('/p', '/q')
    change(writer, '/p')
    watcher.received.length = 0
    const persistent = { persistentWatches: ['/p'], persistentRecursiveWatches: ['/q'] }
    watcher.ok('setWatches2', { ...none, ...persistent, relativeZxid: zxidOf(0) })
    assert.deepEqual(told(watcher), [])
    change(writer, '/p')
    writer.create('/q/c')
    assert.deepEqual(told(watcher), ['nodeDataChanged /p', 'nodeCreated /q/c'])
    assert.equal(server.state.watches.count, 3)
  })
})

test('Changes of quota statistics fire no watch', () => {
  const { writer, watcher } = scene('/p', '/zookeeper/quota/p')
  writer.create('/zookeeper/quota/p/zookeeper_limits', { data: 'count=5,bytes=5' })
  writer.create('/zookeeper/quota/p/zookeeper_stats')
  watch(watcher, 'persistent', '/zookeeper/quota/p/zookeeper_stats')
  writer.create('/p/c')
  assert.deepEqual(told(watcher), [])
})
