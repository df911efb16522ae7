/**
 * The contents of a snapshot (server.persistence.FileSnap, server.DataTree, server.util.SerializeUtils).
 *
 *   FileHeader                                             in a file; the network's SNAP begins after it
 *   int count, {long session, int timeoutMs} each
 *   int count, {long id, vector<ACL>} each                 id -1, the open ACL, is not among them
 *   {ustring path, buffer data, long aclId, StatPersisted} each znode, parents first; the root's path is empty
 *   ustring "/"                                            the end of the tree; the network's SNAP ends here
 *   seal                                                   long Adler-32 of every byte so far, ustring "/"
 *   long zxid, int version, long digest, seal              if the writer had digests on
 *   long last zxid, seal                                   from ZooKeeper 3.9 on, if serializeLastProcessedZxid is on
 */
import type { Bytes } from './bytes.ts'
import { allocate, NO_BYTES } from './bytes.ts'
import { adler32 } from './checksums.ts'
import { FILE_HEADER_SIZE, FILE_VERSION, SNAPSHOT_END, SNAPSHOT_MAGIC } from './files.ts'
import type { SessionId, Zxid } from './identifiers.ts'
import type { Output } from './jute.ts'
import { Input, nullableVector } from './jute.ts'
import { Acl } from './records.ts'
import type { Digest } from './transactions.ts'
import { DIGEST_VERSION } from './transactions.ts'

/** A snapshot that cannot be read; `offset` counts uncompressed bytes from the start of what was read. */
export class SnapshotError extends Error {
  readonly code = 'SNAPSHOT'
  readonly offset: number

  constructor(reason: string, offset: number) {
    super(`${reason} at byte ${offset}`)
    this.offset = offset
  }
}

/** Where the parts of one znode lie in the bytes given with it. The reader reuses one object for all znodes. */
export interface ZnodeOffsets {
  pathStart: number
  pathEnd: number
  /** -1 if the data is null. */
  dataStart: number
  dataEnd: number
  /** -1 is the open ACL. */
  aclId: number
  /** Where the 60 bytes of StatPersisted begin. */
  stat: number
}

/** Told of each part in the order of the snapshot. Bytes are valid during the call only: whoever keeps them copies. */
export interface SnapshotVisitor {
  session(id: SessionId, timeoutMs: number): void
  acl(id: number, acl: Acl[]): void
  znode(bytes: Bytes, view: DataView, at: ZnodeOffsets): void
}

/** What may follow the tree. */
export interface SnapshotTail {
  /** The zxid at which the tree, once the log was replayed up to it, must have `digest`; undefined if absent. */
  readonly digestZxid: Zxid | undefined
  /** Undefined if absent, or of a version that is not ours. */
  readonly digest: Digest | undefined
  readonly lastZxid: Zxid | undefined
}

export interface SnapshotReaderOptions {
  /** False for the network's SNAP, which has neither FileHeader nor seals. Default true. */
  readonly file?: boolean
  /** The most bytes of a path, of a znode's data or of an ACL. Default 64 MiB. */
  readonly maxLength?: number
}

const DEFAULT_MAX_LENGTH = 64 * 1024 * 1024
const STAT_PERSISTED_SIZE = 60
const SEAL_SIZE = 13
const MIN_CARRY = 4096
const NO_TAIL: SnapshotTail = { digestZxid: undefined, digest: undefined, lastZxid: undefined }
/** Long enough for the sections after the tree, also with the digest as a string of old; more is not a snapshot. */
const MAX_TAIL = 256
const SLASH = SNAPSHOT_END.charCodeAt(0)
const acls = nullableVector(Acl)

type State = 'header' | 'session count' | 'session' | 'ACL count' | 'ACL' | 'tree' | 'seal' | 'tail' | 'ended'

/**
 * Reads a snapshot from chunks of any size. Memory is bounded by the largest znode, not by the snapshot: an item that
 * lies in one chunk is read in place, one that is cut by a chunk's end is gathered first.
 */
