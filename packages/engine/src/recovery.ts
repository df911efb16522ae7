/** Building the state from a snapshot and the log (server.persistence.FileTxnSnapLog, server.ZKDatabase). */
import type { LoggedTxn, SessionId, SnapshotTail, SnapshotVisitor, Zxid } from '@meerkat/protocol'
import { DIGEST_VERSION, NO_BYTES, Permission, ReservedPath, zxidOf, type Digest } from '@meerkat/protocol'
import { applyTxn } from './operations/index.ts'
import { SnapshotSource } from './snapshotSource.ts'
import { createState, type State, type StateOptions } from './state.ts'
import { OPEN_ACL_ID } from './tree/aclTable.ts'
import { NONE, ROOT } from './tree/tree.ts'

export interface DigestEntry {
  readonly zxid: Zxid
  readonly version: number
  readonly digest: Digest
}

const DIGEST_INTERVAL = 128
const DIGEST_ENTRIES = 1024

/** The digests of the tree, one every 128 transactions (DataTree's digest log). */
export class DigestLog {
  readonly entries: DigestEntry[] = []

  note(zxid: Zxid, state: State): void {
    if (zxid % DIGEST_INTERVAL !== 0) return
    this.entries.push({ zxid, version: DIGEST_VERSION, digest: state.tree.digest.value })
    if (this.entries.length > DIGEST_ENTRIES) this.entries.shift()
  }
}

/** What recovery fills; see io's `recover`. */
export class Recovery {
  state: State
  readonly digestLog = new DigestLog()
  /** Transactions after which the tree's digest was not the one that their server had. */
  mismatches = 0
  private readonly make: () => State
  private comparesFrom: Zxid = zxidOf(0)

  constructor(options: StateOptions) {
    this.make = () => createState(options)
    this.state = this.make()
    this.state.isReplaying = true
  }

  /** A fresh tree for each snapshot that is tried. */
  begin(): SnapshotVisitor {
    const state = this.make()
    state.isReplaying = true
    this.state = state
    return state.tree.loader((id, timeoutMs) => state.sessions.add(id, timeoutMs, 0))
  }

  loaded(zxid: Zxid, tail: SnapshotTail | undefined): void {
    const { tree, quotas } = this.state
    if (tree.count === 0) throw new Error('the snapshot holds no znode')
    tree.acls.dropUnused()
    tree.lastZxid = zxid
    ensureReserved(this.state)
    quotas.rebuild()
    // A fuzzy snapshot's digest is right only from the zxid on that its writer had reached at its end.
    this.comparesFrom = tail?.digestZxid ?? zxid
  }

  replay({ header, txn, digest }: LoggedTxn): void {
    const { tree } = this.begun()
    applyTxn(this.state, txn, header)
    tree.lastZxid = header.zxid
    if (header.zxid <= this.comparesFrom) return
    this.digestLog.note(header.zxid, this.state)
    if (digest !== undefined && !tree.digest.equals(digest)) this.mismatches++
  }

  /** The initial tree, for the first snapshot of a new server. */
  source(): SnapshotSource {
    return new SnapshotSource(this.begun())
  }

  /** The state, with the initial tree where no snapshot gave another. */
  private begun(): State {
    if (this.state.tree.count === 0) createInitialTree(this.state)
    return this.state
  }

  /** All is replayed. Ephemerals whose session is not there go when the server takes up its work. */
  finish(): State {
    const state = this.begun()
    state.outstanding.reset()
    state.isReplaying = false
    return state
  }
}

/** Sessions that own ephemerals but are not there: to be closed before anybody is served. */
export function orphanedSessions({ tree, sessions }: State): SessionId[] {
  return [...tree.sessionsWithEphemerals()].filter((id) => sessions.get(id) === undefined)
}

/** The znodes of a new server: all stat fields 0 (server.DataTree). */
export function createInitialTree(state: State): void {
  state.tree.createRoot()
  ensureReserved(state)
  state.outstanding.reset()
}

/** /zookeeper, /zookeeper/quota and /zookeeper/config; a snapshot of an old server may lack the last. */
function ensureReserved({ tree }: State): void {
  for (const path of [ReservedPath.zookeeper, ReservedPath.quota, ReservedPath.config]) {
    if (tree.find(path) !== NONE) continue
    const parent = path === ReservedPath.zookeeper ? ROOT : tree.find(ReservedPath.zookeeper)
    const acl = path === ReservedPath.config ? tree.acls.intern(READ_ONLY) : OPEN_ACL_ID
    const record = tree.create(parent, {
      path,
      data: NO_BYTES,
      acl,
      owner: 0n,
      zxid: zxidOf(0),
      time: 0,
      parentCversion: 0,
    })
    if (path === ReservedPath.config) tree.setAcl(record, tree.acls.intern(READ_ONLY), -1)
  }
}

const READ_ONLY = [{ perms: Permission.read, id: { scheme: 'world', id: 'anyone' } }]
