/**
 * Fills a tree from a snapshot. A million znodes come by here: nothing is allocated for one, and the parent of a znode is
 * looked up only where it is not that of the znode before.
 */
import type { Acl, Bytes, SnapshotVisitor, ZnodeOffsets } from '@meerkat/protocol'
import { memory, type Memory } from './copy.ts'
import { NONE, ROOT, nameStart, textOf } from './znodeStore.ts'
import type { RecordId } from './znodeRecords.ts'
import type { Tree } from './tree.ts'

const NOWHERE = memory(0)

export class TreeLoader implements SnapshotVisitor {
  readonly session: SnapshotVisitor['session']
  private readonly tree: Tree
  private source: Memory = NOWHERE
  private readonly path = { source: NOWHERE, start: 0, end: 0 }
  private readonly data = { bytes: NOWHERE.bytes, view: NOWHERE.view, start: 0, end: 0 }
  /** The path of the last parent, in memory of its own, and its record. */
  private parentPath = memory(256)
  private parentLength = -1
  private parent: RecordId = NONE

  constructor(tree: Tree, session: SnapshotVisitor['session']) {
    this.tree = tree
    this.session = session
  }

  acl(id: number, acl: Acl[]): void {
    this.tree.acls.load(id, acl)
  }

  znode(bytes: Bytes, view: DataView, at: ZnodeOffsets): void {
    if (this.source.bytes !== bytes) this.source = { bytes, view }
    const { path, data } = this
    path.source = this.source
    path.start = at.pathStart
    path.end = at.pathEnd
    data.bytes = bytes
    data.view = view
    data.start = at.dataStart
    data.end = at.dataEnd
    const znode = { path, data: at.dataStart < 0 ? null : data, acl: at.aclId, stat: at.stat }
    if (at.pathEnd > at.pathStart) this.tree.load(this.findParent(), znode)
    else if (this.tree.load(NONE, znode) !== ROOT) throw new Error('the root is not the first znode of the snapshot')
  }

  private findParent(): RecordId {
    const { path, source } = this
    const length = nameStart(path) - 1 - path.start
    if (length === 0) return ROOT
    if (length === this.parentLength && this.isLastParent()) return this.parent
    const parent = this.tree.findIn(source, path.start, path.start + length)
    if (parent === NONE) throw new Error(`the snapshot holds ${textOf(path)} before its parent`)
    if (length > this.parentPath.bytes.length) this.parentPath = memory(2 * length)
    source.bytes.copy(this.parentPath.bytes, 0, path.start, path.start + length)
    this.parentLength = length
    this.parent = parent
    return parent
  }

  /** From the end, where paths differ. */
  private isLastParent(): boolean {
    const { bytes } = this.source
    const known = this.parentPath.bytes
    const { start } = this.path
    for (let i = this.parentLength - 1; i >= 0; i--) if (bytes[start + i] !== known[i]) return false
    return true
  }
}
