/** The tree against a dumb twin made of Maps. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  CONTAINER_OWNER,
  Output,
  bytesOf,
  nameOf,
  parentOf,
  sessionIdOf,
  ttlOwner,
  zxidOf,
  type Acl,
} from '@meerkat/protocol'
import { NONE, ROOT, Tree } from '../../src/tree/tree.ts'
import type { TreeCursor } from '../../src/tree/treeCursor.ts'
import { OPEN, RULES, aclOf } from '../harness.ts'
import { checkTree, type Dumped } from './dump.ts'

interface TwinZnode {
  data: string | null
  acl: readonly Acl[]
  czxid: number
  mzxid: number
  pzxid: number
  ctime: number
  mtime: number
  version: number
  cversion: number
  aversion: number
  ephemeralOwner: bigint
}

/** What the tree should hold: a map of paths, changed as ZooKeeper's documents say. */
class Twin {
  readonly znodes = new Map<string, TwinZnode>([['/', blank(0, null, 0n)]])

  children(path: string): string[] {
    return [...this.znodes.keys()].filter((one) => parentOf(one) === path)
  }

  create(path: string, zxid: number, data: string | null, owner: bigint, acl: Acl[]): void {
    this.znodes.set(path, { ...blank(zxid, data, owner), acl })
    const parent = this.znode(parentOf(path) ?? '')
    parent.cversion++
    parent.pzxid = zxid
  }

  delete(path: string, zxid: number): void {
    this.znodes.delete(path)
    this.znode(parentOf(path) ?? '').pzxid = zxid
  }

  znode(path: string): TwinZnode {
    const znode = this.znodes.get(path)
    assert.ok(znode)
    return znode
  }
}

function blank(zxid: number, data: string | null, ephemeralOwner: bigint): TwinZnode {
  const zxids = { czxid: zxid, mzxid: zxid, pzxid: zxid }
  const times = { ctime: zxid * 10, mtime: zxid * 10 }
  return { data, acl: OPEN, ...zxids, ...times, version: 0, cversion: 0, aversion: 0, ephemeralOwner }
}

interface Pair {
  readonly tree: Tree
  readonly twin: Twin
  zxid: number
  cursor: { walk: TreeCursor; seen: Set<string>; expected: Set<string> } | undefined
}

function makePair(): Pair {
  const tree = new Tree({ seed: 1, ownerRules: RULES })
  tree.createRoot()
  tree.replaceData(ROOT, null)
  return { tree, twin: new Twin(), zxid: 0, cursor: undefined }
}

const PATHS = ['/a', '/b', '/a/a', '/a/b', '/a/c', '/a/a/a', '/a/a/b', '/b/b', '/é', '/a/é']
const OWNERS = [0n, 0n, 5n, 6n, CONTAINER_OWNER, ttlOwner(77)]
const path = fc.constantFrom(...PATHS)
const data = fc.oneof(
  fc.constant(null),
  fc.string({ maxLength: 40, unit: 'binary-ascii' }),
  fc.constantFrom('x'.repeat(500), 'y'.repeat(5000)),
)
const acl = fc.constantFrom(OPEN, [aclOf(1, 'world', 'anyone')], [aclOf(31, 'digest', 'a:b')])
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('create' as const), path, data, acl, owner: fc.constantFrom(...OWNERS) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('delete' as const), path }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('setData' as const), path, data }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('setAcl' as const), path, acl }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('walk' as const), steps: fc.integer({ min: 0, max: 5 }) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function apply(pair: Pair, one: Step): void {
  if (one.do === 'walk') return walk(pair, one.steps)
  const { tree, twin } = pair
  const record = tree.find(one.path)
  assert.equal(record !== NONE, twin.znodes.has(one.path))
  const zxid = zxidOf(++pair.zxid)
  if (one.do === 'create') {
    const parent = tree.find(parentOf(one.path) ?? '')
    if (record !== NONE || parent === NONE) return
    twin.create(one.path, zxid, one.data, one.owner, one.acl)
    const bytes = one.data === null ? null : bytesOf(one.data)
    const { path, owner } = one
    tree.create(parent, {
      path,
      data: bytes,
      acl: tree.acls.intern(one.acl),
      owner,
      zxid,
      time: zxid * 10,
      parentCversion: -1,
    })
    return
  }
  if (record === NONE) return
  const znode = twin.znode(one.path)
  if (one.do === 'delete') {
    if (twin.children(one.path).length > 0) return
    twin.delete(one.path, zxid)
    tree.delete(record, zxid)
    pair.cursor?.expected.delete(one.path)
  } else if (one.do === 'setData') {
    Object.assign(znode, { data: one.data, mzxid: zxid, mtime: zxid * 10, version: znode.version + 1 })
    const bytes = one.data === null ? null : bytesOf(one.data)
    tree.setData(record, { data: bytes, version: znode.version, zxid, time: zxid * 10 })
  } else {
    Object.assign(znode, { acl: one.acl, aversion: znode.aversion + 1 })
    tree.setAcl(record, tree.acls.intern(one.acl), znode.aversion)
  }
}

