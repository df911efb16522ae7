import fc from 'fast-check'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { adler32 } from '../src/checksums.ts'
import { asBytes, copyOf, type Bytes } from '../src/bytes.ts'
import { SNAPSHOT_MAGIC, writeFileHeader } from '../src/files.ts'
import type { SessionId } from '../src/identifiers.ts'
import { zxidOf } from '../src/identifiers.ts'
import { decodeString, Input, Output, vector } from '../src/jute.ts'
import { Acl, StatPersisted } from '../src/records.ts'
import {
  SnapshotError,
  SnapshotReader,
  writeSeal,
  writeTreeEnd,
  writeZxidDigest,
  type SnapshotTail,
  type SnapshotVisitor,
  type ZnodeOffsets,
} from '../src/snapshots.ts'
import type { Digest } from '../src/transactions.ts'

interface Znode {
  readonly path: string
  readonly data: string | null
  readonly aclId: number
  readonly stat: StatPersisted
}

/** A whole snapshot as values. */
class Contents implements SnapshotVisitor {
  readonly sessions: [SessionId, number][] = []
  readonly acls: [number, Acl[]][] = []
  readonly znodes: Znode[] = []
  tail: SnapshotTail = { digestZxid: undefined, digest: undefined, lastZxid: undefined }

  session(id: SessionId, timeoutMs: number): void {
    this.sessions.push([id, timeoutMs])
  }

  acl(id: number, acl: Acl[]): void {
    this.acls.push([id, acl])
  }

  znode(bytes: Bytes, _view: DataView, at: ZnodeOffsets): void {
    this.znodes.push({
      path: decodeString(bytes, at.pathStart, at.pathEnd),
      data: at.dataStart < 0 ? null : bytes.toString('hex', at.dataStart, at.dataEnd),
      aclId: at.aclId,
      stat: StatPersisted.read(new Input(bytes, at.stat, at.stat + 60)),
    })
  }
}

const golden = asBytes(readFileSync(new URL('golden/snapshot.c', import.meta.url)))
const DIGEST: Digest = { high: 0xfffffffe, low: 3 }

function read(bytes: Bytes, chunkSize = bytes.length, file = true): Contents {
  const contents = new Contents()
  const reader = new SnapshotReader(contents, { file })
  for (let at = 0; at < bytes.length; at += chunkSize) reader.read(bytes.subarray(at, at + chunkSize))
  contents.tail = reader.finish()
  return contents
}

function writeTree(output: Output, { sessions, acls, znodes }: Contents): void {
  output.int(sessions.length)
  for (const [id, timeoutMs] of sessions) {
    output.long(id)
    output.int(timeoutMs)
  }
  output.int(acls.length)
  for (const [id, acl] of acls) {
    output.number(id)
    vector(Acl).write(output, acl)
  }
  for (const { path, data, aclId, stat } of znodes) {
    output.string(path)
    output.buffer(data === null ? null : Buffer.from(data, 'hex'))
    output.number(aclId)
    StatPersisted.write(output, stat)
  }
  writeTreeEnd(output)
}

function write(contents: Contents): Bytes {
  const output = new Output()
  const seal = (): void => writeSeal(output, adler32(output.bytes, 0, output.length))
  writeFileHeader(output, SNAPSHOT_MAGIC)
  writeTree(output, contents)
  seal()
  const { digestZxid, digest, lastZxid } = contents.tail
  if (digestZxid !== undefined && digest !== undefined) {
    writeZxidDigest(output, { zxid: digestZxid, digest })
    seal()
  }
  if (lastZxid !== undefined) {
    output.number(lastZxid)
    seal()
  }
  return copyOf(output.written())
}

test("Apache's snapshot is read: sessions, ACLs, znodes, digest", () => {
  const { sessions, acls, znodes, tail } = read(golden)
  assert.deepEqual(sessions, [[0x100003364ff0000n, 30000]])
  assert.deepEqual(
    acls.map(([id, acl]) => [id, acl[0]?.perms]),
    [
      [1, 1],
      [2, 31],
    ],
  )
  assert.deepEqual(
    znodes.map(({ path }) => path),
    ['', '/a', '/zookeeper', '/zookeeper/config', '/zookeeper/quota', '/cont', '/e', '/dup', '/sup'],
  )
  assert.deepEqual([znodes[1]?.data, znodes[1]?.aclId, znodes[0]?.aclId, znodes[2]?.data], ['78', 2, -1, ''])
  assert.equal(znodes[6]?.stat.ephemeralOwner, 0x100003364ff0000n)
  assert.deepEqual(tail, { digestZxid: 12, digest: { high: 2, low: 0x69f76166 }, lastZxid: undefined })
})

