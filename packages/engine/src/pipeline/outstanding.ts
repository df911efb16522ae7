/**
 * The tree as it will be once every transaction in flight is applied (Apache's outstandingChanges).
 *
 * A changed znode has a record of its own here, a copy of the committed one with the changes of all transactions in
 * flight; what nobody changes is read from the tree. When a transaction is applied, what it was the last to change
 * leaves.
 */
import type { Bytes, SessionId, Zxid } from '@meerkat/protocol'
import { crc32, encodeString, encodedLength, ownerKind, type OwnerRules } from '@meerkat/protocol'
import { memory } from '../tree/copy.ts'
import { DigestSum } from '../tree/digestSum.ts'
import { NONE, type Tree } from '../tree/tree.ts'
import { Flag, IntField, LinkField, LongField, type RecordId } from '../tree/znodeRecords.ts'

interface Change {
  readonly path: string
  /** NONE once it is deleted. */
  record: RecordId
  /** The committed record that this was copied from, while every change in flight is one of that record; else NONE. */
  committed: RecordId
  /** The last transaction that changes it. */
  zxid: Zxid
}

interface Undo {
  readonly change: Change
  readonly record: RecordId
  readonly zxid: Zxid
  readonly isNew: boolean
}

/** A place to go back to when an operation of a multi fails. */
export interface Mark {
  readonly queued: number
  readonly digest: DigestSum
}

export class Outstanding {
  /** The digest of the tree as it will be. */
  readonly digest = new DigestSum()
  private readonly tree: Tree
  private readonly ownerRules: OwnerRules
  private readonly changes = new Map<string, Change>()
  /** The changes in order of their transactions; those below `settled` are done with. */
  private queue: Change[] = []
  private queueZxids: Zxid[] = []
  private settled = 0
  /** Filled only while a multi is prepared. */
  private undo: Undo[] | undefined
  private scratch = memory(1024)

  constructor(tree: Tree, ownerRules: OwnerRules) {
    this.tree = tree
    this.ownerRules = ownerRules
    this.digest.set(tree.digest)
  }

  /** Changes in flight. */
  get size(): number {
    return this.changes.size
  }

  /** The record of a znode as it will be, or NONE. Do not change it: see `edit`. */
  find(path: string): RecordId {
    if (this.changes.size > 0) {
      const change = this.changes.get(path)
      if (change !== undefined) return change.record
    }
    return this.tree.find(path)
  }

  /** The committed record of a znode, or NONE: the quicker way while a change of it is applied. */
  findCommitted(path: string): RecordId {
    const known = this.changes.get(path)?.committed ?? NONE
    if (known !== NONE) this.tree.found(path, known)
    return this.tree.find(path)
  }

  /** A record to change on behalf of transaction `zxid`; `current` is what `find(path)` gave. Close with `finish`. */
  edit(path: string, current: RecordId, zxid: Zxid): RecordId {
    const record = this.own(path, current, zxid)
    this.subtract(record)
    return record
  }

  finish(record: RecordId): void {
    const digest = this.tree.records.refreshDigest(record)
    if (!this.tree.records.has(record, Flag.reserved)) this.digest.add(digest)
  }

  private subtract(record: RecordId): void {
    const { records } = this.tree
    if (!records.has(record, Flag.reserved)) this.digest.subtract(records.link(record, LinkField.digest))
  }

  private own(path: string, current: RecordId, zxid: Zxid): RecordId {
    const change = this.changes.get(path)
    if (change === undefined) {
      this.tree.acls.use(this.tree.records.int(current, IntField.acl))
      const added = this.note(path, this.tree.records.duplicate(current), zxid)
      added.committed = current
      return added.record
    }
    this.remember(change)
    change.zxid = zxid
    this.push(change, zxid)
    return change.record
  }

  /** Files a new change, or a new record of a known one. */
  private note(path: string, record: RecordId, zxid: Zxid): Change {
    let change = this.changes.get(path)
    if (change === undefined) {
      change = { path, record, committed: NONE, zxid }
      this.changes.set(path, change)
      this.undo?.push({ change, record: NONE, zxid, isNew: true })
    } else {
      this.remember(change)
      this.discard(change.record)
      change.record = record
      change.committed = NONE
      change.zxid = zxid
    }
    this.push(change, zxid)
    return change
  }

  private push(change: Change, zxid: Zxid): void {
    this.queue.push(change)
    this.queueZxids.push(zxid)
  }

