/** A disk that fails: nothing is acknowledged that is not on it, what is on it can be read, and nobody waits for ever. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode, bytesOf } from '@meerkat/protocol'
import { OPEN, TestServer } from './harness.ts'

const create = (path: string) => ({ path, data: bytesOf('d'), acl: OPEN, flags: 0 })

test('Writes in flight when the log fails are answered SYSTEMERROR and never happened', () => {
  const server = new TestServer()
  const client = server.connect()
  client.create('/a')
  const digest = server.state.tree.digest.value
  client.send('create', create('/a/b'))
  server.take()
  client.send('setData', { path: '/a', data: bytesOf('x'), version: -1 })
  server.failLog()
  assert.deepEqual(
    client.replies.slice(-2).map(({ err }) => err),
    [ErrorCode.SYSTEMERROR, ErrorCode.SYSTEMERROR],
  )
  assert.equal(server.engine.outstanding, 0)
  assert.deepEqual(server.state.tree.digest.value, digest)
  assert.deepEqual(server.state.outstanding.digest.value, digest)
  assert.equal(client.stat('/a').version, 0)
})

test('While the log fails, writes are refused at once and reads go on', () => {
  const server = new TestServer()
  const client = server.connect()
  client.create('/a')
  server.failLog()
  client.send('create', create('/b'))
  client.send('getData', { path: '/a', watch: false })
  assert.deepEqual(
    client.replies.slice(-2).map(({ err }) => err),
    [ErrorCode.SYSTEMERROR, 0],
  )
  assert.equal(server.engine.takeLogGroup(), undefined)
})

test('While the log fails, a new session is refused and a known one can go on', () => {
  const server = new TestServer()
  const client = server.connect()
  server.failLog()
  const stranger = server.open()
  stranger.handshake()
  assert.equal(stranger.closedBecause, 'log failed')
  client.drop()
  const again = server.open()
  again.attach(client)
  assert.equal(again.session?.sessionId, client.session?.sessionId)
})

test('A session that was being made when the log failed is refused', () => {
  const server = new TestServer()
  const stranger = server.open()
  stranger.handshake()
  server.take()
  server.failLog()
  assert.equal(stranger.closedBecause, 'log failed')
  assert.equal(server.state.sessions.count, 0)
})

test('Syncs and reads behind writes that failed are answered, in their order', () => {
  const server = new TestServer()
  const client = server.connect()
  client.sendBytes(
    client.frame('create', create('/a')),
    client.frame('sync', { path: '/' }),
    client.frame('exists', { path: '/a', watch: false }),
    client.frame('create', create('/b')),
    client.frame('sync', { path: '/' }),
  )
  server.take()
  server.failLog()
  assert.deepEqual(
    client.replies.map(({ xid, err }) => [xid, err]),
    [
      [1, -1],
      [2, 0],
      [3, -101],
      [4, -1],
      [5, 0],
    ],
  )
})

test('Every sync of a session that only waited for writes of others is answered when the log fails', () => {
  const server = new TestServer()
  const [writer, reader] = [server.connect(), server.connect()]
  writer.send('create', create('/a'))
  server.take()
  reader.send('sync', { path: '/one' })
  reader.send('exists', { path: '/a', watch: false })
  reader.send('sync', { path: '/two' })
  reader.send('sync', { path: '/three' })
  server.failLog()
  assert.deepEqual(
    reader.replies.map(({ name }) => name),
    ['sync', 'exists', 'sync', 'sync'],
  )
  assert.equal(server.engine.outstanding, 0)
})

test('Once the log is well again, writes go on with the zxid after the last durable one', () => {
  const server = new TestServer()
  const client = server.connect()
  client.create('/a')
  const last = server.zxid
  client.send('create', create('/lost'))
  server.take()
  server.failLog()
  server.recoverLog()
  client.create('/b')
  assert.equal(server.zxid, last + 1)
  assert.equal(client.fails('exists', { path: '/lost', watch: false }), 'NONODE')
  assert.deepEqual(server.last.digest, server.state.tree.digest.value)
})

test('Writes durable before the failure stay acknowledged', () => {
  const server = new TestServer()
  const client = server.connect()
  client.send('create', create('/a'))
  client.send('create', create('/b'))
  const [first] = server.take()
  server.durable(first?.header.zxid)
  server.failLog()
  assert.deepEqual(
    client.replies.map(({ err }) => err),
    [0, -1],
  )
  assert.equal(client.stat('/a').version, 0)
})

test('A session whose close failed lives on, until it is silent for its whole time', () => {
  const server = new TestServer()
  const client = server.connect(10_000)
  client.send('closeSession', {})
  server.take()
  server.tick(3000)
  server.failLog()
  assert.equal(client.replies.at(-1)?.err, ErrorCode.SYSTEMERROR)
  assert.equal(client.closedBecause, undefined)
  server.recoverLog()
  server.tick(5000)
  client.send('ping', {})
  server.tick(8000)
  server.commit()
  assert.equal(client.closedBecause, undefined)
  server.tick(12_000)
  server.commit()
  assert.equal(client.closedBecause, 'session expired')
})

test('Sessions do not expire while the log fails, and an expiry that failed begins anew', () => {
  const server = new TestServer()
  const client = server.connect(10_000)
  server.tick(12_000)
  server.take()
  server.failLog()
  server.tick(60_000)
  assert.equal(client.closedBecause, undefined)
  server.recoverLog()
  server.tick(2000)
  assert.equal(server.take().length, 1)
  server.durable()
  assert.equal(client.closedBecause, 'session expired')
})
