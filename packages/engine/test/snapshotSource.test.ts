/** A snapshot that is taken while the tree changes, made whole by the log that follows it (reference 3.5 and 3.6). */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import type { LoggedTxn, MultiWrite } from '@meerkat/protocol'
import { Output, SnapshotReader, bytesOf, copyOf, zxidOf } from '@meerkat/protocol'
import type { SnapshotSource, State } from '../src/index.ts'
import { OPEN, TestServer, aclOf, freshRecovery, type Client } from './harness.ts'
import { checkTree, dump } from './tree/dump.ts'

/** Parents first. */
const PATHS = ['/a', '/b', '/a/a', '/a/b', '/a/a/a']
const ACLS = [OPEN, [aclOf(1, 'world', 'anyone')], [aclOf(31, 'digest', 'u:p')], [aclOf(0, 'world', 'anyone')]]

const path = fc.constantFrom(...PATHS)
const data = fc.string({ maxLength: 30, unit: 'binary-ascii' })
const acl = fc.constantFrom(...ACLS)
const create = fc.record({ do: fc.constant('create' as const), path, data, acl, flags: fc.constantFrom(0, 0, 1, 2, 4) })
const simple = fc.oneof(
  create,
  fc.record({ do: fc.constant('delete' as const), path }),
  fc.record({ do: fc.constant('set' as const), path, data }),
)
type Simple = typeof simple extends fc.Arbitrary<infer T> ? T : never
const step = fc.oneof(
  { weight: 3, arbitrary: simple },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('make or remove' as const), path }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('acl' as const), path, acl }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('multi' as const), parts: fc.array(simple, { maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'new session' as const }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('slice' as const), bytes: fc.constantFrom(1, 100, 400) }) },
)
/** Long enough that the walk meets what changes. */
const steps = (length: number) => fc.array(step, { minLength: length, maxLength: 3 * length })
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function part(one: Simple): MultiWrite {
  if (one.do === 'delete') return { type: 2, request: { path: one.path, version: -1 } }
  if (one.do === 'set') return { type: 5, request: { path: one.path, data: bytesOf(one.data), version: -1 } }
  return { type: 1, request: { path: one.path, data: bytesOf(one.data), acl: one.acl, flags: one.flags } }
}

function apply(client: Client, one: Step): void {
  switch (one.do) {
    case 'create': {
      const { path, data, acl, flags } = one
      return client.send('create', { path, data: bytesOf(data), acl, flags })
    }
    case 'make or remove':
      return makeOrRemove(client, one.path)
    case 'delete':
      return client.send('delete', { path: one.path, version: -1 })
    case 'set':
      return client.send('setData', { path: one.path, data: bytesOf(one.data), version: -1 })
    case 'acl':
      return client.send('setACL', { path: one.path, acl: one.acl, version: -1 })
    case 'multi':
      return client.send('multi', one.parts.map(part))
    default:
  }
}

/** With its parents, or with what is below it: most other steps fail for want of either. */
function makeOrRemove(client: Client, path: string): void {
  if (client.call('exists', { path, watch: false }).err === 0) {
    for (const one of PATHS.toReversed())
      if (one === path || one.startsWith(`${path}/`)) client.send('delete', { path: one, version: -1 })
    return
  }
  for (const one of PATHS)
    if (one === path || path.startsWith(`${one}/`))
      client.send('create', { path: one, data: null, acl: OPEN, flags: 0 })
}

/** Runs the steps with the snapshot's slices in between; returns the snapshot as bytes. */
function run(server: TestServer, steps: readonly Step[], source: SnapshotSource): Output {
  const output = new Output()
  let more = true
  let client = server.connect()
  client.authenticate('super:p')
  for (const one of steps) {
    if (one.do === 'slice') more &&= source.writeSlice(output, one.bytes)
    else if (one.do === 'new session') {
      client.call('closeSession', {})
      client = server.connect()
      client.authenticate('super:p')
    } else apply(client, one)
    server.commit()
  }
  while (more) more = source.writeSlice(output)
  return output
}

/** What a restart makes of the snapshot and the log since. */
function recover(snapshot: Output, from: number, log: readonly LoggedTxn[], source: SnapshotSource) {
  const recovery = freshRecovery()
  const reader = new SnapshotReader(recovery.begin(), { file: false })
  const bytes = copyOf(snapshot.written())
  assert.equal(reader.read(bytes), bytes.length)
  assert.ok(reader.ended)
  recovery.loaded(zxidOf(from), source.tail())
  for (const txn of log) if (txn.header.zxid > from) recovery.replay(txn)
  return { state: recovery.finish(), mismatches: recovery.mismatches }
}

