/** Containers and znodes with a time to live (reference 2.9; programmer's guide, "Container Nodes", "TTL Nodes"). */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { CreateFlag, NO_SESSION, OpCode } from '@meerkat/protocol'
import { NONE } from '../src/index.ts'
import { OPEN, RULES, TestServer, type Client } from './harness.ts'

const MINUTE = 60_000
const container = (client: Client, path: string) =>
  client.ok('createContainer', { path, data: null, acl: OPEN, flags: CreateFlag.container })
const timed = (client: Client, path: string, ttl: number) =>
  client.ok('createTTL', { path, data: null, acl: OPEN, flags: CreateFlag.persistentWithTtl, ttl })
const isThere = (server: TestServer, path: string) => server.state.tree.find(path) !== NONE

function makeServer(containers: Partial<typeof RULES.containers> = {}): { server: TestServer; client: Client } {
  const server = new TestServer({ rules: { containers: { ...RULES.containers, ...containers } } })
  server.tick(1000)
  return { server, client: server.connect(40_000) }
}

/** Time passes in the steps of a driver. */
function pass(server: TestServer, ms: number, step = 1000): void {
  for (let passed = 0; passed < ms; passed += step) {
    server.tick(Math.min(step, ms - passed))
    server.commit()
  }
}

suite('A container', () => {
  test('goes at a check once its last child is gone', () => {
    const { server, client } = makeServer()
    container(client, '/c')
    client.create('/c/a')
    pass(server, MINUTE)
    assert.ok(isThere(server, '/c'))
    const again = server.connect()
    again.ok('delete', { path: '/c/a', version: -1 })
    pass(server, MINUTE)
    assert.ok(!isThere(server, '/c'))
    const close = server.log.findLast(({ txn }) => txn.type === OpCode.deleteContainer)
    assert.deepEqual(close?.txn, { type: OpCode.deleteContainer, path: '/c' })
    assert.equal(close.header.sessionId, NO_SESSION)
  })

  test('stays as long as it never had a child', () => {
    const { server, client } = makeServer()
    container(client, '/c')
    pass(server, 10 * MINUTE)
    assert.ok(isThere(server, '/c'))
  })

  test('goes without ever having had a child, if maxNeverUsedIntervalMs says so', () => {
    const { server, client } = makeServer({ maxNeverUsedIntervalMs: 3 * MINUTE })
    container(client, '/c')
    pass(server, 2 * MINUTE)
    assert.ok(isThere(server, '/c'))
    pass(server, 2 * MINUTE)
    assert.ok(!isThere(server, '/c'))
  })

  test('that got a child between the check and its delete stays', () => {
    const { server, client } = makeServer({ maxPerMinute: 1 })
    for (const path of ['/c1', '/c2']) {
      container(client, path)
      client.create(`${path}/a`)
      client.ok('delete', { path: `${path}/a`, version: -1 })
    }
    pass(server, MINUTE)
    const left = isThere(server, '/c1') ? '/c1' : '/c2'
    assert.ok(isThere(server, left))
    server.connect().create(`${left}/b`)
    pass(server, 2 * MINUTE)
    assert.ok(isThere(server, left))
  })

  test('may have an ephemeral child, and goes after it', () => {
    const { server, client } = makeServer()
    container(client, '/c')
    client.create('/c/e', { flags: CreateFlag.ephemeral })
    pass(server, 3 * MINUTE)
    assert.ok(!isThere(server, '/c'))
  })
})

suite('A znode with a time to live', () => {
  test('goes at a check once it was neither changed nor had children for longer than that', () => {
    const { server, client } = makeServer()
    timed(client, '/t', 90_000)
    pass(server, MINUTE)
    assert.ok(isThere(server, '/t'))
    pass(server, MINUTE)
    assert.ok(!isThere(server, '/t'))
  })

  test('lives on when it is changed', () => {
    const { server, client } = makeServer()
    timed(client, '/t', 90_000)
    pass(server, 50_000)
    server.connect().ok('setData', { path: '/t', data: null, version: -1 })
    pass(server, 70_000)
    assert.ok(isThere(server, '/t'))
  })

  test('lives on while it has children', () => {
    const { server, client } = makeServer()
    timed(client, '/t', 1)
    client.create('/t/a')
    pass(server, 3 * MINUTE)
    assert.ok(isThere(server, '/t'))
  })
})

test('At most maxPerMinute go in a minute, evenly spread', () => {
  const { server, client } = makeServer({ maxPerMinute: 6 })
  for (let i = 0; i < 9; i++) timed(client, `/t${i}`, 1)
  const times: number[] = []
  let before = server.log.length
  for (let second = 0; second < 200; second++) {
    pass(server, 1000)
    const deletes = server.log.slice(before).filter(({ txn }) => txn.type === OpCode.deleteContainer)
    for (const { header } of deletes) times.push(header.time)
    before = server.log.length
  }
  assert.equal(times.length, 9)
  for (const [i, time] of times.entries()) if (i > 0) assert.equal(time - (times[i - 1] ?? 0), 10_000)
})

test('After hours in which nothing went, no burst follows', () => {
  const { server, client } = makeServer({ maxPerMinute: 60 })
  pass(server, 120 * MINUTE, MINUTE)
  assert.equal(client.closedBecause, 'session expired')
  const again = server.connect()
  for (let i = 0; i < 100; i++) timed(again, `/t${i}`, 1)
  pass(server, MINUTE, 10_000)
  const before = server.state.tree.count
  pass(server, 10_000, 500)
  assert.ok(before - server.state.tree.count <= 11, `${before - server.state.tree.count} went in ten seconds`)
  assert.ok(server.state.tree.count > 90)
})

test('Without extended types, nothing has a time to live', () => {
  const server = new TestServer({ rules: { extendedTypes: false } })
  const client = server.connect()
  const request = { path: '/t', data: null, acl: OPEN, flags: CreateFlag.persistentWithTtl, ttl: 1 }
  assert.equal(client.fails('createTTL', request), 'UNIMPLEMENTED')
})
