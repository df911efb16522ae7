/** The tree as it will be, against the tree as it then is. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { bytesOf, type MultiWrite } from '@meerkat/protocol'
import { NONE } from '../../src/index.ts'
import type { RecordId } from '../../src/tree/znodeRecords.ts'
import { OPEN, TestServer, aclOf, type Client } from '../harness.ts'
import { checkTree, storedStatOf } from '../tree/dump.ts'

const PATHS = ['/a', '/b', '/a/a', '/a/b', '/a/a/a']
const path = fc.constantFrom(...PATHS)
const data = fc.string({ maxLength: 20, unit: 'binary-ascii' })
const acl = fc.constantFrom(
  OPEN,
  [aclOf(1, 'world', 'anyone')],
  [aclOf(31, 'digest', 'a:b'), aclOf(31, 'ip', '127.0.0.1')],
)
const change = fc.oneof(
  fc.record({ type: fc.constant(1 as const), path, data, acl, flags: fc.constantFrom(0, 0, 1, 3, 4) }),
  fc.record({ type: fc.constant(2 as const), path, version: fc.constantFrom(-1, -1, 0, 1) }),
  fc.record({ type: fc.constant(5 as const), path, data, version: fc.constantFrom(-1, -1, 0, 1) }),
  fc.record({ type: fc.constant(13 as const), path, version: fc.constantFrom(-1, 0) }),
)
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('change' as const), who: fc.nat(1), change }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('multi' as const),
      who: fc.nat(1),
      changes: fc.array(change, { maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('setAcl' as const), who: fc.nat(1), path, acl }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), who: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('durable' as const), part: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'fail' as const }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function write(change: Change): MultiWrite {
  const { type, path } = change
  if (type === 1) return { type, request: { path, data: bytesOf(change.data), acl: change.acl, flags: change.flags } }
  if (type === 5) return { type, request: { path, data: bytesOf(change.data), version: change.version } }
  return { type, request: { path, version: change.version } }
}

function send(client: Client, change: Change): void {
  const { type, request } = write(change)
  if (type === 1) client.send('create', request)
  else if (type === 2) client.send('delete', request)
  else if (type === 5) client.send('setData', request)
  else client.send('multi', [write(change)])
}

/** Two sessions whose writes are in flight together. */
class Scene {
  readonly server = new TestServer()
  readonly clients: Client[] = [this.join(), this.join()]

  private join(): Client {
    const client = this.server.connect()
    client.authenticate('a:b')
    return client
  }

  step(one: Step): void {
    const { server } = this
    if (one.do === 'durable') return this.durable(one.part)
    if (one.do === 'fail') {
      server.failLog()
      server.recoverLog()
      assert.deepEqual(server.state.outstanding.digest.value, server.state.tree.digest.value)
      return
    }
    const client = this.clients[one.who]
    assert.ok(client)
    if (one.do === 'change') send(client, one.change)
    else if (one.do === 'multi') client.send('multi', one.changes.map(write))
    else if (one.do === 'setAcl') client.send('setACL', { path: one.path, acl: one.acl, version: -1 })
    else {
      client.send('closeSession', {})
      server.commit()
      this.clients[one.who] = this.join()
    }
  }

  /** A part of what was taken becomes durable; all of it with part 0. */
  private durable(part: number): void {
    const { server } = this
    server.take()
    const { unsynced } = server
    server.durable(unsynced[Math.floor((unsynced.length * part) / 5) - 1]?.header.zxid)
  }
}

suite('What is outstanding', () => {
  test('has the digest that the tree has once all is applied, whatever is in flight together', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const scene = new Scene()
        for (const one of steps) scene.step(one)
        scene.server.commit()
        const { tree, outstanding } = scene.server.state
        checkTree(tree)
        assert.equal(outstanding.size, 0)
        assert.deepEqual(outstanding.digest.value, tree.digest.value)
      }),
      { numRuns: 300 },
    )
  })

  test('says before each transaction what the digest will be after it, and the log bears it out', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const scene = new Scene()
        const { server, clients } = scene
        for (const [i, one] of changes.entries()) send(clients[i % 2] as Client, one)
        for (const { header, digest } of server.take()) {
          server.durable(header.zxid)
          if (digest !== undefined) assert.deepEqual(server.state.tree.digest.value, digest)
        }
      }),
      { numRuns: 100 },
    )
  })

  test('keeps no record and no ACL once nothing is in flight', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const scene = new Scene()
        for (const one of steps) scene.step(one)
        scene.server.commit()
        for (const client of scene.clients) client.send('closeSession', {})
        scene.server.commit()
        const boss = scene.server.connect()
        boss.authenticate('super:x')
        for (const path of PATHS.toReversed()) deleteAll(boss, path)
        const { tree } = scene.server.state
        // Only that of /zookeeper/config is left.
        assert.equal([...tree.acls.entries()].length, 1)
        assert.equal(tree.records.owners.size, 0)
      }),
      { numRuns: 100 },
    )
  })

  test('is read from the tree where nobody changes it', () => {
    const { tree, outstanding } = new TestServer().state
    assert.equal(outstanding.find('/zookeeper'), tree.find('/zookeeper'))
    assert.equal(outstanding.find('/missing'), NONE)
  })

  test('shows a znode as it will be, and the tree as it is', () => {
    const server = new TestServer()
    const client = server.connect()
    client.create('/a')
    client.send('setData', { path: '/a', data: bytesOf('x'), version: -1 })
    client.send('create', { path: '/a/b', data: null, acl: OPEN, flags: 0 })
    const { tree, outstanding } = server.state
    const stat = (record: RecordId) => storedStatOf(tree, record)
    assert.deepEqual([stat(outstanding.find('/a')).version, stat(outstanding.find('/a')).cversion], [1, 1])
    assert.deepEqual([stat(tree.find('/a')).version, stat(tree.find('/a')).cversion], [0, 0])
    client.send('delete', { path: '/a/b', version: -1 })
    client.send('delete', { path: '/a', version: -1 })
    assert.equal(outstanding.find('/a'), NONE)
    assert.notEqual(tree.find('/a'), NONE)
    server.commit()
    assert.equal(outstanding.size, 0)
  })

  test('lets go of thousands of changes as they are applied, in whatever groups', () => {
    const server = new TestServer()
    const client = server.connect()
    client.create('/a')
    for (let i = 0; i < 10_000; i++) client.send('setData', { path: '/a', data: bytesOf(String(i)), version: i })
    server.take()
    const last = server.unsynced.at(-1)?.header.zxid ?? 0
    for (let zxid = last - 9000; zxid < last; zxid += 77) server.durable(zxid)
    assert.equal(server.state.outstanding.size, 1)
    server.durable(last)
    assert.equal(server.state.outstanding.size, 0)
    assert.equal(client.stat('/a').version, 10_000)
    assert.deepEqual(server.last.digest, server.state.tree.digest.value)
  })
})

/** Deletes a path with what sequential znodes are below and beside it. */
function deleteAll(client: Client, path: string): void {
  const parent = path.slice(0, path.lastIndexOf('/')) || '/'
  for (const name of client.call('getChildren', { path: parent, watch: false }).body?.children ?? []) {
    const child = parent === '/' ? `/${name}` : `${parent}/${name}`
    if (child.startsWith(path)) client.call('delete', { path: child, version: -1 })
  }
}
