/** delete, setData, setACL, deleteContainer, reconfig (reference 2.2 and 2.4). */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { OpCode, bytesOf } from '@meerkat/protocol'
import { NONE } from '../../src/index.ts'
import { IntField } from '../../src/tree/znodeRecords.ts'
import { EPOCH_MS, OPEN, TestServer, aclOf, type Client } from '../harness.ts'

const NOTHING = [aclOf(0, 'world', 'anyone')]
const setData = (path: string, version = -1, data: string | null = 'new') => ({
  path,
  data: data === null ? null : bytesOf(data),
  version,
})

/** /open/a has a child; nothing is permitted on /closed, which has one, too. */
function withTree(rules = {}): { server: TestServer; client: Client } {
  const server = new TestServer({ rules })
  const client = server.connect()
  for (const path of ['/open', '/open/a', '/open/a/b', '/closed', '/closed/a']) client.create(path)
  client.ok('setACL', { path: '/closed/a', acl: NOTHING, version: -1 })
  client.ok('setACL', { path: '/closed', acl: NOTHING, version: -1 })
  return { server, client }
}

suite('The checks of a delete, each before those below it', () => {
  const { client } = withTree()
  const fails = (path: string, version = 99) => client.fails('delete', { path, version })

  test('a path without a slash, with a NUL, or of a reserved znode: BADARGUMENTS', () => {
    for (const path of ['', 'a', '/', '/a\0', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'])
      assert.equal(fails(path), 'BADARGUMENTS', path)
  })

  test('a parent that is not there: NONODE', () => {
    assert.equal(fails('/missing/a'), 'NONODE')
  })

  test('a parent that does not permit DELETE: NOAUTH, also where the znode is not there', () => {
    assert.equal(fails('/closed/missing'), 'NOAUTH')
    assert.equal(fails('/closed/a'), 'NOAUTH')
  })

  test('a znode that is not there: NONODE, however its path looks', () => {
    for (const path of ['/open/missing', '/open/', '/open/\u0001']) assert.equal(fails(path), 'NONODE')
  })

  test('another version: BADVERSION, before children', () => {
    assert.equal(fails('/open/a', 1), 'BADVERSION')
  })

  test('children: NOTEMPTY', () => {
    assert.equal(fails('/open/a', 0), 'NOTEMPTY')
    assert.equal(fails('/open/a', -1), 'NOTEMPTY')
  })

  test('the ACL of the znode itself does not matter', () => {
    client.create('/open/mine', { acl: NOTHING })
    client.ok('delete', { path: '/open/mine', version: 0 })
  })
})

test('A delete raises the pzxid of the parent and its visible cversion, and takes its child away', () => {
  const { server, client } = withTree()
  const before = client.stat('/open/a')
  client.ok('delete', { path: '/open/a/b', version: -1 })
  const after = client.stat('/open/a')
  assert.deepEqual(after, { ...before, pzxid: server.zxid, cversion: before.cversion + 1, numChildren: 0 })
  assert.deepEqual(server.last.txn, { type: OpCode.delete, path: '/open/a/b' })
  assert.equal(client.fails('exists', { path: '/open/a/b', watch: false }), 'NONODE')
})

suite('The checks of a setData, each before those below it', () => {
  const { client } = withTree({ enforceQuota: true })
  client.create('/zookeeper/quota/open')
  client.create('/zookeeper/quota/open/zookeeper_limits', { data: 'byteHardLimit=3' })
  const fails = (path: string, version = 99, data = 'new') => client.fails('setData', setData(path, version, data))

  test('a path against the rules: BADARGUMENTS', () => {
    for (const path of ['', 'a', '/open/', '/a\0', '/./a']) assert.equal(fails(path), 'BADARGUMENTS')
  })

  test('a znode that is not there: NONODE', () => {
    assert.equal(fails('/missing'), 'NONODE')
  })

  test('a znode that does not permit WRITE: NOAUTH, before quota and version', () => {
    assert.equal(fails('/closed'), 'NOAUTH')
    assert.equal(fails('/zookeeper/config'), 'NOAUTH')
  })

  test('a hard quota that would be exceeded: QUOTAEXCEEDED, before the version', () => {
    assert.equal(fails('/open/a', 99, 'four'), 'QUOTAEXCEEDED')
  })

  test('another version: BADVERSION', () => {
    assert.equal(fails('/open/a', 1), 'BADVERSION')
    client.ok('setData', setData('/open/a', 0))
  })
})

suite('A setData', () => {
  test('sets mzxid, mtime and the data, and raises the version by one', () => {
    const { server, client } = withTree()
    const before = client.stat('/open')
    server.setClock(777)
    const { stat } = client.ok('setData', setData('/open'))
    const mtime = EPOCH_MS + 777
    assert.deepEqual(stat, { ...before, mzxid: server.zxid, mtime, version: 1, dataLength: 3 })
    assert.deepEqual(server.last.txn, { type: OpCode.setData, path: '/open', data: bytesOf('new'), version: 1 })
    assert.equal(client.ok('setData', setData('/open', 1, null)).stat.dataLength, 0)
    assert.equal(client.ok('getData', { path: '/open', watch: false }).data, null)
  })

  test('sees the version that the writes in flight will leave', () => {
    const { server, client } = withTree()
    for (const version of [0, 1, 1, 2]) client.send('setData', setData('/open', version))
    server.commit()
    assert.deepEqual(
      client.replies.slice(-4).map(({ err }) => err),
      [0, 0, -103, 0],
    )
  })

  test('wraps the version after 2147483647', () => {
    const { server, client } = withTree()
    const { tree, outstanding } = server.state
    tree.setData(tree.find('/open'), { data: null, version: 0x7fff_ffff, zxid: server.zxid, time: 0 })
    outstanding.reset()
    assert.equal(client.ok('setData', setData('/open', 0x7fff_ffff)).stat.version, -0x8000_0000)
  })

  test('may change the root', () => {
    const { client } = withTree()
    assert.equal(client.ok('setData', setData('/')).stat.version, 1)
  })

  test('may grow and shrink the data by any amount, also beyond what a block of memory holds', () => {
    const { client } = withTree()
    for (const size of [0, 1, 100, 10_000, 1_100_000, 513, 2_000_000, 5]) {
      const data = 'x'.repeat(size)
      client.ok('setData', setData('/open', -1, data))
      assert.equal(client.ok('getData', { path: '/open', watch: false }).data?.toString(), data)
    }
  })
})

suite('The checks of a setACL, each before those below it', () => {
  const { client } = withTree()
  const fails = (path: string, acl = OPEN, version = 99) => client.fails('setACL', { path, acl, version })

  test('a path against the rules: BADARGUMENTS', () => {
    assert.equal(fails('/open/', []), 'BADARGUMENTS')
  })

  test('an ACL that is not valid: INVALIDACL', () => {
    assert.equal(fails('/missing', []), 'INVALIDACL')
  })

  test('a znode that is not there: NONODE', () => {
    assert.equal(fails('/missing'), 'NONODE')
  })

  test('a znode that does not permit ADMIN: NOAUTH', () => {
    assert.equal(fails('/closed'), 'NOAUTH')
  })

  test('another version of the ACL: BADVERSION; the version of the data does not matter', () => {
    client.ok('setData', setData('/open'))
    assert.equal(fails('/open', OPEN, 1), 'BADVERSION')
    assert.equal(client.ok('setACL', { path: '/open', acl: OPEN, version: 0 }).stat.aversion, 1)
  })
})

test('A setACL raises the aversion and changes nothing else of the Stat', () => {
  const { server, client } = withTree()
  const before = client.stat('/open')
  const acl = [aclOf(17, 'world', 'anyone')]
  const { stat } = client.ok('setACL', { path: '/open', acl, version: -1 })
  assert.deepEqual(stat, { ...before, aversion: 1 })
  assert.deepEqual(server.last.txn, { type: OpCode.setACL, path: '/open', acl, version: 1 })
})

suite('deleteContainer', () => {
  const ask = (client: Client, path: string) => client.call('deleteContainer', { path: bytesOf(path) }).err

  test('refuses what has children (-111), what a session owns (-103), and what is not there (-101)', () => {
    const { client } = withTree()
    client.create('/e', { flags: 1 })
    assert.deepEqual(
      ['/open', '/e', '/missing', '/missing/a', '/zookeeper'].map((path) => ask(client, path)),
      [-111, -103, -101, -101, -8],
    )
  })

  test('refuses what the server may not remove of itself: a persistent znode, and one whose time is not over', () => {
    const { client } = withTree()
    client.create('/p')
    client.ok('createTTL', { path: '/t', data: null, acl: OPEN, flags: 5, ttl: 1000 })
    assert.deepEqual([ask(client, '/p'), ask(client, '/t')], [-103, -103])
  })

  test('is logged with its own type', () => {
    const { server, client } = withTree()
    client.ok('createContainer', { path: '/c', data: null, acl: OPEN, flags: 4 })
    assert.equal(ask(client, '/c'), 0)
    assert.deepEqual(server.last.txn, { type: OpCode.deleteContainer, path: '/c' })
    assert.equal(server.state.tree.find('/c'), NONE)
    assert.equal(server.state.tree.containers.size, 0)
  })
})

test('reconfig is refused: a server that stands alone has no members to change', () => {
  const { client } = withTree()
  const request = { joiningServers: '', leavingServers: '', newMembers: '', curConfigId: -1 }
  assert.equal(client.fails('reconfig', request), 'RECONFIGDISABLED')
})

test('A request that cannot be read is answered MARSHALLINGERROR, and its connection stays', () => {
  const { client, server } = withTree()
  for (const name of ['create', 'setData', 'multi', 'getData', 'addWatch', 'setWatches2', 'multiRead'] as const) {
    client.sendBytes(client.rawFrame(name, 1000, (output) => output.byte(1)))
    server.commit()
    assert.equal(client.replies.at(-1)?.err, -5, name)
  }
  assert.equal(client.connection.state, 'established')
})

test('The stored cversion of a parent in flight is that of the tree once all is applied', () => {
  const { server, client } = withTree()
  client.send('create', { path: '/open/c', data: null, acl: OPEN, flags: 0 })
  client.send('delete', { path: '/open/c', version: -1 })
  const { tree, outstanding } = server.state
  const inFlight = tree.records.int(outstanding.find('/open'), IntField.storedCversion)
  server.commit()
  assert.equal(tree.records.int(tree.find('/open'), IntField.storedCversion), inFlight)
})
