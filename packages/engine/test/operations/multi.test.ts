/** multi and multiRead (reference 1.8 and 2.6). */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { MultiRead, MultiWrite } from '@meerkat/protocol'
import { CreateFlag, OpCode, bytesOf } from '@meerkat/protocol'
import { OPEN, TestServer, aclOf, type Client } from '../harness.ts'
import { checkTree } from '../tree/dump.ts'

const create = (path: string, { flags = 0, acl = OPEN } = {}): MultiWrite => ({
  type: OpCode.create,
  request: { path, data: bytesOf('d'), acl, flags },
})
const create2 = (path: string): MultiWrite => ({
  type: OpCode.create2,
  request: { path, data: bytesOf('d'), acl: OPEN, flags: 0 },
})
const remove = (path: string, version = -1): MultiWrite => ({ type: OpCode.delete, request: { path, version } })
const set = (path: string, version = -1): MultiWrite => ({
  type: OpCode.setData,
  request: { path, data: bytesOf('new'), version },
})
const check = (path: string, version: number): MultiWrite => ({ type: OpCode.check, request: { path, version } })

const types = (client: Client, parts: MultiWrite[]) => client.ok('multi', parts).map(({ type }) => type)

/** The error of each part; undefined where a part succeeded. */
function errors(client: Client, parts: MultiWrite[]): (number | undefined)[] {
  return client.ok('multi', parts).map((result) => (result.type === OpCode.error ? result.body.err : undefined))
}

suite('A multi that succeeds', () => {
  test('is one transaction with one zxid', () => {
    const server = new TestServer()
    const client = server.connect()
    const before = server.zxid
    client.ok('multi', [create('/a'), create('/b')])
    assert.equal(server.zxid, before + 1)
    assert.equal(client.stat('/a').czxid, server.zxid)
    assert.equal(client.stat('/b').czxid, server.zxid)
    assert.equal(server.last.txn.type, OpCode.multi)
  })

  test('lets each operation see what those before it did', () => {
    const client = new TestServer().connect()
    assert.deepEqual(
      types(client, [create('/a'), create('/a/b'), set('/a/b', 0), check('/a/b', 1), remove('/a/b', 1), remove('/a')]),
      [OpCode.create, OpCode.create, OpCode.setData, OpCode.check, OpCode.delete, OpCode.delete],
    )
    assert.equal(client.fails('exists', { path: '/a', watch: false }), 'NONODE')
  })

  test('gives each operation the result of its moment', () => {
    const client = new TestServer().connect()
    const [made, changed] = client.ok('multi', [create2('/a'), set('/a'), create('/a/b')])
    assert.ok(made?.type === OpCode.create2 && changed?.type === OpCode.setData)
    assert.deepEqual([made.body.path, made.body.stat.version, made.body.stat.numChildren], ['/a', 0, 0])
    assert.deepEqual([changed.body.stat.version, changed.body.stat.dataLength], [1, 3])
  })

  test('gives createContainer and createTTL the result of create2', () => {
    const client = new TestServer().connect()
    const request = { path: '/c', data: null, acl: OPEN }
    const results = types(client, [
      { type: OpCode.createContainer, request: { ...request, flags: CreateFlag.container } },
      { type: OpCode.createTTL, request: { ...request, path: '/t', flags: CreateFlag.persistentWithTtl, ttl: 9 } },
    ])
    assert.deepEqual(results, [OpCode.create2, OpCode.create2])
  })

  test('may be empty, and takes a zxid then as well', () => {
    const server = new TestServer()
    const client = server.connect()
    const before = server.zxid
    assert.deepEqual(client.ok('multi', []), [])
    assert.equal(server.zxid, before + 1)
    assert.deepEqual(server.last.txn, { type: OpCode.multi, txns: [] })
  })

  test('numbers sequential znodes one after another', () => {
    const client = new TestServer().connect()
    client.create('/a')
    const flags = CreateFlag.persistentSequential
    const results = client.ok('multi', [create('/a/n', { flags }), create('/a/n', { flags })])
    assert.deepEqual(
      results.map((result) => (result.type === OpCode.create ? result.body.path : undefined)),
      ['/a/n0000000000', '/a/n0000000001'],
    )
  })
})

