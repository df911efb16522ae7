/**
 * The znodes: a tree of fixed records (znodeRecords.ts), their names and data (arena.ts), and an index by path.
 *
 * The tree holds what is committed. It knows nothing of permissions, sessions' lives or watches; the operations do.
 */
import type { Acl, Bytes, Output, SessionId, SnapshotVisitor, Zxid } from '@meerkat/protocol'
import { crc32, encodeString, encodedLength, ownerKind, zxidOf, type OwnerRules } from '@meerkat/protocol'
import { AclTable, OPEN_ACL_ID, type AclId } from './aclTable.ts'
import { Arena } from './arena.ts'
import { copyBytes, memory, type Memory } from './copy.ts'
import { DigestSum } from './digestSum.ts'
import { hashPath } from './pathHash.ts'
import { PathIndex } from './pathIndex.ts'
import { Flag, IntField, LinkField, LongField, ZnodeRecords, type RecordId } from './znodeRecords.ts'

export const ROOT: RecordId = 1
/** No such znode. */
export const NONE: RecordId = 0

const SLASH = 0x2f

export interface NewZnode {
  readonly path: string
  readonly data: Bytes | null
  readonly acl: AclId
  readonly owner: bigint
  readonly zxid: Zxid
  readonly time: number
  /** The parent's stored cversion afterwards; -1: one more than now. */
  readonly parentCversion: number
}

export class Tree {
  readonly records = new ZnodeRecords()
  readonly acls = new AclTable()
  readonly digest = new DigestSum()
  lastZxid: Zxid = zxidOf(0)
  /** Znodes, the root included. */
  count = 0
  /** Bytes of all paths' names and data. */
  dataBytes = 0
  readonly containers = new Set<RecordId>()
  readonly timed = new Set<RecordId>()
  private readonly ephemeralsBySession = new Map<SessionId, Set<RecordId>>()
  private ephemerals = 0
  private readonly arena = new Arena()
  private readonly index = new PathIndex()
  private readonly seed: number
  private readonly ownerRules: OwnerRules
  private readonly cursors = new Set<TreeCursor>()

  /** What `find` looks for. */
  private query: Memory
  private queryStart = 0
  private queryEnd = 0
  private scratch = memory(4096)
  private readonly isQuery = (record: RecordId): boolean => this.hasQueriedPath(record)

  constructor({ seed, ownerRules }: { seed: number; ownerRules: OwnerRules }) {
    this.seed = seed
    this.ownerRules = ownerRules
    this.query = this.scratch
  }

  get ephemeralCount(): number {
    return this.ephemerals
  }

  // --- finding ---

  find(path: string): RecordId {
    const end = this.encode(path)
    return this.findIn(this.scratch, 0, end)
  }

  /** The znode whose path is `bytes[start, end)`, or NONE. An empty path is the root, as in Apache's tree. */
  findIn(source: Memory, start: number, end: number): RecordId {
    if (end - start <= 1 && (end === start || source.bytes[start] === SLASH)) return ROOT
    this.query = source
    this.queryStart = start
    this.queryEnd = end
    return this.index.find(hashPath(source.bytes, source.view, start, end, this.seed), this.isQuery)
  }

  private encode(path: string): number {
    const length = encodedLength(path)
    if (length > this.scratch.bytes.length) this.scratch = memory(length * 2)
    return encodeString(path, this.scratch.bytes, 0)
  }

  /** Compares from the last name to the root. */
  private hasQueriedPath(record: RecordId): boolean {
    const { bytes } = this.query
    let end = this.queryEnd
    for (let at = record; at !== ROOT; at = this.records.link(at, LinkField.parent)) {
      const start = end - this.records.link(at, LinkField.nameLength)
      if (start <= this.queryStart || bytes[start - 1] !== SLASH || !this.hasName(at, bytes, start, end)) return false
      end = start - 1
    }
    return end === this.queryStart
  }

  private hasName(record: RecordId, bytes: Bytes, start: number, end: number): boolean {
    const address = this.records.link(record, LinkField.address)
    const name = this.arena.chunkOf(address).bytes
    const shift = this.arena.offsetOf(address) - start
    for (let i = start; i < end; i++) if (bytes[i] !== name[i + shift]) return false
    return true
  }

  parentOf(record: RecordId): RecordId {
    return this.records.link(record, LinkField.parent)
  }