  /** A znode that will exist. `acl` must have been interned for it. */
  create(
    parent: RecordId,
    znode: { path: string; data: Bytes | null; acl: number; owner: bigint; zxid: Zxid; time: number },
  ): void {
    const { records } = this.tree
    const record = records.allocate()
    records.clear(record)
    records.setLong(record, LongField.czxid, znode.zxid)
    records.setLong(record, LongField.mzxid, znode.zxid)
    records.setLong(record, LongField.pzxid, znode.zxid)
    records.setLong(record, LongField.ctime, znode.time)
    records.setLong(record, LongField.mtime, znode.time)
    records.setInt(record, IntField.acl, znode.acl)
    const kind = ownerKind(znode.owner, this.ownerRules).kind
    records.setOwner(record, znode.owner, kind === 'container' || kind === 'ttl')
    const isReserved = this.tree.isReservedUnder(parent)
    records.setFlag(record, Flag.reserved, isReserved)
    if (!isReserved) records.setLink(record, LinkField.pathCrc, this.pathCrc(parent, znode.path))
    this.setData(record, znode.data)
    this.note(znode.path, record, znode.zxid)
    this.finish(record)
  }

  /** Goes on from the parent's with a slash and the name. */
  private pathCrc(parent: RecordId, path: string): number {
    const tail = path.slice(path.lastIndexOf('/'))
    const length = encodedLength(tail)
    if (length > this.scratch.bytes.length) this.scratch = memory(length * 2)
    encodeString(tail, this.scratch.bytes, 0)
    return crc32(this.scratch.bytes, 0, length, this.tree.records.link(parent, LinkField.pathCrc) | 0) >>> 0
  }

  /** Of the data a record in flight keeps the length and the checksum. */
  setData(record: RecordId, data: Bytes | null): void {
    const { records } = this.tree
    const crc = records.link(record, LinkField.pathCrc) | 0
    const length = data?.length ?? 0
    records.setInt(record, IntField.dataLength, length)
    if (records.has(record, Flag.reserved)) return
    records.setLink(record, LinkField.dataCrc, (data === null ? crc : crc32(data, 0, length, crc)) >>> 0)
  }

  setAcl(record: RecordId, acl: number): void {
    const { records, acls } = this.tree
    acls.release(records.int(record, IntField.acl))
    records.setInt(record, IntField.acl, acl)
  }

  /** A znode that will be gone. */
  delete(path: string, record: RecordId, zxid: Zxid): void {
    this.subtract(record)
    this.note(path, NONE, zxid)
  }

  /** Paths that `session` will own, beyond or without those it owns in the tree. */
  ephemeralsOf(session: SessionId): string[] {
    const { records } = this.tree
    const paths = new Set<string>()
    for (const record of this.tree.ephemeralsOf(session)) paths.add(this.tree.pathOf(record))
    for (const { path, record } of this.changes.values()) {
      if (record !== NONE && records.isEphemeral(record) && records.owner(record) === session) paths.add(path)
      else paths.delete(path)
    }
    return [...paths]
  }

  /** Transaction `zxid` was applied to the tree. */
  settle(zxid: Zxid): void {
    const { queue, queueZxids } = this
    while (this.settled < queue.length && (queueZxids[this.settled] as Zxid) <= zxid) {
      const change = queue[this.settled++] as Change
      if (change.zxid > zxid || this.changes.get(change.path) !== change) continue
      this.changes.delete(change.path)
      this.discard(change.record)
    }
    if (this.settled === queue.length) {
      queue.length = 0
      queueZxids.length = 0
      this.settled = 0
    } else if (this.settled > 4096) {
      this.queue = queue.slice(this.settled)
      this.queueZxids = queueZxids.slice(this.settled)
      this.settled = 0
    }
  }

  private discard(record: RecordId): void {
    if (record === NONE) return
    this.tree.acls.release(this.tree.records.int(record, IntField.acl))
    this.tree.records.release(record)
  }

  // --- going back ---

  mark(): Mark {
    this.undo = []
    const digest = new DigestSum()
    digest.set(this.digest)
    return { queued: this.queue.length, digest }
  }

  private remember(change: Change): void {
    if (this.undo === undefined) return
    let saved = NONE
    if (change.record !== NONE) {
      this.tree.acls.use(this.tree.records.int(change.record, IntField.acl))
      saved = this.tree.records.duplicate(change.record)
    }
    this.undo.push({ change, record: saved, zxid: change.zxid, isNew: false })
  }

  /** All since `mark` did not happen. */
  rollback(mark: Mark): void {
    const undo = this.undo ?? []
    for (let last = undo.pop(); last !== undefined; last = undo.pop()) {
      this.discard(last.change.record)
      last.change.record = last.record
      last.change.zxid = last.zxid
      if (last.isNew) this.changes.delete(last.change.path)
    }
    this.queue.length = mark.queued
    this.queueZxids.length = mark.queued
    this.digest.set(mark.digest)
    this.undo = undefined
  }

  /** The multi is whole: nothing will be undone. */
  keep(): void {
    for (const { record } of this.undo ?? []) this.discard(record)
    this.undo = undefined
  }

  /** Nothing is in flight; the digest is the tree's. */
  reset(): void {
    for (const { record } of this.changes.values()) this.discard(record)
    this.changes.clear()
    this.queue = []
    this.queueZxids = []
    this.settled = 0
    this.digest.set(this.tree.digest)
  }
}