suite('A multi that fails', () => {
  const parts = [create('/b'), set('/a', 0), check('/a', 0), create('/c'), create('/d')]

  test('has the reply header OK; its results are 0 before the one that failed, its error, and -2 after it', () => {
    const client = new TestServer().connect()
    client.create('/a')
    assert.deepEqual(errors(client, parts), [0, 0, -103, -2, -2])
  })

  test('is stored with the operations before the failed one as they were, and a digest', () => {
    const server = new TestServer()
    const client = server.connect()
    client.create('/a')
    client.ok('multi', parts)
    const { txn, digest } = server.last
    assert.ok(txn.type === OpCode.multi)
    assert.deepEqual(
      txn.txns.map((one) => (one.type === OpCode.error ? one.err : one.type)),
      [OpCode.create, OpCode.setData, -103, -2, -2],
    )
    assert.deepEqual(digest, server.state.tree.digest.value)
  })

  test('changes nothing, not even the cversion of a parent', () => {
    const server = new TestServer()
    const client = server.connect()
    client.create('/a')
    const before = checkTree(server.state.tree)
    client.ok('multi', [create('/a/b'), create('/a/b/c'), remove('/a/b/c'), remove('/missing')])
    assert.deepEqual(checkTree(server.state.tree), before)
    assert.deepEqual(server.state.outstanding.digest.value, server.state.tree.digest.value)
    assert.equal(server.state.outstanding.size, 0)
  })

  test('leaves no trace for the writes behind it, and keeps those in flight before it', () => {
    const server = new TestServer()
    const client = server.connect()
    client.send('create', { path: '/a', data: null, acl: OPEN, flags: 0 })
    client.send('multi', [set('/a'), create('/a/b'), remove('/a/b'), remove('/a'), check('/missing', 0)])
    client.send('create', { path: '/a/b', data: null, acl: OPEN, flags: CreateFlag.persistentSequential })
    client.send('setData', { path: '/a', data: null, version: 0 })
    server.commit()
    assert.deepEqual(
      client.replies.map(({ err }) => err),
      [0, 0, 0, 0],
    )
    assert.equal(client.stat('/a/b0000000000').version, 0)
    assert.deepEqual(server.last.digest, server.state.tree.digest.value)
    checkTree(server.state.tree)
  })

  test('fires no watch', () => {
    const server = new TestServer()
    const client = server.connect()
    client.create('/a')
    client.ok('getData', { path: '/a', watch: true })
    client.ok('multi', [set('/a'), check('/a', 7)])
    assert.deepEqual(client.events, [])
  })

  test('fails at the first operation that may not be done', () => {
    const client = new TestServer().connect()
    client.create('/a', { acl: [aclOf(1 | 16, 'world', 'anyone')] })
    assert.deepEqual(errors(client, [check('/a', 0), create('/a/b'), set('/a')]), [0, -102, -2])
  })
})

suite('check, in a multi', () => {
  const server = new TestServer()
  const client = server.connect()
  client.create('/a')
  client.create('/closed', { acl: [aclOf(2, 'world', 'anyone')] })

  test('asks for a valid path, a znode, READ and the version, in this order', () => {
    assert.deepEqual(errors(client, [check('/a/', 9)]), [-8])
    assert.deepEqual(errors(client, [check('/missing', 9)]), [-101])
    assert.deepEqual(errors(client, [check('/closed', 9)]), [-102])
    assert.deepEqual(errors(client, [check('/a', 9)]), [-103])
    assert.deepEqual(errors(client, [check('/a', 0), check('/a', -1)]), [undefined, undefined])
  })

  test('is stored with the version that it found plus one', () => {
    client.ok('multi', [check('/a', 0)])
    assert.deepEqual(server.last.txn, { type: OpCode.multi, txns: [{ type: OpCode.check, path: '/a', version: 1 }] })
  })
})

test('A check outside of a multi is an unknown operation: UNIMPLEMENTED with zxid -1, and the connection is closed', () => {
  const server = new TestServer()
  const client = server.connect()
  client.send('check', { path: '/', version: 0 })
  const { err, zxid } = client.replies.at(-1) ?? {}
  assert.deepEqual([err, zxid], [-6, -1])
  assert.equal(client.closedBecause, 'unknown operation')
  assert.equal(server.take().length, 0)
})

test('A multi that holds an operation that is none of a multi is answered MARSHALLINGERROR', () => {
  const server = new TestServer()
  const client = server.connect()
  const mixed = [create('/a'), { type: OpCode.getData, request: { path: '/', watch: false } }] as MultiWrite[]
  assert.equal(client.fails('multi', mixed), 'MARSHALLINGERROR')
  assert.equal(client.fails('exists', { path: '/a', watch: false }), 'NONODE')
})

test('The ephemerals of a multi go with its session', () => {
  const server = new TestServer()
  const client = server.connect()
  client.ok('multi', [create('/e', { flags: 1 }), create('/f', { flags: 1 }), remove('/f')])
  client.send('multi', [create('/g', { flags: 1 })])
  client.send('multi', [create('/h', { flags: 1 }), check('/missing', 0)])
  client.call('closeSession', {})
  assert.deepEqual(server.last.txn, { type: OpCode.closeSession, paths: ['/e', '/g'] })
  assert.deepEqual(server.last.digest, server.state.tree.digest.value)
})

suite('multiRead', () => {
  const read = (type: 4 | 8, path: string): MultiRead => ({ type, request: { path, watch: true } })

  test('gives each operation its own result, and an error to those that fail', () => {
    const client = new TestServer().connect()
    client.create('/a', { data: 'hello' })
    client.create('/a/b')
    client.create('/closed', { acl: [aclOf(2, 'world', 'anyone')] })
    const results = client.ok('multiRead', [
      read(OpCode.getData, '/a'),
      read(OpCode.getChildren, '/a'),
      read(OpCode.getData, '/missing'),
      read(OpCode.getChildren, '/closed'),
    ])
    const [data, children, missing, closed] = results
    assert.ok(data?.type === OpCode.getData && children?.type === OpCode.getChildren)
    assert.equal(data.body.data?.toString(), 'hello')
    assert.deepEqual(data.body.stat, client.stat('/a'))
    assert.deepEqual(children.body.children, ['b'])
    assert.deepEqual([missing?.body, closed?.body], [{ err: -101 }, { err: -102 }])
  })

  test('leaves no watch, whatever the flag says', () => {
    const server = new TestServer()
    const client = server.connect()
    client.ok('multiRead', [read(OpCode.getData, '/'), read(OpCode.getChildren, '/')])
    assert.ok(server.state.watches.isEmpty)
  })

  test('with a write in it is answered MARSHALLINGERROR', () => {
    const client = new TestServer().connect()
    assert.equal(client.fails('multiRead', [create('/a') as unknown as MultiRead]), 'MARSHALLINGERROR')
  })
})