export class SnapshotReader {
  private readonly visitor: SnapshotVisitor
  private readonly file: boolean
  private readonly maxLength: number
  private state: State
  /** How many sessions or ACLs are still to come. */
  private left = 0
  private checksum = 1
  /** How many bytes the complete items took. */
  private offset = 0
  /** The beginning of the item at hand, if a chunk's end cut it. */
  private carry: Bytes = NO_BYTES
  private carried = 0
  /** How many bytes the cut item takes at least; never more than it takes in the end. */
  private needed = 0
  private bytes: Bytes = NO_BYTES
  private view: DataView = new DataView(new ArrayBuffer(0))
  private end = 0
  /** The offset in the snapshot of the first of `bytes`. */
  private base = 0
  /** How far of `bytes` the checksum goes. */
  private summed = 0
  private readonly at: ZnodeOffsets = { pathStart: 0, pathEnd: 0, dataStart: 0, dataEnd: 0, aclId: 0, stat: 0 }

  constructor(visitor: SnapshotVisitor, { file = true, maxLength = DEFAULT_MAX_LENGTH }: SnapshotReaderOptions = {}) {
    this.visitor = visitor
    this.file = file
    this.maxLength = maxLength
    this.state = file ? 'header' : 'session count'
  }

  /** Whether the network's SNAP is complete. A file has no such mark: seals and sections may follow its tree. */
  get ended(): boolean {
    return this.state === 'ended'
  }

  /**
   * Reads a chunk and returns how many of its bytes belong to the snapshot: fewer than all only where the network's SNAP
   * has ended. Throws SnapshotError; the reader is of no use after that.
   */
  read(chunk: Bytes): number {
    let taken = 0
    while (this.carried > 0 && taken < chunk.length) taken += this.complete(chunk, taken)
    if (this.carried > 0) return taken
    const stop = this.items(chunk, taken, chunk.length)
    if (this.ended) return stop
    this.reserveCarry(chunk.length - stop)
    this.carried = chunk.copy(this.carry, 0, stop)
    return chunk.length
  }

  /** Says that there are no more bytes, and returns what followed the tree. Throws SnapshotError if the tree is cut. */
  finish(): SnapshotTail {
    if (this.ended) return NO_TAIL
    if (this.state === 'tail') return readTail(this.carry.subarray(0, this.carried), this.checksum, this.offset)
    throw new SnapshotError(`the snapshot is cut: it ends within the ${this.state}`, this.offset)
  }

  /** Adds to the cut item no more than it is known to need, and reads it if that completes it. */
  private complete(chunk: Bytes, from: number): number {
    const to = Math.min(from + this.needed - this.carried, chunk.length)
    this.reserveCarry(this.carried + to - from)
    this.carried += chunk.copy(this.carry, this.carried, from, to)
    if (this.carried >= this.needed && this.items(this.carry, 0, this.carried) > 0) this.carried = 0
    return to - from
  }

  private reserveCarry(length: number): void {
    if (length <= this.carry.length) return
    const old = this.carry
    this.carry = allocate(Math.max(length, 2 * old.length, MIN_CARRY))
    old.copy(this.carry, 0, 0, this.carried)
  }

