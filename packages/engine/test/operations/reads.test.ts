/** Reads (reference 2.5) and the ACLs of every operation (reference 2.8). */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Acl } from '@meerkat/protocol'
import { Permission, bytesOf } from '@meerkat/protocol'
import { DEFAULT_AUTHORIZATION_RULES } from '../../src/index.ts'
import { OPEN, TestServer, aclOf, type Client } from '../harness.ts'

const at = (path: string, watch = false) => ({ path, watch })
const allBut = (permission: number): Acl[] => [aclOf(Permission.all & ~permission, 'world', 'anyone')]

suite('A read', () => {
  const server = new TestServer()
  const client = server.connect()
  client.create('/a', { data: 'data' })
  for (const name of ['b', 'c', 'd']) client.create(`/a/${name}`)
  client.create('/a/b/deep')

  test('of a znode that is not there is answered NONODE', () => {
    for (const name of ['exists', 'getData', 'getChildren', 'getChildren2'] as const)
      assert.equal(client.fails(name, at('/missing')), 'NONODE')
    for (const name of ['getACL', 'getAllChildrenNumber'] as const)
      assert.equal(client.fails(name, { path: '/a/missing' }), 'NONODE')
  })

  test('gives data and Stat, or the names of the children with or without the Stat', () => {
    const { data, stat } = client.ok('getData', at('/a'))
    assert.equal(data?.toString(), 'data')
    assert.deepEqual(client.ok('exists', at('/a')).stat, stat)
    assert.deepEqual([...client.ok('getChildren', at('/a')).children].sort(), ['b', 'c', 'd'])
    const { children, stat: same } = client.ok('getChildren2', at('/a'))
    assert.deepEqual([[...children].sort(), same], [['b', 'c', 'd'], stat])
    assert.deepEqual(client.ok('getChildren', at('/a/c')).children, [])
  })

  test('of the root finds it by "/"', () => {
    assert.deepEqual([...client.ok('getChildren', at('/')).children].sort(), ['a', 'zookeeper'])
    assert.equal(client.stat('/').numChildren, 2)
  })

  test('counts all descendants', () => {
    const count = (path: string) => client.ok('getAllChildrenNumber', { path }).totalNumber
    assert.deepEqual(['/a', '/a/b', '/a/c', '/zookeeper', '/'].map(count), [4, 1, 0, 2, 8])
  })

  test('of a path with a NUL is refused by exists, and finds nothing in the others; no watch is left', () => {
    assert.equal(client.fails('exists', at('/a\0', true)), 'BADARGUMENTS')
    assert.equal(client.fails('getData', at('/a\0', true)), 'NONODE')
    assert.ok(server.state.watches.isEmpty)
  })

  test('of a name longer or shorter by a letter finds nothing', () => {
    for (const path of ['/a/bb', '/aa', '/a/b/dee', '/a/b/deep2', 'a', '/a//b'])
      assert.equal(client.fails('exists', at(path)), 'NONODE')
  })

  test('understands names of any valid characters', () => {
    for (const path of ['/é', '/日本', '/a b', '/%', `/${'n'.repeat(5000)}`, '/\u00a0', '/\uffef', '/...', '/.x']) {
      client.create(path)
      assert.equal(client.stat(path).version, 0)
      assert.ok(client.ok('getChildren', at('/')).children.includes(path.slice(1)), path)
    }
  })
})

suite('getEphemerals', () => {
  const server = new TestServer()
  const [client, other] = [server.connect(), server.connect()]
  for (const path of ['/ab', '/b']) client.create(path)
  for (const path of ['/ab/x', '/ab/y', '/b/x', '/abc']) client.create(path, { flags: 1 })
  other.create('/other', { flags: 1 })
  const list = (prefixPath: string | null) => [...client.ok('getEphemerals', { prefixPath }).ephemerals].sort()

  test('lists those of the own session', () => {
    for (const all of ['/', '', ' ', null]) assert.deepEqual(list(all), ['/ab/x', '/ab/y', '/abc', '/b/x'])
    assert.deepEqual(other.ok('getEphemerals', { prefixPath: '/' }).ephemerals, ['/other'])
  })

  test('takes a prefix as plain text, not as a path', () => {
    assert.deepEqual(list('/ab'), ['/ab/x', '/ab/y', '/abc'])
    assert.deepEqual(list('/missing'), [])
  })
})

suite('READ is needed', () => {
  const server = new TestServer()
  const client = server.connect()
  client.create('/closed', { acl: allBut(Permission.read) })

  test('by exists, getData, getChildren, getChildren2 and getAllChildrenNumber', () => {
    for (const name of ['exists', 'getData', 'getChildren', 'getChildren2'] as const)
      assert.equal(client.fails(name, at('/closed', true)), 'NOAUTH')
    assert.equal(client.fails('getAllChildrenNumber', { path: '/closed' }), 'NOAUTH')
  })

  test('before a watch is left', () => {
    assert.ok(server.state.watches.isEmpty)
  })

  test('or ADMIN, by getACL', () => {
    client.create('/neither', { acl: allBut(Permission.read | Permission.admin) })
    assert.equal(client.fails('getACL', { path: '/neither' }), 'NOAUTH')
    client.ok('getACL', { path: '/closed' })
  })
})

