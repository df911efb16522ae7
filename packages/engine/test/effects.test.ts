/** What the observer and the counters of a connection are told. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { EventType, OpCode, RequestHeader, Input, bytesOf, type Txn } from '@meerkat/protocol'
import { Recovery, type AnsweredWrite, type Connection, type Observer } from '../src/index.ts'
import { FIRST_SESSION, OPEN, RULES, SEED, TestServer } from './harness.ts'

const create = (path: string) => ({ path, data: null, acl: OPEN, flags: 0 })

/** An observer that notes everything. */
function noting(keepsRequests = false) {
  const seen = {
    handshakes: [] as boolean[],
    created: [] as number[],
    reads: [] as [opcode: number, latencyMs: number][],
    found: [] as [opcode: number, request: string, replyBytes: number][],
    writes: [] as AnsweredWrite[],
    committed: [] as [Txn['type'], boolean][],
    expired: 0,
  }
  const observer: Partial<Observer> = {
    keepsRequests,
    handshake: (isRenewal) => seen.handshakes.push(isRenewal),
    read: (_connection: Connection, opcode, latencyMs) => seen.reads.push([opcode, latencyMs]),
    sessionCreated: (latencyMs) => seen.created.push(latencyMs),
    found: (opcode, request, body, reply, frame) =>
      seen.found.push([opcode, request.bytes.toString('latin1', body + 4, request.end - 1), reply.length - frame]),
    written: (_connection, write) => seen.writes.push(write),
    committed: (_header, txn, isAwaited) => seen.committed.push([txn.type, isAwaited]),
    expired: (sessions) => (seen.expired += sessions),
  }
  return { seen, observer }
}

suite('The observer is told', () => {
  test('of each read and write with the time from its coming to its answer', () => {
    const { seen, observer } = noting()
    const server = new TestServer({ observer })
    const client = server.connect()
    client.send('create', create('/a'))
    client.send('exists', { path: '/a', watch: false })
    server.setClock(70)
    server.commit()
    client.send('ping', {})
    assert.deepEqual(seen.reads, [
      [OpCode.exists, 70],
      [OpCode.ping, 0],
    ])
    assert.deepEqual(
      seen.writes.map(({ request, err, latencyMs }) => [request.opcode, err, latencyMs]),
      [[OpCode.create, 0, 70]],
    )
  })

  test('of the bytes of a write if it wants them, and of its error', () => {
    const { seen, observer } = noting(true)
    const client = new TestServer({ observer }).connect()
    client.fails('delete', { path: '/missing', version: -1 })
    const [write] = seen.writes
    assert.ok(write !== undefined)
    const { bytes, start, end } = write.request
    assert.deepEqual(RequestHeader.read(new Input(bytes, start, end)), { xid: 1, type: OpCode.delete })
    assert.deepEqual([write.err, write.txn.type], [-101, OpCode.error])
  })

  test('of each transaction, and whether a client of this server waits for it', () => {
    const { seen, observer } = noting()
    const server = new TestServer({ observer })
    const client = server.connect(4000)
    client.send('create', create('/a'))
    client.drop()
    server.commit()
    server.tick(6000)
    server.commit()
    assert.deepEqual(seen.committed, [
      [OpCode.createSession, true],
      [OpCode.create, false],
      [OpCode.closeSession, false],
    ])
    assert.equal(seen.expired, 1)
  })

  test('of what a read found, with its request and its reply, and of nothing where it failed', () => {
    const { seen, observer } = noting()
    const server = new TestServer({ observer })
    const client = server.connect()
    client.send('create', create('/a'))
    client.send('getData', { path: '/a', watch: false })
    client.send('getData', { path: '/missing', watch: false })
    server.commit()
    client.send('exists', { path: '/a', watch: false })
    assert.deepEqual(seen.found, [
      [OpCode.getData, '/a', 20 + 4 + 68],
      [OpCode.exists, '/a', 20 + 68],
    ])
  })

  test('of each session that was made, with the time that it took', () => {
    const { seen, observer } = noting()
    const server = new TestServer({ observer })
    const client = server.connect()
    server.open().attach(client)
    assert.deepEqual(seen.created, [0])
  })

  test('of the path whose quota a request would exceed', () => {
    const exceeded: string[] = []
    const recovery = new Recovery({
      rules: { ...RULES, enforceQuota: true },
      seed: SEED,
      firstSessionId: FIRST_SESSION,
      onQuotaExceeded: (path) => exceeded.push(path),
    })
    const client = new TestServer({ state: recovery.finish() }).connect()
    for (const path of ['/a', '/zookeeper/quota/a']) client.create(path)
    const limits = bytesOf('count=-1,bytes=-1=;countHardLimit=1')
    client.ok('create', { ...create('/zookeeper/quota/a/zookeeper_limits'), data: limits })
    client.fails('create', create('/a/b'))
    client.ok('create', create('/b'))
    assert.deepEqual(exceeded, ['/a'])
  })

  test('of handshakes, new and renewed', () => {
    const { seen, observer } = noting()
    const server = new TestServer({ observer })
    const client = server.connect()
    server.open().attach(client)
    assert.deepEqual(seen.handshakes, [false, true])
  })

  test('of the watches that each change fires', () => {
    const fired: [number, number][] = []
    const onFired = (type: number, watches: number) => void fired.push([type, watches])
    const recovery = new Recovery({ rules: RULES, seed: SEED, firstSessionId: FIRST_SESSION, onFired })
    const server = new TestServer({ state: recovery.finish() })
    const [one, two] = [server.connect(), server.connect()]
    one.create('/a')
    for (const client of [one, two]) client.ok('getData', { path: '/a', watch: true })
    one.ok('setData', { path: '/a', data: null, version: -1 })
    one.create('/b')
    assert.deepEqual(fired, [[EventType.nodeDataChanged, 2]])
  })
})

test('A connection counts what came, what went and how long answers took', () => {
  const server = new TestServer()
  const client = server.connect()
  client.send('create', create('/a'))
  server.setClock(30)
  server.commit()
  client.ok('getData', { path: '/a', watch: true })
  client.ok('setData', { path: '/a', data: null, version: -1 })
  const { counters } = client.connection
  assert.deepEqual([counters.received, counters.lastOpcode, counters.lastXid], [3, OpCode.setData, 3])
  assert.equal(counters.lastZxid, server.zxid)
  assert.deepEqual([counters.minLatencyMs, counters.maxLatencyMs, counters.totalLatencyMs], [0, 30, 30])
  assert.equal(counters.answers, 3)
  assert.equal(counters.sent, client.received.length - 1, 'three replies and an event, not the handshake')
})

test('A request that waited for too long is answered THROTTLEDOP, in its turn, and does nothing', () => {
  const server = new TestServer()
  const client = server.connect()
  client.send('create', create('/a'))
  const frame = client.frame('create', create('/b'))
  server.engine.refuseThrottled(client.connection, frame, 0, frame.length)
  server.flush()
  assert.deepEqual(client.replies, [])
  server.commit()
  assert.deepEqual(
    client.replies.map(({ xid, err }) => [xid, err]),
    [
      [1, 0],
      [2, -127],
    ],
  )
  assert.equal(client.fails('exists', { path: '/b', watch: false }), 'NONODE')
})

test('With digests off, none is logged, and the log replays', () => {
  const server = new TestServer({ rules: { digestEnabled: false } })
  server.connect().create('/a')
  assert.ok(server.log.every(({ digest }) => digest === undefined))
  assert.equal(server.engine.snapshot().tail().digest, undefined)
})
