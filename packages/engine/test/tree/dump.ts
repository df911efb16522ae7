/** A tree as plain values, read by its links, and what must be true of every tree. */
import assert from 'node:assert/strict'
import { crc32 } from 'node:zlib'
import type { Acl, Digest, Stat, StatPersisted } from '@meerkat/protocol'
import { Input, Output, Stat as StatRecord, StatPersisted as StatPersistedRecord, childOf } from '@meerkat/protocol'
import { NONE, ROOT, type Tree } from '../../src/tree/tree.ts'
import type { RecordId } from '../../src/tree/znodeRecords.ts'

export interface Dumped {
  readonly data: string | null
  readonly acl: readonly Acl[]
  readonly visible: Stat
  readonly stored: StatPersisted
  readonly children: readonly string[]
}

function statOf(tree: Tree, record: RecordId): Stat {
  const output = new Output()
  tree.records.writeStat(record, output)
  return StatRecord.read(new Input(output.written()))
}

export function storedStatOf(tree: Tree, record: RecordId): StatPersisted {
  const output = new Output()
  tree.records.writeStatPersisted(record, output)
  return StatPersistedRecord.read(new Input(output.written()))
}

/** Every znode by its path, sorted; found by the links between parents and children. */
export function dump(tree: Tree): Map<string, Dumped> {
  const znodes = new Map<string, Dumped>()
  const visit = (record: RecordId, path: string): void => {
    const children = [...tree.children(record)]
    znodes.set(path, {
      data: tree.dataOf(record)?.toString('latin1') ?? null,
      acl: tree.aclOf(record),
      visible: statOf(tree, record),
      stored: storedStatOf(tree, record),
      children: children.map((child) => tree.nameOf(child)).sort(),
    })
    for (const child of children) visit(child, childOf(path, tree.nameOf(child)))
  }
  visit(ROOT, '/')
  return new Map([...znodes].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What the index, the links, the counts and the digest must agree on. */
export function checkTree(tree: Tree): Map<string, Dumped> {
  const znodes = dump(tree)
  assert.equal(tree.count, znodes.size)
  assert.deepEqual(tree.digest.value, digestOf(znodes))
  let dataSize = 0
  let ephemerals = 0
  for (const [path, { data, visible, stored, children }] of znodes) {
    const record = tree.find(path)
    assert.notEqual(record, NONE, `${path} is not in the index`)
    assert.equal(tree.pathOf(record), path)
    assert.equal(visible.numChildren, children.length, path)
    assert.equal(new Set(children).size, children.length, `${path} has a child twice`)
    assert.equal(visible.cversion, 2 * stored.cversion - children.length, path)
    assert.equal(visible.dataLength, data?.length ?? 0, path)
    for (const child of children) assert.equal(tree.parentOf(tree.find(childOf(path, child))), record)
    dataSize += (path === '/' ? 0 : path.length) + visible.dataLength
    if (visible.ephemeralOwner !== 0n) ephemerals++
  }
  assert.equal(tree.dataSize, dataSize)
  assert.equal(tree.ephemeralCount, ephemerals)
  return znodes
}

/** The tree's digest computed anew, from its definition (reference 2.11). */
export function digestOf(znodes: ReadonlyMap<string, Dumped>): Digest {
  let sum = 0n
  for (const [path, { data, stored }] of znodes) {
    if (path.startsWith('/zookeeper/')) continue
    sum += BigInt(znodeDigest(path, data, stored))
  }
  const digest = BigInt.asUintN(64, sum)
  return { high: Number(digest >> 32n), low: Number(digest & 0xffff_ffffn) }
}

function znodeDigest(path: string, data: string | null, stat: StatPersisted): number {
  const numbers = Buffer.alloc(60)
  const longs = [stat.czxid, stat.mzxid, stat.pzxid, stat.ctime, stat.mtime]
  for (const [i, value] of longs.entries()) numbers.writeBigInt64BE(BigInt(value), 8 * i)
  const ints = [stat.version, stat.cversion, stat.aversion]
  for (const [i, value] of ints.entries()) numbers.writeInt32BE(value, 40 + 4 * i)
  numbers.writeBigInt64BE(stat.ephemeralOwner, 52)
  const parts = [Buffer.from(path === '/' ? '' : path), Buffer.from(data ?? '', 'latin1'), numbers]
  return crc32(Buffer.concat(parts))
}
