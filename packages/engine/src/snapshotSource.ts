/** The tree and the sessions as a snapshot holds them, in slices while the server goes on (server.persistence.FileSnap). */
import type { Acl, Output, Zxid } from '@meerkat/protocol'
import { SNAPSHOT_END, nullableVector, Acl as AclRecord, type Digest } from '@meerkat/protocol'
import type { State } from './state.ts'
import { NO_ACCESS } from './tree/aclTable.ts'
import { NONE } from './tree/tree.ts'
import type { TreeCursor } from './tree/treeCursor.ts'
import { LongField, type RecordId } from './tree/znodeRecords.ts'

/** Bytes after which a slice ends where its taker does not say. */
const SLICE_BYTES = 192 * 1024
/** What passing over a znode counts for. */
const SKIPPED_BYTES = 16
const acls = nullableVector(AclRecord)

export class SnapshotSource {
  /** Names the snapshot: the last transaction applied when it began. */
  readonly zxid: Zxid
  private readonly state: State
  private readonly cursor: TreeCursor
  /** Stands for every ACL that comes after the table was written; permits nothing. */
  private maxAcl = 0
  private begun = false

  constructor(state: State) {
    this.state = state
    this.zxid = state.tree.lastZxid
    this.cursor = state.tree.openCursor()
  }

  /** Appends the next slice, a little more than `bytes`; false once all is written. */
  writeSlice(output: Output, bytes = SLICE_BYTES): boolean {
    if (!this.begun) {
      this.begun = true
      this.writeHead(output)
    }
    for (let left = bytes; left > 0;) {
      const record = this.cursor.advance()
      if (record === NONE) {
        output.string(SNAPSHOT_END)
        this.close()
        return false
      }
      left -= this.writeZnode(record, output)
    }
    return true
  }

  /**
   * Returns what it cost. What was made after the snapshot began is left to the log: a znode that was deleted and made again
   * behind the walk would be there twice.
   */
  private writeZnode(record: RecordId, output: Output): number {
    const { tree } = this.state
    if (tree.records.zxid(record, LongField.czxid) > this.zxid) return SKIPPED_BYTES
    const before = output.length
    tree.writeZnode(record, output, this.maxAcl)
    return output.length - before
  }

  /**
   * Sessions and ACLs come first, all at once: whatever znode follows refers to an ACL of now, or to a later one, which
   * the log brings along with the znode's change.
   */
  private writeHead(output: Output): void {
    const { sessions, tree } = this.state
    this.maxAcl = tree.acls.lastId + 1
    output.int(sessions.count)
    for (const { id, timeoutMs } of sessions.values()) {
      output.long(id)
      output.int(timeoutMs)
    }
    const entries = [...tree.acls.entries(), [this.maxAcl, NO_ACCESS] as const]
    output.int(entries.length)
    for (const [id, acl] of entries) {
      output.number(id)
      acls.write(output, acl as Acl[])
    }
  }

  tail(): { lastZxid: Zxid; digestZxid: Zxid; digest: Digest | undefined } {
    const { tree, rules } = this.state
    return {
      lastZxid: tree.lastZxid,
      digestZxid: tree.lastZxid,
      digest: rules.digestEnabled ? tree.digest.value : undefined,
    }
  }

  /** Gives up the walk, if it is not at its end. */
  close(): void {
    this.state.tree.closeCursor(this.cursor)
  }
}
