/** create, create2, createContainer, createTTL (reference 2.2, 2.3, 2.4 and 2.9; programmer's guide, "ZNodes"). */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { bytesOf, CreateFlag, MAX_TTL_MS, OpCode, errorName, type Acl } from '@meerkat/protocol'
import { NONE } from '../../src/index.ts'
import { IntField } from '../../src/tree/znodeRecords.ts'
import { EPOCH_MS, OPEN, TestServer, aclOf, type Client } from '../harness.ts'

const request = (path: string, { acl = OPEN, flags = 0 }: { acl?: Acl[] | null; flags?: number } = {}) => ({
  path,
  data: bytesOf('d'),
  acl,
  flags,
})

function fails(client: Client, path: string, options: { acl?: Acl[] | null; flags?: number } = {}): string | undefined {
  return client.fails('create', request(path, options))
}

function createTtl(client: Client, path: string, flags: number, ttl: number): string | undefined {
  return errorName(client.call('createTTL', { ...request(path, { flags }), ttl }).err)
}

/** As if so many children had been made. */
function setCversion(server: TestServer, path: string, cversion: number): void {
  const { tree, outstanding } = server.state
  const record = tree.find(path)
  assert.notEqual(record, NONE)
  tree.raiseCversion(record, cversion, undefined)
  outstanding.reset()
}

suite('The checks of a create, each before those below it', () => {
  /** Everything is wrong about these; each test puts one more thing right. */
  const everythingWrong = (client: Client) => {
    client.create('/closed', { acl: [aclOf(1, 'world', 'anyone')] })
    client.create('/e', { flags: CreateFlag.ephemeral })
  }

  test('flags that do not exist: BADARGUMENTS', () => {
    const client = new TestServer().connect()
    for (const flags of [-1, 7, 9, 100]) assert.equal(fails(client, 'no slash', { acl: null, flags }), 'BADARGUMENTS')
  })

  test('a time to live where extended types are off: UNIMPLEMENTED, before its range', () => {
    const client = new TestServer({ rules: { extendedTypes: false } }).connect()
    assert.equal(createTtl(client, 'no slash', CreateFlag.persistentWithTtl, -5), 'UNIMPLEMENTED')
  })

  test('a time to live that is not within 1 and 2^40 - 1: BADARGUMENTS', () => {
    const client = new TestServer().connect()
    for (const ttl of [0, -1, MAX_TTL_MS + 1])
      assert.equal(createTtl(client, '/ttl', CreateFlag.persistentWithTtl, ttl), 'BADARGUMENTS')
    for (const ttl of [1, MAX_TTL_MS])
      assert.equal(createTtl(client, `/${ttl}`, CreateFlag.persistentWithTtl, ttl), 'OK')
  })

  test('a time to live for a znode that has none: BADARGUMENTS', () => {
    const client = new TestServer().connect()
    assert.equal(createTtl(client, '/a', CreateFlag.persistent, 0), 'BADARGUMENTS')
    // Apache's server ends over this one.
    assert.equal(createTtl(client, '/a', CreateFlag.persistent, -1), 'BADARGUMENTS')
    assert.equal(fails(client, '/b', { flags: CreateFlag.persistentWithTtl }), 'BADARGUMENTS')
  })

  test('what is asked for decides, not the flags, whether a container is made', () => {
    const server = new TestServer()
    const client = server.connect()
    client.ok('createContainer', { path: '/c', data: null, acl: OPEN, flags: CreateFlag.ephemeral })
    assert.equal(server.last.txn.type, OpCode.createContainer)
    client.create('/p', { flags: CreateFlag.container })
    assert.equal(server.last.txn.type, OpCode.create2)
  })

  test('a path without a slash or with a NUL: BADARGUMENTS, before the ACL', () => {
    const client = new TestServer().connect()
    for (const path of ['', 'a', '/a\0b']) assert.equal(fails(client, path, { acl: [] }), 'BADARGUMENTS')
  })

  test('an ACL that is empty, absent or not valid: INVALIDACL, before the parent', () => {
    const client = new TestServer().connect()
    for (const acl of [[], null, [aclOf(31, 'auth', '')], [aclOf(31, 'nobody', 'x')], [aclOf(31, 'world', 'x')]])
      assert.equal(fails(client, '/missing/a\u0001', { acl }), 'INVALIDACL')
  })

  test('a parent that is not there: NONODE, before the rules of paths', () => {
    const client = new TestServer().connect()
    for (const path of ['/missing/a', '/bad/', '/missing/a\u0001', 'a/b']) assert.equal(fails(client, path), 'NONODE')
  })

  test('a parent that does not permit CREATE: NOAUTH, before the rules of paths', () => {
    const client = new TestServer().connect()
    everythingWrong(client)
    assert.equal(fails(client, '/closed/a\u0001'), 'NOAUTH')
  })

  test('a path against the rules: BADARGUMENTS, before all that is about the znode', () => {
    const client = new TestServer().connect()
    everythingWrong(client)
    for (const path of ['/e/', '/e/.', '/e/..', '//', '/e/\u{1f600}', '/e/\u007f', '/e/\ufff0'])
      assert.equal(fails(client, path), 'BADARGUMENTS', JSON.stringify(path))
  })

  test('a znode that is there: NODEEXISTS, also for the root', () => {
    const client = new TestServer().connect()
    everythingWrong(client)
    for (const path of ['/', '/e', '/zookeeper', '/zookeeper/config']) assert.equal(fails(client, path), 'NODEEXISTS')
  })

  test('an ephemeral parent: NOCHILDRENFOREPHEMERALS, before the quota', () => {
    const client = new TestServer({ rules: { enforceQuota: true } }).connect()
    everythingWrong(client)
    client.create('/zookeeper/quota/e')
    client.create('/zookeeper/quota/e/zookeeper_limits', {
      data: 'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=0',
    })
    assert.equal(fails(client, '/e/a'), 'NOCHILDRENFOREPHEMERALS')
  })

  test('a hard quota that is used up: QUOTAEXCEEDED', () => {
    const client = new TestServer({ rules: { enforceQuota: true } }).connect()
    client.create('/a')
    client.create('/zookeeper/quota/a')
    client.create('/zookeeper/quota/a/zookeeper_limits', {
      data: 'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=1',
    })
    assert.equal(fails(client, '/a/b'), 'QUOTAEXCEEDED')
  })
})

