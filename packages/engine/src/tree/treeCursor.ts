/** A walk over all znodes, parents first, that goes on correctly while the tree changes. */
import type { RecordId } from './znodeRecords.ts'
import { NONE, ROOT, type ZnodeStore } from './znodeStore.ts'

export class TreeCursor {
  private readonly tree: ZnodeStore
  private next: RecordId = ROOT

  constructor(tree: ZnodeStore) {
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