  nameOf(record: RecordId): string {
    const address = this.records.link(record, LinkField.address)
    const start = this.arena.offsetOf(address)
    return this.arena
      .chunkOf(address)
      .bytes.toString('utf8', start, start + this.records.link(record, LinkField.nameLength))
  }

  pathOf(record: RecordId): string {
    if (record === ROOT) return '/'
    let path = ''
    for (let at = record; at !== ROOT; at = this.parentOf(at)) path = `/${this.nameOf(at)}${path}`
    return path
  }

  *children(record: RecordId): Iterable<RecordId> {
    for (
      let child = this.records.link(record, LinkField.firstChild);
      child !== NONE;
      child = this.records.link(child, LinkField.next)
    ) {
      yield child
    }
  }

  /** Appends the children's names as a vector. */
  writeChildren(record: RecordId, output: Output): void {
    const { records } = this
    output.int(records.int(record, IntField.numChildren))
    for (
      let child = records.link(record, LinkField.firstChild);
      child !== NONE;
      child = records.link(child, LinkField.next)
    ) {
      const length = records.link(child, LinkField.nameLength)
      const address = records.link(child, LinkField.address)
      const at = output.reserve(4 + length)
      output.view.setInt32(at, length)
      copyBytes(this.arena.chunkOf(address), this.arena.offsetOf(address), output, at + 4, length)
    }
  }

  /** Descendants of a znode, itself not counted. */
  descendants(record: RecordId): number {
    let count = 0
    for (let at = this.following(record, record); at !== NONE; at = this.following(at, record)) count++
    return count
  }

  /** The znode after `record` in the order parent, children, siblings; NONE behind the last one below `top`. */
  following(record: RecordId, top: RecordId = ROOT): RecordId {
    const { records } = this
    const child = records.link(record, LinkField.firstChild)
    if (child !== NONE) return child
    for (let at = record; at !== top; at = records.link(at, LinkField.parent)) {
      const next = records.link(at, LinkField.next)
      if (next !== NONE) return next
    }
    return NONE
  }

  // --- reading ---

  /** Appends the data as a buffer. */
  writeData(record: RecordId, output: Output): void {
    const { records } = this
    if (records.has(record, Flag.nullData)) return output.int(-1)
    const length = records.int(record, IntField.dataLength)
    const address = records.link(record, LinkField.address)
    const source = this.arena.offsetOf(address) + records.link(record, LinkField.nameLength)
    const at = output.reserve(4 + length)
    output.view.setInt32(at, length)
    copyBytes(this.arena.chunkOf(address), source, output, at + 4, length)
  }

  /** The data, sharing memory with the tree: valid until the next change. */
  dataOf(record: RecordId): Bytes | null {
    if (this.records.has(record, Flag.nullData)) return null
    const address = this.records.link(record, LinkField.address)
    const start = this.arena.offsetOf(address) + this.records.link(record, LinkField.nameLength)
    return this.arena.chunkOf(address).bytes.subarray(start, start + this.records.int(record, IntField.dataLength))
  }

  aclOf(record: RecordId): readonly Acl[] {
    return this.acls.get(this.records.int(record, IntField.acl))
  }

  ephemeralsOf(session: SessionId): Iterable<RecordId> {
    return this.ephemeralsBySession.get(session) ?? []
  }

  sessionsWithEphemerals(): Iterable<SessionId> {
    return this.ephemeralsBySession.keys()
  }

  // --- changing ---

  /** Adds a znode. Its parent must exist, and it must not. `acl` must have been interned for it. */
  create(parent: RecordId, znode: NewZnode): RecordId {
    const { records } = this
    const record = records.allocate()
    records.clear(record)
    records.setLong(record, LongField.czxid, znode.zxid)
    records.setLong(record, LongField.mzxid, znode.zxid)
    records.setLong(record, LongField.pzxid, znode.zxid)
    records.setLong(record, LongField.ctime, znode.time)
    records.setLong(record, LongField.mtime, znode.time)
    records.setInt(record, IntField.acl, znode.acl)
    const end = this.encode(znode.path)
    this.place(record, parent, { source: this.scratch, start: 0, end }, znode.data)
    this.adopt(record, znode.owner)
    this.digest.add(this.digestOf(record))
    this.childAdded(parent, znode)
    return record
  }

  /** The root of an empty tree. */
  createRoot(): void {
    const { records } = this
    const record = records.allocate()
    records.clear(record)
    records.setInt(record, IntField.acl, OPEN_ACL_ID)
    records.setLink(record, LinkField.address, this.arena.allocate(0))
    this.count++
    this.digest.add(this.digestOf(record))
  }

