/** Quotas (reference 2.10; administrator's guide, "ZooKeeper Quotas"). */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { bytesOf } from '@meerkat/protocol'
import { parseQuota } from '../src/index.ts'
import { OPEN, TestServer, freshRecovery, type Client } from './harness.ts'

const quotaOf = (path: string) => `/zookeeper/quota${path}`

/** As setquota does it: the path below /zookeeper/quota, its limits, its statistics. */
function setQuota(client: Client, path: string, limits: string): void {
  for (let end = path.indexOf('/', 1); ; end = path.indexOf('/', end + 1)) {
    client.call('create', { path: quotaOf(end < 0 ? path : path.slice(0, end)), data: null, acl: OPEN, flags: 0 })
    if (end < 0) break
  }
  client.create(quotaOf(`${path}/zookeeper_limits`), { data: limits })
  client.create(quotaOf(`${path}/zookeeper_stats`), { data: 'count=0,bytes=0' })
}

const stats = (client: Client, path: string) =>
  client.ok('getData', { path: quotaOf(`${path}/zookeeper_stats`), watch: false }).data?.toString()
const tries = (client: Client, path: string, data = '') =>
  client.call('create', { path, data: bytesOf(data), acl: OPEN, flags: 0 }).err

suite('The text of a quota', () => {
  const none = { count: -1, bytes: -1, countHard: -1, bytesHard: -1 }
  const rows: [string, Partial<typeof none>][] = [
    ['', {}],
    ['count=5,bytes=10', { count: 5, bytes: 10 }],
    ['count=5,bytes=10=;byteHardLimit=20;countHardLimit=30', { count: 5, bytes: 10, bytesHard: 20, countHard: 30 }],
    ['count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=30', { countHard: 30 }],
    ['bytes=7', { bytes: 7 }],
    ['count=0', { count: 0 }],
    ['nonsense,=,count=,count=x', {}],
    ['count=1;;;,,bytes=2', { count: 1, bytes: 2 }],
  ]
  for (const [text, expected] of rows) {
    test(`"${text}"`, () => assert.deepEqual(parseQuota(text), { ...none, ...expected }))
  }
})

suite('The statistics of a quota', () => {
  const server = new TestServer()
  const client = server.connect()
  client.create('/a', { data: '12345' })
  client.create('/a/b', { data: '123' })
  setQuota(client, '/a', 'count=100,bytes=100')

  test('are counted when they are made: the znodes from the path down, and the bytes of their data', () => {
    assert.equal(stats(client, '/a'), 'count=2,bytes=8')
  })

  test('follow every create, change and delete', () => {
    client.create('/a/c', { data: '12' })
    assert.equal(stats(client, '/a'), 'count=3,bytes=10')
    client.ok('setData', { path: '/a/c', data: bytesOf('1234'), version: -1 })
    assert.equal(stats(client, '/a'), 'count=3,bytes=12')
    client.ok('setData', { path: '/a/c', data: null, version: -1 })
    assert.equal(stats(client, '/a'), 'count=3,bytes=8')
    client.ok('delete', { path: '/a/c', version: -1 })
    assert.equal(stats(client, '/a'), 'count=2,bytes=8')
    client.create('/ab', { data: 'elsewhere' })
    assert.equal(stats(client, '/a'), 'count=2,bytes=8')
  })

  test('change without a transaction, a version or a new digest', () => {
    const { tree } = server.state
    const digest = tree.digest.value
    const path = quotaOf('/a/zookeeper_stats')
    const before = client.stat(path)
    const { zxid } = server
    client.ok('multi', [
      { type: 1, request: { path: '/a/x', data: null, acl: OPEN, flags: 0 } },
      { type: 2, request: { path: '/a/x', version: -1 } },
    ])
    assert.equal(server.zxid, zxid + 1)
    const after = client.stat(path)
    assert.deepEqual({ ...after, dataLength: 0 }, { ...before, dataLength: 0 })
    assert.notDeepEqual(tree.digest.value, digest, 'the cversion and pzxid of /a did change')
    assert.deepEqual(server.last.digest, tree.digest.value)
  })

  test('of the deepest path with a quota count, not of those above', () => {
    setQuota(client, '/a/b', 'count=100,bytes=100')
    client.create('/a/b/c', { data: '1' })
    assert.equal(stats(client, '/a/b'), 'count=2,bytes=4')
    assert.equal(stats(client, '/a'), 'count=2,bytes=8')
  })

  test('are counted anew after a restart', () => {
    const recovery = freshRecovery()
    for (const txn of server.log) recovery.replay(txn)
    const { state } = new TestServer({ state: recovery.finish() })
    const use = [...state.quotas.status()].map(({ path, use, limits }) => [path, use, limits.count])
    assert.deepEqual(use, [
      ['/a', { count: 2, bytes: 8 }, 100],
      ['/a/b', { count: 2, bytes: 4 }, 100],
    ])
  })

  test('end with the quota', () => {
    client.ok('delete', { path: quotaOf('/a/b/zookeeper_limits'), version: -1 })
    client.create('/a/b/d', { data: '1' })
    assert.equal(stats(client, '/a/b'), 'count=2,bytes=4')
    assert.equal(stats(client, '/a'), 'count=3,bytes=9')
  })
})

