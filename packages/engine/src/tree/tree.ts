/**
 * The committed tree: what the creation, change and end of a znode mean for stats, owners, ACLs and the digest.
 *
 * It knows nothing of permissions, sessions' lives or watches; the operations do.
 */
import type { Acl, Bytes, Output, SessionId, SnapshotVisitor, Zxid } from '@meerkat/protocol'
import { NO_BYTES, ownerKind, zxidOf, type OwnerRules } from '@meerkat/protocol'
import { AclTable, OPEN_ACL_ID, type AclId } from './aclTable.ts'
import type { Memory } from './copy.ts'
import { DigestSum } from './digestSum.ts'
import { TreeCursor } from './treeCursor.ts'
import { Flag, IntField, LinkField, LongField, type RecordId } from './znodeRecords.ts'
import { NONE, ROOT, ZnodeStore, nameStart, textOf, type PathBytes } from './znodeStore.ts'

export { NONE, ROOT }

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

export class Tree extends ZnodeStore {
  readonly acls = new AclTable()
  readonly digest = new DigestSum()
  lastZxid: Zxid = zxidOf(0)
  readonly containers = new Set<RecordId>()
  readonly timed = new Set<RecordId>()
  private readonly ephemeralsBySession = new Map<SessionId, Set<RecordId>>()
  private ephemerals = 0
  private readonly ownerRules: OwnerRules
  private readonly cursors = new Set<TreeCursor>()

  constructor({ seed, ownerRules }: { seed: number; ownerRules: OwnerRules }) {
    super(seed)
    this.ownerRules = ownerRules
  }

  get ephemeralCount(): number {
    return this.ephemerals
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
    this.placeRoot(record, NO_BYTES)
    this.digest.add(this.digestOf(record))
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
    this.disown(record)
    this.subtractDigest(record)
    this.acls.release(records.int(record, IntField.acl))
    this.remove(record)
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

  setData(record: RecordId, change: { data: Bytes | null; version: number; zxid: Zxid; time: number }): void {
    const { records } = this
    records.setInt(record, IntField.version, change.version)
    records.setLong(record, LongField.mzxid, change.zxid)
    records.setLong(record, LongField.mtime, change.time)
    this.replaceData(record, change.data)
  }

  /** Changes the data alone: no version, no zxid (quota counts, the configuration at start). */
  replaceData(record: RecordId, data: Bytes | null): void {
    this.swapData(record, data)
    this.redigest(record)
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
    this.placeRoot(record, data)
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