suite('getACL', () => {
  const secret = aclOf(31, 'digest', 'bob:hash')

  test('shows everything to who has ADMIN', () => {
    const client = new TestServer().connect()
    client.authenticate('bob:hash')
    client.create('/a', { acl: [secret, aclOf(1, 'world', 'anyone')] })
    const { acl, stat } = client.ok('getACL', { path: '/a' })
    assert.deepEqual(acl, [secret, aclOf(1, 'world', 'anyone')])
    assert.deepEqual(stat, client.stat('/a'))
  })

  test('masks the digests for who has only READ', () => {
    const server = new TestServer()
    server.connect().create('/a', { acl: [secret, aclOf(1, 'world', 'anyone'), aclOf(4, 'ip', '10.0.0.0/8')] })
    const { acl } = server.connect().ok('getACL', { path: '/a' })
    assert.deepEqual(acl, [aclOf(31, 'digest', 'bob:x'), aclOf(1, 'world', 'anyone'), aclOf(4, 'ip', '10.0.0.0/8')])
  })

  test('shows the open ACL of a znode that anybody may change', () => {
    const client = new TestServer().connect()
    client.create('/a')
    assert.deepEqual(client.ok('getACL', { path: '/a' }).acl, OPEN)
  })
})

suite('An ACL', () => {
  const need = (client: Client, permission: number) => {
    client.create('/a', { acl: [aclOf(permission, 'world', 'anyone')] })
    return client
  }
  const fresh = () => new TestServer().connect()

  test('grants each operation by its own permission', () => {
    need(fresh(), Permission.read).ok('getData', at('/a'))
    need(fresh(), Permission.write).ok('setData', { path: '/a', data: null, version: -1 })
    need(fresh(), Permission.create).create('/a/b')
    need(fresh(), Permission.admin).ok('setACL', { path: '/a', acl: OPEN, version: -1 })
    const deleter = need(fresh(), Permission.delete | Permission.create)
    deleter.create('/a/b')
    deleter.ok('delete', { path: '/a/b', version: -1 })
  })

  test('of a znode does not count for its children', () => {
    const client = fresh()
    client.create('/a')
    client.create('/a/b', { data: 'seen' })
    client.ok('setACL', { path: '/a', acl: [aclOf(0, 'world', 'anyone')], version: -1 })
    assert.equal(client.ok('getData', at('/a/b')).data?.toString(), 'seen')
  })

  test('counts as it will be for the writes behind a setACL, and as it is for reads of others', () => {
    const server = new TestServer()
    const [client, other] = [server.connect(), server.connect()]
    client.create('/a')
    client.send('setACL', { path: '/a', acl: allBut(Permission.write), version: -1 })
    other.send('setData', { path: '/a', data: null, version: -1 })
    other.send('setData', { path: '/zookeeper/config', data: null, version: -1 })
    server.commit()
    assert.deepEqual(
      other.replies.map(({ err }) => err),
      [-102, -102],
    )
  })

  test('of scheme auth stands for every identity that the connection has proved', () => {
    const client = fresh()
    client.authenticate('bob:hash')
    client.authenticate('al:hash')
    client.create('/a', { acl: [aclOf(31, 'auth', '')] })
    assert.deepEqual(client.ok('getACL', { path: '/a' }).acl, [
      aclOf(31, 'digest', 'bob:hash'),
      aclOf(31, 'digest', 'al:hash'),
    ])
  })

  test('matches the address of a connection', () => {
    const server = new TestServer()
    const client = server.connect()
    client.create('/mine', { acl: [aclOf(31, 'ip', '127.0.0.0/8')] })
    client.create('/theirs', { acl: [aclOf(31, 'ip', '10.0.0.0/8')] })
    assert.equal(client.call('getData', at('/mine')).err, 0)
    assert.equal(client.fails('getData', at('/theirs')), 'NOAUTH')
  })

  test('stops nobody who is the super user', () => {
    const server = new TestServer()
    server.connect().create('/a', { acl: [aclOf(0, 'world', 'anyone')] })
    const boss = server.connect()
    boss.authenticate('super:secret')
    boss.ok('getData', at('/a'))
    boss.ok('setData', { path: '/zookeeper/config', data: bytesOf('x'), version: -1 })
    assert.equal(boss.fails('delete', { path: '/zookeeper/config', version: -1 }), 'BADARGUMENTS')
  })

  test('stops nobody where skipACL is on, but must be valid', () => {
    const server = new TestServer({ rules: { authorization: { ...DEFAULT_AUTHORIZATION_RULES, skipAcl: true } } })
    const client = server.connect()
    client.create('/a', { acl: [aclOf(0, 'world', 'anyone')] })
    client.ok('getData', at('/a'))
    assert.equal(client.fails('create', { path: '/b', data: null, acl: [], flags: 0 }), 'INVALIDACL')
  })
})

test('whoAmI tells each identity, of a digest the user alone', () => {
  const client = new TestServer().connect()
  client.authenticate('bob:hash')
  assert.deepEqual(client.ok('whoAmI', {}).clientInfo, [
    { authScheme: 'ip', user: '127.0.0.1' },
    { authScheme: 'digest', user: 'bob' },
  ])
})
