/** ZooKeeper programmer's guide, "Consistency guarantees", and the reference's pipeline: who sees what, and when. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesOf } from '@meerkat/protocol'
import { OPEN, TestServer, type Client } from './harness.ts'

const create = (path: string) => ({ path, data: bytesOf('d'), acl: OPEN, flags: 0 })
const names = (client: Client): string[] => client.replies.map(({ name }) => name)

test('A write is not acknowledged, not even to its own session, before it is durable', () => {
  const server = new TestServer()
  const client = server.connect()
  client.send('create', create('/a'))
  assert.deepEqual(client.replies, [])
  server.take()
  assert.deepEqual(client.replies, [])
  server.durable()
  assert.deepEqual(names(client), ['create'])
})

test('No other session sees a write before it is durable', () => {
  const server = new TestServer()
  const [writer, reader] = [server.connect(), server.connect()]
  writer.send('create', create('/a'))
  server.take()
  reader.send('exists', { path: '/a', watch: true })
  assert.equal(reader.replies.at(-1)?.err, -101)
  assert.deepEqual(reader.events, [])
  server.durable()
  assert.deepEqual(
    reader.events.map(({ path }) => path),
    ['/a'],
  )
})

test('A read of a session waits for the writes that the session asked for before it, and sees them', () => {
  const server = new TestServer()
  const client = server.connect()
  client.sendBytes(
    client.frame('create', create('/a')),
    client.frame('getData', { path: '/a', watch: false }),
    client.frame('setData', { path: '/a', data: bytesOf('new'), version: 0 }),
    client.frame('getData', { path: '/a', watch: false }),
    client.frame('delete', { path: '/a', version: 1 }),
    client.frame('exists', { path: '/a', watch: false }),
  )
  assert.deepEqual(client.replies, [])
  server.commit()
  assert.deepEqual(
    client.replies.map(({ name, xid, err }) => [name, xid, err]),
    [
      ['create', 1, 0],
      ['getData', 2, 0],
      ['setData', 3, 0],
      ['getData', 4, 0],
      ['delete', 5, 0],
      ['exists', 6, -101],
    ],
  )
  const data = client.replies.filter(({ name }) => name === 'getData').map(({ body }) => body)
  assert.deepEqual(
    data.map((body) => String((body as { data: unknown }).data)),
    ['d', 'new'],
  )
})

test('The zxid of a reply is that of the last transaction applied when it is made', () => {
  const server = new TestServer()
  const client = server.connect()
  const before = server.zxid
  client.sendBytes(
    client.frame('create', create('/a')),
    client.frame('getData', { path: '/a', watch: false }),
    client.frame('delete', { path: '/a', version: -1 }),
    client.frame('exists', { path: '/a', watch: false }),
  )
  server.commit()
  assert.deepEqual(
    client.replies.map(({ zxid }) => zxid - before),
    [1, 1, 2, 2],
  )
})

test('Replies of one session come in the order of its requests, also where the log is durable in parts', () => {
  const server = new TestServer()
  const client = server.connect()
  client.sendBytes(
    client.frame('create', create('/a')),
    client.frame('exists', { path: '/b', watch: false }),
    client.frame('create', create('/b')),
    client.frame('exists', { path: '/b', watch: false }),
  )
  const [first] = server.take()
  server.durable(first?.header.zxid)
  assert.deepEqual(
    client.replies.map(({ name, err }) => [name, err]),
    [
      ['create', 0],
      ['exists', -101],
    ],
  )
  server.durable()
  assert.deepEqual(names(client), ['create', 'exists', 'create', 'exists'])
})

test('A write that fails takes its place in the order, and a zxid', () => {
  const server = new TestServer()
  const client = server.connect()
  const before = server.zxid
  client.sendBytes(
    client.frame('create', create('/a')),
    client.frame('create', create('/a')),
    client.frame('create', create('/b')),
  )
  server.commit()
  assert.deepEqual(
    client.replies.map(({ err, zxid }) => [err, zxid - before]),
    [
      [0, 1],
      [-110, 2],
      [0, 3],
    ],
  )
  assert.deepEqual(
    server.log.slice(-3).map(({ txn, digest }) => [txn.type, digest !== undefined]),
    [
      [1, true],
      [-1, false],
      [1, true],
    ],
  )
})

test('Writes of all sessions have one order, in which each is checked against those before it', () => {
  const server = new TestServer()
  const [one, two] = [server.connect(), server.connect()]
  one.send('create', create('/a'))
  two.send('create', create('/a'))
  two.send('create', create('/a/b'))
  one.send('delete', { path: '/a', version: -1 })
  server.commit()
  assert.deepEqual(
    one.replies.map(({ err }) => err),
    [0, -111],
  )
  assert.deepEqual(
    two.replies.map(({ err }) => err),
    [-110, 0],
  )
})

test('The transactions of one batch form one group of the log, in order of their zxids', () => {
  const server = new TestServer()
  const client = server.connect()
  for (const path of ['/a', '/b', '/c']) client.send('create', create(path))
  const first = server.take().map(({ header }) => header.zxid)
  client.send('create', create('/d'))
  server.durable()
  assert.equal(client.replies.length, 3)
  const second = server.take().map(({ header }) => header.zxid)
  const start = first[0] ?? 0
  assert.deepEqual([...first, ...second], [start, start + 1, start + 2, start + 3])
})

test('The header of a transaction says session, cxid, time and type of its request', () => {
  const server = new TestServer()
  const client = server.connect()
  server.setClock(1234)
  client.create('/a')
  const { header } = server.last
  assert.deepEqual(header, {
    sessionId: client.session?.sessionId,
    cxid: 1,
    zxid: server.zxid,
    time: 1_700_000_001_234,
    type: 15,
  })
})

test('A sync is answered at once where nothing is in flight', () => {
  const client = new TestServer().connect()
  client.send('sync', { path: '/a/path' })
  assert.deepEqual(client.replies[0]?.body, { path: '/a/path' })
})

test('A sync waits for the writes of all sessions that were in flight when it came, and for no later ones', () => {
  const server = new TestServer()
  const [writer, reader] = [server.connect(), server.connect()]
  writer.send('create', create('/a'))
  server.take()
  reader.sendBytes(reader.frame('sync', { path: '/' }), reader.frame('exists', { path: '/a', watch: false }))
  writer.send('create', create('/b'))
  assert.deepEqual(reader.replies, [])
  server.durable()
  assert.deepEqual(
    reader.replies.map(({ name, err }) => [name, err]),
    [
      ['sync', 0],
      ['exists', 0],
    ],
  )
})

test('A sync that waits for a later group is answered once that group is durable', () => {
  const server = new TestServer()
  const [writer, reader] = [server.connect(), server.connect()]
  writer.send('create', create('/a'))
  server.take()
  writer.send('create', create('/b'))
  reader.sendBytes(reader.frame('sync', { path: '/' }), reader.frame('exists', { path: '/b', watch: false }))
  server.durable()
  assert.deepEqual(reader.replies, [])
  server.take()
  server.durable()
  assert.deepEqual(
    reader.replies.map(({ name, err }) => [name, err]),
    [
      ['sync', 0],
      ['exists', 0],
    ],
  )
})

test('Syncs of many sessions, one behind another, are all answered in their turn', () => {
  const server = new TestServer()
  const writer = server.connect()
  const readers = [server.connect(), server.connect(), server.connect()]
  for (const [i, reader] of readers.entries()) {
    writer.send('create', create(`/${i}`))
    reader.send('sync', { path: '/' })
    reader.send('sync', { path: '/' })
  }
  const zxids = server.take().map(({ header }) => header.zxid)
  for (const [i, zxid] of zxids.entries()) {
    server.durable(zxid)
    assert.deepEqual(
      readers.map(({ replies }) => replies.length),
      readers.map((_, at) => (at <= i ? 2 : 0)),
    )
  }
  assert.equal(server.engine.outstanding, 0)
})

test('A malformed setWatches is answered where its reply would not fit into what is left of the output', () => {
  const server = new TestServer()
  const client = server.connect()
  client.connection.output?.reserve(500)
  const malformed = client.rawFrame('setWatches', -8, (output) => output.int(0))
  const { engine } = server
  engine.requests(client.connection, malformed, 0, malformed.length)
  const reply = client.connection.output?.written().subarray(500)
  assert.equal(reply?.toString('hex').slice(-8), 'fffffffb')
})

test('A connection that goes takes its waiting requests along, and its writes in flight still happen', () => {
  const server = new TestServer()
  const [gone, stays] = [server.connect(), server.connect()]
  gone.send('create', create('/a'))
  gone.send('sync', { path: '/' })
  stays.send('sync', { path: '/' })
  assert.equal(server.engine.outstanding, 3)
  gone.drop()
  assert.equal(server.engine.outstanding, 1)
  server.commit()
  assert.deepEqual(gone.replies, [])
  assert.deepEqual(names(stays), ['sync'])
  assert.equal(stays.stat('/a').dataLength, 1)
})

test('A ping is answered at once, also where writes of its session are in flight', () => {
  const server = new TestServer()
  const client = server.connect()
  client.send('create', create('/a'))
  client.send('ping', {})
  assert.deepEqual(names(client), ['ping'])
  assert.deepEqual(
    client.replies.map(({ xid, zxid }) => [xid, zxid]),
    [[-2, server.zxid]],
  )
})

test('A write behind a sync of the same session is answered behind it, though both become durable at once', () => {
  const server = new TestServer()
  const [writer, client] = [server.connect(), server.connect()]
  writer.send('create', create('/a'))
  client.send('sync', { path: '/' })
  client.send('create', create('/b'))
  server.commit()
  assert.deepEqual(names(client), ['sync', 'create'])
})

test('Every request is answered once, in the order of its session, whatever the log does', () => {
  const who = fc.nat(2)
  const request = fc.record({ who, does: fc.constantFrom('write', 'write', 'fail', 'read', 'sync', 'sync') })
  const log = fc.record({ log: fc.constantFrom('take', 'take', 'durable', 'durable', 'part', 'failure') })
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 3, arbitrary: request }, log), { maxLength: 60 }), (steps) => {
      const server = new TestServer()
      const clients = [server.connect(), server.connect(), server.connect()]
      const asked = clients.map(() => 0)
      for (const step of steps) {
        if ('log' in step) {
          moveLog(server, step.log)
          continue
        }
        asked[step.who] = (asked[step.who] ?? 0) + 1
        ask(clients[step.who] as Client, step.does)
      }
      server.commit()
      for (const [i, client] of clients.entries())
        assert.deepEqual(
          client.replies.map(({ xid }) => xid),
          Array.from({ length: asked[i] ?? 0 }, (_, at) => at + 1),
        )
      assert.equal(server.engine.outstanding, 0)
    }),
    { numRuns: 300 },
  )
})

function ask(client: Client, does: string): void {
  if (does === 'write') client.send('setData', { path: '/', data: null, version: -1 })
  else if (does === 'fail') client.send('delete', { path: '/', version: -1 })
  else if (does === 'read') client.send('getData', { path: '/', watch: false })
  else client.send('sync', { path: '/' })
}

function moveLog(server: TestServer, log: string): void {
  if (log === 'take') server.take()
  else if (log === 'durable') server.durable()
  else if (log === 'part') server.durable(server.unsynced[0]?.header.zxid)
  else {
    server.failLog()
    server.recoverLog()
  }
}