  /** Gives a record its name, data, place among its siblings and in the index. */
  private place(record: RecordId, parent: RecordId, path: PathBytes, data: Bytes | null): void {
    const { records } = this
    const { source, end } = path
    const start = nameStart(path)
    const nameLength = end - start
    const address = this.arena.allocate(nameLength + (data?.length ?? 0))
    copyBytes(source, start, this.arena.chunkOf(address), this.arena.offsetOf(address), nameLength)
    records.setLink(record, LinkField.address, address)
    records.setLink(record, LinkField.nameLength, nameLength)
    records.setLink(record, LinkField.parent, parent)
    // "/" is the empty path in the checksum, so every path continues its parent's with a slash and a name.
    records.setLink(
      record,
      LinkField.pathCrc,
      crc32(source.bytes, start - 1, end, records.link(parent, LinkField.pathCrc) | 0) >>> 0,
    )
    const hash = hashPath(source.bytes, source.view, path.start, end, this.seed)
    records.setLink(record, LinkField.hash, hash)
    if (this.isReservedUnder(parent)) records.setFlag(record, Flag.reserved, true)
    else if (parent === ROOT && this.nameOf(record) === 'zookeeper') records.setFlag(record, Flag.reservedBelow, true)
    this.putData(record, data)
    this.index.add(hash, record)
    this.append(parent, record)
    this.count++
    this.dataBytes += nameLength
  }

  /** Whether the children of `parent` are outside the digest. */
  isReservedUnder(parent: RecordId): boolean {
    return this.records.has(parent, Flag.reserved | Flag.reservedBelow)
  }

  private append(parent: RecordId, record: RecordId): void {
    const { records } = this
    const first = records.link(parent, LinkField.firstChild)
    if (first === NONE) {
      records.setLink(parent, LinkField.firstChild, record)
      records.setLink(record, LinkField.previous, record)
    } else {
      const last = records.link(first, LinkField.previous)
      records.setLink(last, LinkField.next, record)
      records.setLink(record, LinkField.previous, last)
      records.setLink(first, LinkField.previous, record)
    }
    records.setLink(record, LinkField.next, NONE)
  }

  /** Files a znode under its owner. */
  private adopt(record: RecordId, owner: bigint): void {
    const kind = ownerKind(owner, this.ownerRules)
    this.records.setOwner(record, owner, kind.kind === 'container' || kind.kind === 'ttl')
    if (kind.kind === 'container') this.containers.add(record)
    else if (kind.kind === 'ttl') this.timed.add(record)
    else if (kind.kind === 'ephemeral') {
      const set = this.ephemeralsBySession.get(kind.session)
      if (set === undefined) this.ephemeralsBySession.set(kind.session, new Set([record]))
      else set.add(record)
      this.ephemerals++
    }
  }

  private disown(record: RecordId): void {
    this.containers.delete(record)
    this.timed.delete(record)
    if (!this.records.isEphemeral(record)) return
    const session = this.records.owner(record) as SessionId
    const set = this.ephemeralsBySession.get(session)
    set?.delete(record)
    if (set?.size === 0) this.ephemeralsBySession.delete(session)
    this.ephemerals--
  }

  private childAdded(parent: RecordId, { parentCversion, zxid }: NewZnode): void {
    const { records } = this
    const stored = records.int(parent, IntField.storedCversion)
    const cversion = parentCversion === -1 ? stored + 1 : parentCversion
    const grew = cversion > stored
    this.raiseCversion(parent, Math.max(cversion, stored), grew ? zxid : undefined)
    records.setChildren(parent, Math.max(cversion, stored), records.int(parent, IntField.numChildren) + 1)
  }

  /** Sets a parent's stored cversion and, where given, its pzxid. */
  raiseCversion(parent: RecordId, cversion: number, pzxid: Zxid | undefined): void {
    const { records } = this
    records.setChildren(parent, cversion, records.int(parent, IntField.numChildren))
    if (pzxid !== undefined) records.setLong(parent, LongField.pzxid, pzxid)
    this.redigest(parent)
  }