  /** Reads the complete items of `bytes[start, end)` and returns where the first incomplete one begins. */
  private items(bytes: Bytes, start: number, end: number): number {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, end)
    this.end = end
    this.base = this.offset - start
    this.summed = start
    let stop = start
    for (let next = this.item(stop); next !== stop; next = this.item(stop)) stop = next
    this.sumTo(stop)
    this.offset = this.base + stop
    return stop
  }

  private sumTo(position: number): void {
    this.checksum = adler32(this.bytes, this.summed, position, this.checksum)
    this.summed = position
  }

  /** Whether `count` bytes are there from `at` on; notes what is needed if not. */
  private has(at: number, count: number): boolean {
    this.needed = count
    return this.end - at >= count
  }

  /** Reads the item at `at` and returns the offset after it, or `at` itself if it is not complete. */
  private item(at: number): number {
    switch (this.state) {
      case 'header':
        return this.header(at)
      case 'session count':
        return this.count(at, 'session')
      case 'session':
        return this.session(at)
      case 'ACL count':
        return this.count(at, 'ACL')
      case 'ACL':
        return this.acl(at)
      case 'tree':
        return this.znodes(at)
      case 'seal':
        return this.seal(at)
      case 'tail':
        return this.tail(at)
      case 'ended':
        return at
    }
  }

  private header(at: number): number {
    if (!this.has(at, FILE_HEADER_SIZE)) return at
    const magic = this.view.getUint32(at)
    if (magic !== SNAPSHOT_MAGIC) this.fail(`not a snapshot: it begins with ${magic.toString(16).padStart(8, '0')}`, at)
    const version = this.view.getInt32(at + 4)
    if (version !== FILE_VERSION) this.fail(`a snapshot of the unknown version ${version}`, at + 4)
    this.state = 'session count'
    return at + FILE_HEADER_SIZE
  }

  private count(at: number, of: 'session' | 'ACL'): number {
    if (!this.has(at, 4)) return at
    this.left = this.view.getInt32(at)
    if (this.left < 0) this.fail(`an impossible ${this.state}, ${this.left}`, at)
    this.state = of
    this.skipIfNoneLeft()
    return at + 4
  }

  private skipIfNoneLeft(): void {
    if (this.left === 0) this.state = this.state === 'session' ? 'ACL count' : 'tree'
  }

  private session(at: number): number {
    if (!this.has(at, 12)) return at
    this.visitor.session(this.view.getBigInt64(at) as SessionId, this.view.getInt32(at + 8))
    this.left -= 1
    this.skipIfNoneLeft()
    return at + 12
  }

  private acl(at: number): number {
    const end = this.aclEnd(at)
    if (end === at) return at
    const input = new Input(this.bytes, at, end)
    this.visitor.acl(input.number(), acls.read(input) ?? [])
    this.left -= 1
    this.skipIfNoneLeft()
    return end
  }

  /** Where the ACL that begins at `start` ends, or `start` if it is not complete. */
  private aclEnd(start: number): number {
    if (!this.has(start, 12)) return start
    const count = this.view.getInt32(start + 8)
    if (count < -1) this.fail(`an ACL with an impossible number of entries, ${count}`, start + 8)
    let at = start + 12
    for (let entry = 0; entry < count; entry++) {
      at += 4
      for (let text = 0; text < 2; text++) {
        if (!this.has(start, at + 4 - start)) return start
        at += 4 + Math.max(0, this.length(at, 'ACL'))
        if (at - start > this.maxLength) this.fail(`an ACL longer than the limit of ${this.maxLength} bytes`, start)
      }
    }
    return this.has(start, at - start) ? at : start
  }

  /** The length of a string or buffer: -1 for null. */
  private length(at: number, of: string): number {
    const length = this.view.getInt32(at)
    if (length < -1) this.fail(`an impossible length of ${of}, ${length}`, at)
    if (length > this.maxLength) this.fail(`${of} of ${length} bytes, above the limit of ${this.maxLength}`, at)
    return length
  }

  /** The hot loop: reads znodes, and returns where the first incomplete one begins, or where the tree has ended. */
  private znodes(from: number): number {
    const { view, bytes, end, at, visitor } = this
    let start = from
    for (;;) {
      if (!this.has(start, 5)) return start
      const path = start + 4
      const pathLength = this.length(start, 'path')
      if (pathLength === 1 && bytes[path] === SLASH) return this.treeEnd(path + 1)
      if (pathLength < 0) this.fail('a znode without a path', start)
      const data = path + pathLength + 4
      if (data > end) return this.cut(start, data)
      const dataLength = this.length(data - 4, 'data')
      const dataEnd = dataLength > 0 ? data + dataLength : data
      const next = dataEnd + 8 + STAT_PERSISTED_SIZE
      if (next > end) return this.cut(start, next)
      at.pathStart = path
      at.pathEnd = data - 4
      at.dataStart = dataLength < 0 ? -1 : data
      at.dataEnd = dataLength < 0 ? -1 : dataEnd
      at.aclId = view.getInt32(dataEnd) * 0x1_0000_0000 + view.getUint32(dataEnd + 4)
      at.stat = dataEnd + 8
      visitor.znode(bytes, view, at)
      start = next
    }
  }

  private cut(start: number, atLeast: number): number {
    this.needed = atLeast - start
    return start
  }

  private treeEnd(at: number): number {
    this.state = this.file ? 'seal' : 'ended'
    return at
  }

  private seal(at: number): number {
    if (!this.has(at, SEAL_SIZE)) return at
    this.sumTo(at)
    if (!isSeal(this.view, at, this.checksum)) this.fail('the checksum does not match the bytes before it', at)
    this.state = 'tail'
    return at + SEAL_SIZE
  }

  /** What follows the tree is gathered whole: only its end tells which sections there are. */
  private tail(at: number): number {
    if (this.has(at, MAX_TAIL)) this.fail('too many bytes follow the tree', at)
    return at
  }

  private fail(reason: string, at: number): never {
    throw new SnapshotError(reason, this.base + at)
  }
}