/** A walk must meet every znode that was there from its beginning to its end, parents before children. */
function walk(pair: Pair, steps: number): void {
  const { tree, twin } = pair
  pair.cursor ??= { walk: tree.openCursor(), seen: new Set(), expected: new Set(twin.znodes.keys()) }
  const { cursor } = pair
  for (let i = 0; i < steps; i++) {
    const record = cursor.walk.advance()
    if (record === NONE) {
      for (const path of cursor.expected) assert.ok(cursor.seen.has(path), `the walk missed ${path}`)
      tree.closeCursor(cursor.walk)
      pair.cursor = undefined
      return
    }
    const path = tree.pathOf(record)
    assert.ok(twin.znodes.has(path), `the walk met ${path}, which is gone`)
    cursor.seen.add(path)
  }
}

function compare({ tree, twin }: Pair): void {
  const znodes = checkTree(tree)
  assert.deepEqual([...znodes.keys()], [...twin.znodes.keys()].sort())
  for (const [path, expected] of twin.znodes) compareZnode(path, znodes.get(path), expected, twin)
  const owned = (session: bigint) => [...twin.znodes].filter(([, { ephemeralOwner }]) => ephemeralOwner === session)
  for (const session of [5n, 6n]) {
    const paths = [...tree.ephemeralsOf(sessionIdOf(session))].map((record) => tree.pathOf(record)).sort()
    assert.deepEqual(
      paths,
      owned(session)
        .map(([path]) => path)
        .sort(),
    )
  }
  assert.equal(tree.containers.size, owned(CONTAINER_OWNER).length)
  assert.equal(tree.timed.size, owned(ttlOwner(77)).length)
  const used = new Set([...twin.znodes.values()].filter(({ acl }) => acl !== OPEN).map(({ acl }) => acl))
  assert.equal([...tree.acls.entries()].length, used.size)
}

function compareZnode(path: string, actual: Dumped | undefined, expected: TwinZnode, twin: Twin): void {
  const { data, acl, ...stored } = expected
  assert.ok(actual)
  assert.equal(actual.data, data, path)
  assert.deepEqual(actual.acl, acl)
  assert.deepEqual(actual.stored, stored, path)
  const children = twin.children(path).map(nameOf)
  assert.deepEqual(actual.children, children.sort())
  const isSession = stored.ephemeralOwner === 5n || stored.ephemeralOwner === 6n
  assert.equal(actual.visible.ephemeralOwner, isSession ? stored.ephemeralOwner : 0n)
}

test('The tree holds what a map of paths would, whatever is created, changed, deleted and walked', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const pair = makePair()
      for (const one of steps) apply(pair, one)
      walk(pair, 100)
      compare(pair)
    }),
    { numRuns: 300 },
  )
})

test('Children are listed in the order of their creation', () => {
  const pair = makePair()
  const create = (path: string) => apply(pair, { do: 'create', path, data: null, acl: OPEN, owner: 0n })
  for (const path of ['/b', '/a', '/é']) create(path)
  apply(pair, { do: 'delete', path: '/b' })
  create('/b')
  assert.deepEqual(
    [...pair.tree.children(ROOT)].map((record) => pair.tree.nameOf(record)),
    ['a', 'é', 'b'],
  )
  const output = new Output()
  pair.tree.writeChildren(ROOT, output)
  assert.equal(output.written().toString('hex'), '00000003000000016100000002c3a90000000162')
})

test('Descendants are all znodes below, and not those of a sibling', () => {
  const pair = makePair()
  for (const path of PATHS) apply(pair, { do: 'create', path, data: null, acl: OPEN, owner: 0n })
  const count = (path: string) => pair.tree.descendants(pair.tree.find(path))
  assert.deepEqual([count('/'), count('/a'), count('/a/a'), count('/b'), count('/é')], [10, 6, 2, 1, 0])
})

test('Paths that begin alike are told apart', () => {
  const pair = makePair()
  const paths = Array.from({ length: 3000 }, (_, i) => `/n${i}`)
  for (const path of paths) apply(pair, { do: 'create', path, data: path, acl: OPEN, owner: 0n })
  for (const path of paths) assert.equal(pair.tree.dataOf(pair.tree.find(path))?.toString(), path)
  assert.equal(pair.tree.find('/n'), NONE)
  assert.equal(pair.tree.find('/n3000'), NONE)
  assert.equal(pair.tree.find('/n1/n1'), NONE)
})

test('A record that was used again keeps nothing of the znode before', () => {
  const pair = makePair()
  const { tree } = pair
  apply(pair, { do: 'create', path: '/a', data: 'secret', acl: OPEN, owner: CONTAINER_OWNER })
  const record = tree.find('/a')
  apply(pair, { do: 'delete', path: '/a' })
  apply(pair, { do: 'create', path: '/b', data: null, acl: OPEN, owner: 0n })
  assert.equal(tree.find('/b'), record)
  assert.equal(tree.dataOf(record), null)
  assert.equal(tree.records.owner(record), 0n)
  compare(pair)
})