  /** Removes a znode without children. The parent's pzxid grows; its stored cversion stays. */
  delete(record: RecordId, zxid: Zxid): void {
    const { records } = this
    const parent = this.parentOf(record)
    for (const cursor of this.cursors) cursor.leaving(record)
    this.index.remove(records.link(record, LinkField.hash), record)
    this.unlink(parent, record)
    this.disown(record)
    this.subtractDigest(record)
    this.acls.release(records.int(record, IntField.acl))
    const size = records.link(record, LinkField.nameLength) + records.int(record, IntField.dataLength)
    this.arena.release(records.link(record, LinkField.address), size)
    this.dataBytes -= size
    this.count--
    records.release(record)
    records.setChildren(
      parent,
      records.int(parent, IntField.storedCversion),
      records.int(parent, IntField.numChildren) - 1,
    )
    this.childDeleted(parent, zxid)
  }

  /** Notes that a child of `parent` went at `zxid`; also when the child is no longer there in a replay. */
  childDeleted(parent: RecordId, zxid: Zxid): void {
    if (zxid <= this.records.zxid(parent, LongField.pzxid)) return
    this.records.setLong(parent, LongField.pzxid, zxid)
    this.redigest(parent)
  }

  private unlink(parent: RecordId, record: RecordId): void {
    const { records } = this
    const first = records.link(parent, LinkField.firstChild)
    const next = records.link(record, LinkField.next)
    const previous = records.link(record, LinkField.previous)
    if (first === record) records.setLink(parent, LinkField.firstChild, next)
    else records.setLink(previous, LinkField.next, next)
    if (next !== NONE) records.setLink(next, LinkField.previous, previous)
    else if (first !== record) records.setLink(first, LinkField.previous, previous)
  }

  setData(record: RecordId, change: { data: Bytes | null; version: number; zxid: Zxid; time: number }): void {
    const { records } = this
    records.setInt(record, IntField.version, change.version)
    records.setLong(record, LongField.mzxid, change.zxid)
    records.setLong(record, LongField.mtime, change.time)
    this.replaceData(record, change.data)
  }

  /** Changes the data alone: no version, no zxid (quota counts, the configuration at start). */
  replaceData(record: RecordId, data: Bytes | null): void {
    const { records } = this
    const nameLength = records.link(record, LinkField.nameLength)
    const before = nameLength + records.int(record, IntField.dataLength)
    const after = nameLength + (data?.length ?? 0)
    if (!this.arena.fits(before, after)) this.moveBlock(record, { nameLength, before, after })
    this.dataBytes -= before - nameLength
    this.putData(record, data)
    this.redigest(record)
  }

  private moveBlock(
    record: RecordId,
    { nameLength, before, after }: { nameLength: number; before: number; after: number },
  ): void {
    const { arena, records } = this
    const old = records.link(record, LinkField.address)
    const address = arena.allocate(after)
    copyBytes(arena.chunkOf(old), arena.offsetOf(old), arena.chunkOf(address), arena.offsetOf(address), nameLength)
    arena.release(old, before)
    records.setLink(record, LinkField.address, address)
  }

  /** Writes the data behind the name; the block must have room. */
  private putData(record: RecordId, data: Bytes | null): void {
    const { records } = this
    const length = data?.length ?? 0
    records.setFlag(record, Flag.nullData, data === null)
    records.setInt(record, IntField.dataLength, length)
    let crc = records.link(record, LinkField.pathCrc) | 0
    if (data !== null && length > 0) {
      const address = records.link(record, LinkField.address)
      const at = this.arena.offsetOf(address) + records.link(record, LinkField.nameLength)
      this.arena.chunkOf(address).bytes.set(data, at)
      crc = crc32(data, 0, length, crc)
    }
    records.setLink(record, LinkField.dataCrc, crc >>> 0)
    this.dataBytes += length
  }

  /** `acl` must have been interned for it. */
  setAcl(record: RecordId, acl: AclId, version?: number): void {
    this.acls.release(this.records.int(record, IntField.acl))
    this.records.setInt(record, IntField.acl, acl)
    if (version === undefined) return
    this.records.setInt(record, IntField.aversion, version)
    this.redigest(record)
  }

  // --- digest ---

  private digestOf(record: RecordId): number {
    const digest = this.records.refreshDigest(record)
    return this.records.has(record, Flag.reserved) ? 0 : digest
  }

  private redigest(record: RecordId): void {
    if (this.records.has(record, Flag.reserved)) return
    this.subtractDigest(record)
    this.digest.add(this.records.refreshDigest(record))
  }

  private subtractDigest(record: RecordId): void {
    if (!this.records.has(record, Flag.reserved)) this.digest.subtract(this.records.link(record, LinkField.digest))
  }

  // --- snapshots ---