suite('A new znode', () => {
  test('has the zxid and the time of its transaction, version 0, and the length of its data', () => {
    const server = new TestServer()
    const client = server.connect()
    server.setClock(5000)
    const { path, stat } = client.ok('create2', request('/a'))
    const time = EPOCH_MS + 5000
    const { zxid } = server
    const expected = { czxid: zxid, mzxid: zxid, pzxid: zxid, ctime: time, mtime: time, version: 0, cversion: 0 }
    assert.equal(path, '/a')
    assert.deepEqual(stat, { ...expected, aversion: 0, ephemeralOwner: 0n, dataLength: 1, numChildren: 0 })
    assert.deepEqual(client.stat('/a'), stat)
  })

  test('raises the cversion and the pzxid of its parent, and nothing else of it', () => {
    const server = new TestServer()
    const client = server.connect()
    client.create('/a')
    const before = client.stat('/a')
    client.create('/a/b')
    assert.deepEqual(client.stat('/a'), { ...before, cversion: 1, numChildren: 1, pzxid: server.zxid })
  })

  test('may have null data, which is not the same as empty data', () => {
    const client = new TestServer().connect()
    client.ok('create', { ...request('/null'), data: null })
    client.ok('create', { ...request('/empty'), data: bytesOf('') })
    assert.equal(client.ok('getData', { path: '/null', watch: false }).data, null)
    assert.equal(client.ok('getData', { path: '/empty', watch: false }).data?.length, 0)
    assert.equal(client.stat('/null').dataLength, 0)
  })

  test('shows its session as owner if it is ephemeral, and 0 if it is a container or has a time to live', () => {
    const client = new TestServer().connect()
    client.create('/e', { flags: CreateFlag.ephemeral })
    client.ok('createContainer', request('/c', { flags: CreateFlag.container }))
    client.ok('createTTL', { ...request('/t', { flags: CreateFlag.persistentWithTtl }), ttl: 5000 })
    assert.equal(client.stat('/e').ephemeralOwner, client.session?.sessionId)
    assert.equal(client.stat('/c').ephemeralOwner, 0n)
    assert.equal(client.stat('/t').ephemeralOwner, 0n)
  })

  test('may have children if it is a container or has a time to live', () => {
    const client = new TestServer().connect()
    client.ok('createContainer', request('/c', { flags: CreateFlag.container }))
    client.ok('createTTL', { ...request('/t', { flags: CreateFlag.persistentWithTtl }), ttl: 5000 })
    assert.equal(client.create('/c/a'), '/c/a')
    assert.equal(client.create('/t/a'), '/t/a')
  })

  test("is logged with the type of its kind, its final path, its resolved ACL and its parent's new cversion", () => {
    const server = new TestServer()
    const client = server.connect()
    client.create('/a')
    const acl = OPEN
    const data = bytesOf('d')
    client.ok('create', request('/a/s-', { flags: CreateFlag.persistentSequential }))
    const path = '/a/s-0000000000'
    assert.deepEqual(server.last.txn, { type: OpCode.create, path, data, acl, ephemeral: false, parentCVersion: 1 })
    client.ok('createContainer', request('/a/c', { flags: CreateFlag.container }))
    assert.deepEqual(server.last.txn, { type: OpCode.createContainer, path: '/a/c', data, acl, parentCVersion: 2 })
    client.ok('createTTL', { ...request('/a/t', { flags: CreateFlag.persistentWithTtl }), ttl: 9 })
    assert.deepEqual(server.last.txn, { type: OpCode.createTTL, path: '/a/t', data, acl, parentCVersion: 3, ttl: 9 })
  })
})