const sessionsOf = ({ sessions }: State) => [...sessions.values()].map(({ id, timeoutMs }) => [id, timeoutMs])
const ownedOf = ({ tree }: State) =>
  [...tree.sessionsWithEphemerals()].map((id) => [...tree.ephemeralsOf(id)].map((record) => tree.pathOf(record)).sort())
const containersOf = ({ tree }: State) => [...tree.containers].map((record) => tree.pathOf(record)).sort()

function assertSame(recovered: State, live: State): void {
  checkTree(live.tree)
  checkTree(recovered.tree)
  assert.deepEqual(dump(recovered.tree), dump(live.tree))
  assert.deepEqual(recovered.tree.digest.value, live.tree.digest.value)
  assert.equal(recovered.tree.lastZxid, live.tree.lastZxid)
  assert.deepEqual(sessionsOf(recovered), sessionsOf(live))
  assert.deepEqual(ownedOf(recovered), ownedOf(live))
  assert.deepEqual(containersOf(recovered), containersOf(live))
}

suite('A snapshot taken in slices', () => {
  test('gives the same tree as the server had, once the log since is replayed, whatever happened in between', () => {
    fc.assert(
      fc.property(steps(8), steps(40), (before, during) => {
        const server = new TestServer()
        run(server, before, server.engine.snapshot())
        const source = server.engine.snapshot()
        const from = server.zxid
        const snapshot = run(server, during, source)
        const { state, mismatches } = recover(snapshot, from, server.log, source)
        assert.equal(mismatches, 0)
        assertSame(state, server.state)
      }),
      { numRuns: 200 },
    )
  })

  test('that held everything as it was only at its end, as Apache may write it, gives the same tree', () => {
    fc.assert(
      fc.property(steps(8), steps(40), (before, during) => {
        const server = new TestServer()
        run(server, before, server.engine.snapshot())
        const from = server.zxid
        run(server, during, server.engine.snapshot())
        const source = server.engine.snapshot()
        const snapshot = new Output()
        while (source.writeSlice(snapshot));
        assertSame(recover(snapshot, from, server.log, source).state, server.state)
      }),
      { numRuns: 100 },
    )
  })

  test('holds every path once, also that of a znode that was deleted and made again behind the walk', () => {
    const server = new TestServer()
    const client = server.connect()
    for (const name of ['/a', '/b', '/c']) client.create(name)
    const source = server.engine.snapshot()
    const from = server.zxid
    const output = new Output()
    for (let i = 0; i < 6; i++) source.writeSlice(output, 1)
    client.ok('delete', { path: '/a', version: -1 })
    client.create('/a')
    client.create('/a/child')
    while (source.writeSlice(output));
    const paths: string[] = []
    const reader = new SnapshotReader(
      {
        session: () => undefined,
        acl: () => undefined,
        znode: (bytes, _view, at) => void paths.push(bytes.toString('utf8', at.pathStart, at.pathEnd)),
      },
      { file: false },
    )
    reader.read(output.written())
    assert.equal(new Set(paths).size, paths.length, String(paths))
    assertSame(recover(output, from, server.log, source).state, server.state)
  })

  test('permits nobody a znode whose ACL came after the table was written, until the log brings the ACL', () => {
    const server = new TestServer()
    const client = server.connect()
    client.create('/a')
    const source = server.engine.snapshot()
    const from = server.zxid
    const output = new Output()
    source.writeSlice(output, 1)
    const secret = [aclOf(31, 'ip', '10.0.0.1')]
    client.ok('setACL', { path: '/a', acl: secret, version: -1 })
    while (source.writeSlice(output));
    const { state } = recover(output, from, [], source)
    assert.deepEqual(state.tree.aclOf(state.tree.find('/a')), [aclOf(0, 'world', 'anyone')])
    const whole = recover(output, from, server.log, source).state
    assert.deepEqual(whole.tree.aclOf(whole.tree.find('/a')), secret)
  })

  test('can be given up: the tree then walks for nobody', () => {
    const server = new TestServer()
    const client = server.connect()
    client.create('/a')
    const source = server.engine.snapshot()
    source.writeSlice(new Output(), 1)
    source.close()
    client.ok('delete', { path: '/a', version: -1 })
    checkTree(server.state.tree)
  })
})