  /** A walk over all znodes, parents first, that goes on correctly while the tree changes. */
  openCursor(): TreeCursor {
    const cursor = new TreeCursor(this)
    this.cursors.add(cursor)
    return cursor
  }

  closeCursor(cursor: TreeCursor): void {
    this.cursors.delete(cursor)
  }

  /** Appends a znode as a snapshot stores it: path, data, ACL (no larger than `maxAcl`), stat. */
  writeZnode(record: RecordId, output: Output, maxAcl: AclId): void {
    this.writePath(record, output)
    this.writeData(record, output)
    output.number(Math.min(this.records.int(record, IntField.acl), maxAcl))
    this.records.writeStatPersisted(record, output)
  }

  /** The root's path is empty in a snapshot. */
  private writePath(record: RecordId, output: Output): void {
    const { records, arena } = this
    let length = 0
    for (let at = record; at !== ROOT; at = records.link(at, LinkField.parent))
      length += 1 + records.link(at, LinkField.nameLength)
    let end = output.reserve(4 + length) + 4 + length
    output.view.setInt32(end - length - 4, length)
    for (let at = record; at !== ROOT; at = records.link(at, LinkField.parent)) {
      const nameLength = records.link(at, LinkField.nameLength)
      const address = records.link(at, LinkField.address)
      end -= nameLength
      copyBytes(arena.chunkOf(address), arena.offsetOf(address), output, end, nameLength)
      output.bytes[--end] = SLASH
    }
  }

  /** Fills an empty tree from a snapshot; sessions go to `session`. */
  loader(session: SnapshotVisitor['session']): SnapshotVisitor {
    return {
      session,
      acl: (id, acl) => this.acls.load(id, acl),
      znode: (bytes, view, at) => this.loadZnode({ bytes, view }, at),
    }
  }

  private loadZnode(source: Memory, at: Parameters<SnapshotVisitor['znode']>[2]): void {
    const { records } = this
    const record = records.allocate()
    records.clear(record)
    const data = at.dataStart < 0 ? null : source.bytes.subarray(at.dataStart, at.dataEnd)
    records.setInt(record, IntField.acl, at.aclId)
    this.acls.use(at.aclId)
    if (at.pathEnd === at.pathStart) this.loadRoot(record, data)
    else this.loadBelow(record, { source, start: at.pathStart, end: at.pathEnd }, data)
    const owner = source.view.getBigInt64(at.stat + 44)
    records.readStatPersisted(record, source.bytes, at.stat)
    this.adopt(record, owner)
    this.digest.add(this.digestOf(record))
  }

  private loadRoot(record: RecordId, data: Bytes | null): void {
    if (record !== ROOT) throw new Error('the root is not the first znode of the snapshot')
    this.records.setLink(record, LinkField.address, this.arena.allocate(data?.length ?? 0))
    this.putData(record, data)
    this.count++
  }

  private loadBelow(record: RecordId, path: PathBytes, data: Bytes | null): void {
    const { source, start } = path
    const slash = nameStart(path) - 1
    const parent = slash === start ? ROOT : this.findIn(source, start, slash)
    if (parent === NONE) throw new Error(`the snapshot holds ${textOf(path)} before its parent`)
    this.place(record, parent, path, data)
    const { records } = this
    records.setChildren(
      parent,
      records.int(parent, IntField.storedCversion),
      records.int(parent, IntField.numChildren) + 1,
    )
  }
}

/** A path as bytes somewhere. */
interface PathBytes {
  readonly source: Memory
  readonly start: number
  readonly end: number
}

/** Where the last name of a path begins. */
function nameStart({ source, start, end }: PathBytes): number {
  let at = end
  while (at > start && source.bytes[at - 1] !== SLASH) at--
  if (at === start) throw new Error(`a znode's path does not begin with a slash: ${textOf({ source, start, end })}`)
  return at
}

function textOf({ source, start, end }: PathBytes): string {
  return source.bytes.toString('utf8', start, end)
}

/** Where a snapshot is in the tree. */
export class TreeCursor {
  private readonly tree: Tree
  private next: RecordId = ROOT

  constructor(tree: Tree) {
    this.tree = tree
  }

  /** The next znode, or NONE at the end. */
  advance(): RecordId {
    const record = this.next
    if (record !== NONE) this.next = this.tree.following(record)
    return record
  }

  /** A znode is about to be deleted; it has no children. */
  leaving(record: RecordId): void {
    if (this.next === record) this.next = this.tree.following(record)
  }
}