suite('A sequential znode', () => {
  const sequential = { flags: CreateFlag.persistentSequential }

  test('gets ten digits: how many children its parent has ever had', () => {
    const client = new TestServer().connect()
    client.create('/a')
    assert.equal(client.create('/a/n-', sequential), '/a/n-0000000000')
    assert.equal(client.create('/a/n-', sequential), '/a/n-0000000001')
    client.create('/a/plain')
    assert.equal(client.create('/a/n-', { flags: CreateFlag.ephemeralSequential }), '/a/n-0000000003')
  })

  test('never gets the number of one that was deleted', () => {
    const client = new TestServer().connect()
    client.create('/a')
    client.ok('delete', { path: client.create('/a/n-', sequential), version: -1 })
    assert.equal(client.create('/a/n-', sequential), '/a/n-0000000001')
  })

  test('begins at 0 again below a parent that was made again', () => {
    const client = new TestServer().connect()
    client.create('/a')
    client.ok('delete', { path: client.create('/a/n-', sequential), version: -1 })
    client.ok('delete', { path: '/a', version: -1 })
    client.create('/a')
    assert.equal(client.create('/a/n-', sequential), '/a/n-0000000000')
  })

  test('is counted with those in flight', () => {
    const server = new TestServer()
    const client = server.connect()
    for (let i = 0; i < 3; i++) client.send('create', request('/n-', { flags: CreateFlag.persistentSequential }))
    server.commit()
    const paths = client.replies.map(({ body }) => (body as { path: string }).path)
    assert.deepEqual(paths, ['/n-0000000000', '/n-0000000001', '/n-0000000002'])
  })

  test('may have an empty name before its number, since the rules hold for the whole name', () => {
    const client = new TestServer().connect()
    client.create('/a')
    assert.equal(client.create('/a/', sequential), '/a/0000000000')
    assert.equal(client.create('/', sequential), '/0000000001')
  })

  test('has no number after 2147483647: the stored cversion only grows, so that name is tried again, as by Apache 3.9.4', () => {
    const server = new TestServer()
    const client = server.connect()
    client.create('/a')
    setCversion(server, '/a', 0x7fff_ffff)
    assert.equal(client.create('/a/n-', sequential), '/a/n-2147483647')
    assert.equal((server.last.txn as { parentCVersion: number }).parentCVersion, -0x8000_0000)
    assert.equal(fails(client, '/a/n-', sequential), 'NODEEXISTS')
    assert.equal(client.create('/a/other-', sequential), '/a/other-2147483647')
    assert.deepEqual(server.last.digest, server.state.tree.digest.value)
  })

  test('shows a visible cversion that counts creates and deletes, not the number', () => {
    const server = new TestServer()
    const client = server.connect()
    client.create('/a')
    client.create('/a/x')
    client.create('/a/y')
    client.ok('delete', { path: '/a/x', version: -1 })
    assert.equal(client.stat('/a').cversion, 3)
    assert.equal(server.state.tree.records.int(server.state.tree.find('/a'), IntField.storedCversion), 2)
  })
})