/** Each section after the tree may be absent. A seal tells which one it closes, as it covers every byte before it. */
function readTail(bytes: Bytes, checksum: number, offset: number): SnapshotTail {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const afterDigest = sealedEnd(view, 0, digestEnd(view), checksum)
  const sum = adler32(bytes, 0, afterDigest, checksum)
  const end = afterDigest === bytes.length ? afterDigest : sealedEnd(view, afterDigest, afterDigest + 8, sum)
  if (end !== bytes.length) throw new SnapshotError('what follows the tree is cut or damaged', offset + afterDigest)
  const input = new Input(bytes)
  const digestZxid = afterDigest === 0 ? undefined : (input.number() as Zxid)
  const digest = digestZxid !== undefined && view.getInt32(8) === DIGEST_VERSION ? readTreeDigest(view) : undefined
  input.offset = afterDigest
  return { digestZxid, digest, lastZxid: end === afterDigest ? undefined : (input.number() as Zxid) }
}

/** Where the zxid, version and digest at the start of `view` end; beyond the view if they do not fit in it. */
function digestEnd(view: DataView): number {
  if (view.byteLength < 16) return view.byteLength
  // Before version 2 the digest was a string of hexadecimal digits.
  return view.getInt32(8) >= DIGEST_VERSION ? 20 : 16 + Math.max(0, view.getInt32(12))
}

function readTreeDigest(view: DataView): Digest {
  return { high: view.getUint32(12), low: view.getUint32(16) }
}

/** The offset after the seal that closes the section `[start, end)`, or `start` if there is no such seal. */
function sealedEnd(view: DataView, start: number, end: number, checksum: number): number {
  if (end + SEAL_SIZE > view.byteLength) return start
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  return isSeal(view, end, adler32(bytes, start, end, checksum)) ? end + SEAL_SIZE : start
}

function isSeal(view: DataView, at: number, checksum: number): boolean {
  return (
    view.getUint32(at) === 0 &&
    view.getUint32(at + 4) === checksum &&
    view.getInt32(at + 8) === 1 &&
    view.getUint8(at + 12) === SLASH
  )
}

/** Marks the end of the tree. */
export function writeTreeEnd(output: Output): void {
  output.string(SNAPSHOT_END)
}

/** `checksum` is the Adler-32 of everything before. */
export function writeSeal(output: Output, checksum: number): void {
  output.int(0)
  output.int(checksum | 0)
  output.string(SNAPSHOT_END)
}

/** The section of the digest; a seal follows. */
export function writeZxidDigest(output: Output, { zxid, digest }: { zxid: Zxid; digest: Digest }): void {
  output.number(zxid)
  output.int(DIGEST_VERSION)
  output.int(digest.high | 0)
  output.int(digest.low | 0)
}