suite('A quota', () => {
  test('is not enforced where enforceQuota is off, as it is by default', () => {
    const client = new TestServer().connect()
    client.create('/a')
    setQuota(client, '/a', 'count=1,bytes=1=;byteHardLimit=1;countHardLimit=1')
    assert.equal(tries(client, '/a/b', 'more than one byte'), 0)
  })

  test('that is hard refuses what would exceed it, by count or by bytes', () => {
    const client = new TestServer({ rules: { enforceQuota: true } }).connect()
    client.create('/a')
    setQuota(client, '/a', 'count=-1,bytes=-1=;byteHardLimit=5;countHardLimit=3')
    assert.deepEqual(
      [tries(client, '/a/b', '123456'), tries(client, '/a/b', '12345'), tries(client, '/a/c', '1')],
      [-125, 0, -125],
    )
    assert.deepEqual([tries(client, '/a/c'), tries(client, '/a/d')], [0, -125])
    assert.equal(client.call('setData', { path: '/a/c', data: bytesOf('1'), version: -1 }).err, -125)
    assert.equal(client.call('setData', { path: '/a/b', data: bytesOf('1'), version: -1 }).err, 0)
    assert.equal(tries(client, '/elsewhere', '123456789'), 0)
  })

  test('that is soft refuses nothing', () => {
    const client = new TestServer({ rules: { enforceQuota: true } }).connect()
    client.create('/a')
    setQuota(client, '/a', 'count=1,bytes=1')
    assert.equal(tries(client, '/a/b', '123456'), 0)
  })

  test("is compared with what is applied, so a burst may pass it, as at Apache's", () => {
    const server = new TestServer({ rules: { enforceQuota: true } })
    const client = server.connect()
    client.create('/a')
    setQuota(client, '/a', 'countHardLimit=2')
    for (const name of ['b', 'c']) client.send('create', { path: `/a/${name}`, data: null, acl: OPEN, flags: 0 })
    server.commit()
    assert.deepEqual(
      client.replies.slice(-2).map(({ err }) => err),
      [0, 0],
    )
    assert.equal(tries(client, '/a/d'), -125)
  })

  test('that a burst has passed, or that was set too low, refuses growth only in what it limits', () => {
    const client = new TestServer({ rules: { enforceQuota: true } }).connect()
    client.create('/a', { data: '123' })
    const writes = (data: string) => client.call('setData', { path: '/a', data: bytesOf(data), version: -1 }).err
    setQuota(client, '/a', 'countHardLimit=0')
    assert.equal(writes('1234'), 0)
    client.ok('setData', { path: quotaOf('/a/zookeeper_limits'), data: bytesOf('byteHardLimit=2'), version: -1 })
    assert.equal(tries(client, '/a/b'), 0)
    assert.equal(writes('4321'), 0)
    assert.equal(writes('123'), -125)
    assert.equal(writes('12'), 0)
  })

  test('that is exceeded fails a multi as a whole', () => {
    const client = new TestServer({ rules: { enforceQuota: true } }).connect()
    client.create('/a')
    setQuota(client, '/a', 'byteHardLimit=3')
    const results = client.ok('multi', [
      { type: 1, request: { path: '/a/b', data: null, acl: OPEN, flags: 0 } },
      { type: 1, request: { path: '/a/c', data: bytesOf('1234'), acl: OPEN, flags: 0 } },
    ])
    assert.deepEqual(
      results.map(({ body }) => body),
      [{ err: 0 }, { err: -125 }],
    )
  })

  test('may be changed by setData of its limits', () => {
    const client = new TestServer({ rules: { enforceQuota: true } }).connect()
    client.create('/a')
    setQuota(client, '/a', 'countHardLimit=1')
    assert.equal(tries(client, '/a/b'), -125)
    client.ok('setData', { path: quotaOf('/a/zookeeper_limits'), data: bytesOf('countHardLimit=2'), version: -1 })
    assert.equal(tries(client, '/a/b'), 0)
  })
})