test("Apache's snapshot is written again to the same bytes", () => {
  assert.equal(write(read(golden)).toString('hex'), golden.toString('hex'))
})

test('Chunks of any size give the same', () => {
  const whole = read(golden)
  for (let size = 1; size <= 120; size++) assert.deepEqual(read(golden, size), whole)
})

test('Each section after the tree may be absent', () => {
  const contents = read(golden)
  for (const lastZxid of [undefined, zxidOf(0x2_0000_0009)]) {
    for (const digest of [undefined, DIGEST]) {
      contents.tail = { digestZxid: digest && zxidOf(77), digest, lastZxid }
      assert.deepEqual(read(write(contents)), contents)
    }
  }
})

test('A digest of an old version, a string, is passed over', () => {
  const contents = read(golden)
  contents.tail = { digestZxid: undefined, digest: undefined, lastZxid: undefined }
  const output = new Output()
  const start = write(contents)
  output.raw(start, 0, start.length)
  output.number(5)
  output.int(1)
  output.string('1234abcd')
  writeSeal(output, adler32(output.bytes, 0, output.length))
  assert.deepEqual(read(copyOf(output.written())).tail, { digestZxid: 5, digest: undefined, lastZxid: undefined })
})

test("The network's SNAP ends with the tree, and the bytes that follow are left", () => {
  const contents = read(golden)
  const output = new Output()
  writeTree(output, contents)
  const length = output.length
  output.string('BenWasHere')
  for (const size of [1, 2, 3, 10, 1000]) {
    const seen = new Contents()
    const reader = new SnapshotReader(seen, { file: false })
    let taken = 0
    for (let at = 0; at < output.length && !reader.ended; at += size) {
      taken += reader.read(copyOf(output.bytes.subarray(at, Math.min(at + size, output.length))))
    }
    assert.deepEqual({ taken, znodes: seen.znodes }, { taken: length, znodes: contents.znodes })
    assert.equal(reader.finish().lastZxid, undefined)
  }
})

test('Every cut is an error, but where a section ends', () => {
  const tree = golden.length - 33
  for (let length = 0; length < golden.length; length++) {
    if (length === tree) assert.equal(read(golden.subarray(0, length)).tail.digest, undefined)
    else assert.throws(() => read(golden.subarray(0, length)), SnapshotError, `cut at ${length}`)
  }
})

test('Every flipped bit is an error', () => {
  for (let at = 0; at < golden.length; at++) {
    const damaged = copyOf(golden)
    damaged[at] = (damaged[at] as number) ^ (1 << (at % 8))
    // Neither the header's database id nor anything else is without a checksum.
    assert.throws(() => read(damaged, 50), SnapshotError, `byte ${at}`)
  }
})

test('An error says where', () => {
  const damaged = copyOf(golden)
  damaged[0xb6] = 0x80
  assert.throws(() => read(damaged, 7), {
    code: 'SNAPSHOT',
    offset: 0xb6,
    message: /impossible length of path.* byte 182/,
  })
})

test('A length above the limit is refused before it is read', () => {
  const damaged = copyOf(golden)
  damaged[0xb8] = 0x10
  const reader = new SnapshotReader(new Contents(), { maxLength: 100 })
  assert.throws(() => reader.read(damaged), /path of 4098 bytes, above the limit of 100 at byte 182/)
})

test('Random bytes are an error or a value, whatever the chunks', () => {
  const anything = fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 60 }), fc.boolean())
  fc.assert(
    fc.property(anything, ([random, size, file]) => {
      const start = file ? golden.subarray(0, 20) : golden.subarray(16, 20)
      try {
        read(asBytes(Buffer.concat([start, random])), size, file)
      } catch (error) {
        assert.ok(error instanceof SnapshotError, String(error))
      }
    }),
  )
})
