/**
 * The committed tree: what the creation, change and end of a znode mean for stats, owners, ACLs and the digest.
 *
 * It knows nothing of permissions, sessions' lives or watches; the operations do.
 */
import type { Acl, Bytes, Output, SessionId, SnapshotVisitor, Zxid } from '@meerkat/protocol'
import { NO_BYTES, ownerKind, zxidOf, type OwnerRules } from '@meerkat/protocol'
import { AclTable, OPEN_ACL_ID, type AclId } from './aclTable.ts'
import { sliceOf, type Slice } from './copy.ts'
import { DigestSum } from './digestSum.ts'
import { TreeCursor } from './treeCursor.ts'
import { TreeLoader } from './treeLoader.ts'
import { Flag, IntField, LinkField, LongField, type RecordId } from './znodeRecords.ts'
import { NONE, ROOT, ZnodeStore, type PathBytes } from './znodeStore.ts'

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
    this.place(record, parent, { source: this.scratch, start: 0, end }, sliceOf(znode.data))
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
    this.placeRoot(record, sliceOf(NO_BYTES))
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
    this.swapData(record, sliceOf(data))
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
    return new TreeLoader(this, session)
  }

  /** Adds a znode of a snapshot. `parent` is NONE for the root, which comes first. */
  load(parent: RecordId, { path, data, acl, stat }: LoadedZnode): RecordId {
    const { records } = this
    const record = records.allocate()
    records.clear(record)
    records.setInt(record, IntField.acl, acl)
    this.acls.use(acl)
    if (parent === NONE) {
      this.placeRoot(record, data)
    } else {
      this.place(record, parent, path, data)
      const children = records.int(parent, IntField.numChildren) + 1
      records.setChildren(parent, records.int(parent, IntField.storedCversion), children)
    }
    const isOwned = records.readStatPersisted(record, path.source, stat)
    if (isOwned) this.adopt(record, path.source.view.getBigInt64(stat + OWNER_OFFSET))
    this.digest.add(this.digestOf(record))
    return record
  }
}

/** Of ephemeralOwner in StatPersisted. */
const OWNER_OFFSET = 44

/** A znode as it lies in the memory of a snapshot. */
export interface LoadedZnode {
  readonly path: PathBytes
  readonly data: Slice | null
  readonly acl: AclId
  /** Where its StatPersisted begins, in the path's memory. */
  readonly stat: number
}
