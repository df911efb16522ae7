import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FlushTiming } from '../../src/limits/flushTiming.ts'
import { DrivenServer, type DrivenClient } from './drivenServer.ts'

const throttle = { maxRequests: 3, dropStale: true, staleLatencyCheck: false, throttledOpWaitTimeMs: 0 }
const xids = (client: DrivenClient): number[] => client.replies.map(({ xid }) => xid)

describe('With a request throttle', () => {
  it('as many requests are begun as may be; the others wait, unread and in order', async () => {
    const server = new DrivenServer({ requestThrottle: throttle })
    const client = await server.connect()
    client.give(...['/a', '/b', '/c', '/d', '/e'].map((path) => client.create(path)), client.get('/e'))
    assert.equal(server.engine.outstanding, 3)
    assert.equal(client.isPaused, true)
    await server.sync()
    assert.deepEqual(xids(client), [1, 2, 3])
    await server.syncAll()
    assert.deepEqual(xids(client), [1, 2, 3, 4, 5, 6])
    assert.ok(client.replies.every(({ err }) => err === 0))
    assert.equal(client.isPaused, false)
  })

  it('a session whose requests wait does not keep those before it from being answered', async () => {
    const server = new DrivenServer({ requestThrottle: { ...throttle, maxRequests: 1 } })
    const [writer, other] = [await server.connect(), await server.connect()]
    writer.give(writer.create('/a'), writer.create('/b'))
    other.give(other.get('/a'))
    assert.deepEqual(xids(other), [])
    await server.syncAll()
    assert.deepEqual([xids(writer), xids(other)], [[1, 2], [1]])
    assert.equal(server.counted.filter((metric) => metric === 'request_throttle_wait_count').length >= 2, true)
  })

  it('a request that waited for too long is answered THROTTLEDOP, in its turn, and a ping never is', async () => {
    const server = new DrivenServer({ requestThrottle: { ...throttle, maxRequests: 1, throttledOpWaitTimeMs: 100 } })
    const client = await server.connect()
    const before = server.engine.state.tree.count
    client.give(client.create('/a'), client.create('/b'), client.ping(), client.get('/a'))
    server.pass(101)
    await server.syncAll()
    assert.deepEqual(client.replies, [
      { xid: 1, err: 0 },
      { xid: 2, err: -127 },
      { xid: -2, err: 0 },
      { xid: 4, err: -127 },
    ])
    assert.equal(server.engine.state.tree.count, before + 1)
  })

  it('a request that waited for longer than its session lives costs the connection, if that is asked for', async () => {
    const stale = { ...throttle, maxRequests: 1, staleLatencyCheck: true }
    for (const [dropStale, isEnded] of [
      [true, true],
      [false, false],
    ] as const) {
      const server = new DrivenServer({ requestThrottle: { ...stale, dropStale } })
      const client = await server.connect()
      client.give(client.create('/a'), client.create('/b'))
      server.pass(10_001)
      await server.syncAll()
      assert.equal(client.isEnded, isEnded)
      assert.deepEqual(xids(client), isEnded ? [1] : [1, 2])
      assert.ok(server.counted.includes(isEnded ? 'stale_requests_dropped' : 'stale_requests'))
    }
  })

  it('every request is answered once and in order, however small the limits and the pieces are', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('give' as const), client: fc.nat(2), requests: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ kind: fc.constantFrom('sync' as const, 'deaf' as const, 'read' as const), client: fc.nat(2) }),
    )
    const limits = fc.record({ maxRequests: fc.integer({ min: 1, max: 5 }), outstanding: fc.nat(4) })
    await fc.assert(
      fc.asyncProperty(limits, fc.array(step, { maxLength: 25 }), async ({ maxRequests, outstanding }, steps) => {
        const server = new DrivenServer({
          requestThrottle: { ...throttle, maxRequests },
          largeRequests: { thresholdBytes: 60, maxBytes: 1000 },
          globalOutstandingLimit: outstanding,
          flushTiming: new FlushTiming({ delayMs: 5, maxIdleMs: 2, maxBatchSize: 4 }, 0),
        })
        const clients = [await connect(server), await connect(server), await connect(server)]
        const asked = [0, 0, 0]
        for (const next of steps) {
          const client = clients[next.client]
          if (client === undefined) continue
          if (next.kind === 'sync') await server.sync()
          if (next.kind === 'deaf') client.isDeaf = true
          if (next.kind === 'read') client.hear()
          if (next.kind !== 'give' || client.isPaused) continue
          const paths = Array.from({ length: next.requests }, () => `/${next.client}-${(asked[next.client] ?? 0) + 1}`)
          client.give(
            ...paths.map((path, index) =>
              index % 2 === 0 ? client.create(path) : client.get(paths[index - 1] ?? '/'),
            ),
          )
          asked[next.client] = (asked[next.client] ?? 0) + next.requests
        }
        for (const client of clients) client.hear()
        for (let round = 0; round < 200; round++) {
          server.pass(5)
          await server.sync()
        }
        for (const [index, client] of clients.entries()) {
          assert.deepEqual(
            xids(client),
            Array.from({ length: asked[index] ?? 0 }, (_, xid) => xid + 1),
          )
          assert.equal(client.isPaused, false)
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('Large requests', () => {
  const largeRequests = { thresholdBytes: 200, maxBytes: 1000 }
  const data = 'x'.repeat(400)

  it('beyond what they may have together cost the connection that sends one more', async () => {
    const server = new DrivenServer({ largeRequests })
    const [first, second] = [await server.connect(), await server.connect()]
    first.give(first.create('/a', data), first.create('/b', data))
    second.give(second.create('/small'), second.create('/c', data))
    assert.equal(second.isEnded, true)
    assert.match(server.closed.join(), /a request of \d+ bytes does not fit beside \d+ bytes .*largeRequestMaxBytes/)
    assert.deepEqual(server.counted, ['large_requests_rejected'])
    await server.syncAll()
    assert.deepEqual(xids(first), [1, 2])
  })

  it('that were answered make room for others', async () => {
    const server = new DrivenServer({ largeRequests })
    const client = await server.connect()
    client.give(client.create('/a', data))
    await server.syncAll()
    for (let round = 0; round < 5; round++) {
      client.give(client.set('/a', data), client.set('/a', data))
      await server.syncAll()
    }
    assert.equal(client.replies.length, 11)
    assert.equal(client.isEnded, false)
  })
})

describe('With a flush delay', () => {
  const settings = { delayMs: 100, maxIdleMs: 30, maxBatchSize: 4 }

  it('transactions wait for others until none came for a while', async () => {
    const server = new DrivenServer({ flushTiming: new FlushTiming(settings, 0) })
    server.nowMs = 1000
    const client = await server.connect()
    client.give(client.create('/a'))
    server.settle()
    assert.equal(server.isWriting, false)
    server.pass(20)
    client.give(client.create('/b'))
    server.settle()
    server.pass(29)
    assert.equal(server.isWriting, false)
    server.pass(2)
    assert.equal(server.isWriting, true)
    await server.syncAll()
    assert.deepEqual(server.groups, [1, 2])
    assert.deepEqual(xids(client), [1, 2])
  })

  it('as many as make a batch do not wait', async () => {
    const server = new DrivenServer({ flushTiming: new FlushTiming(settings, 0) })
    server.nowMs = 1000
    const client = await server.connect()
    client.give(...['/a', '/b', '/c', '/d'].map((path) => client.create(path)))
    server.settle()
    assert.equal(server.isWriting, true)
    await server.syncAll()
    assert.deepEqual(server.groups, [1, 4])
  })
})

describe('A client that asks for much at once', () => {
  it('gets one output after the other, and nothing more while it does not read', async () => {
    const server = new DrivenServer()
    const client = await server.connect()
    client.give(client.create('/a', 'x'.repeat(500_000)))
    await server.syncAll()
    client.isDeaf = true
    client.give(...Array.from({ length: 40 }, () => client.get('/a')))
    server.settle()
    assert.ok(client.unsentBytes < 3_000_000, `${client.unsentBytes} bytes wait`)
    assert.equal(client.isPaused, true)
    client.hear()
    server.settle()
    assert.equal(client.replies.length, 41)
    assert.equal(client.isPaused, false)
  })

  it('has a bounded number of reads behind its writes, and all are answered in order', async () => {
    const server = new DrivenServer()
    const client = await server.connect()
    const reads = Array.from({ length: 300 }, () => client.get('/a'))
    client.give(client.create('/a', 'x'.repeat(10_000)), ...reads.slice(0, 250), client.set('/a', 'y'))
    assert.equal(server.engine.outstanding, 1 + 64)
    assert.equal(client.isPaused, true)
    await server.syncAll()
    assert.equal(client.isPaused, false)
    client.give(...reads.slice(250))
    server.settle()
    const [created, ...first] = Array.from({ length: 251 }, (_, index) => (index === 0 ? 301 : index))
    assert.deepEqual(xids(client), [created, ...first, 302, ...Array.from({ length: 50 }, (_, index) => 251 + index)])
  })

  it('gets all of it although its outputs leave at once', async () => {
    const server = new DrivenServer()
    const client = await server.connect()
    client.give(client.create('/a', 'x'.repeat(500_000)))
    await server.syncAll()
    client.give(...Array.from({ length: 40 }, () => client.get('/a')))
    server.settle()
    assert.equal(client.replies.length, 41)
  })
})

describe('The connection throttle', () => {
  it('is asked before a session is begun, and closes the connection', () => {
    const server = new DrivenServer({ admits: () => false })
    void server.connect()
    assert.match(server.closed.join(), /connection_throttle_tokens/)
    assert.equal(server.engine.state.sessions.count, 0)
  })
})

async function connect(server: DrivenServer): Promise<DrivenClient> {
  const connecting = server.connect()
  server.pass(10)
  const client = await connecting
  server.pass(10)
  await server.syncAll()
  return client
}
