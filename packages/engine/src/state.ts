/** What the operations work on. */
import type { EventType, Id, OwnerRules, SessionId, Zxid } from '@meerkat/protocol'
import { isPermitted } from './authorization/isPermitted.ts'
import type { AuthorizationRules } from './authorization/rules.ts'
import type { Connection } from './connection.ts'
import { Outstanding } from './pipeline/outstanding.ts'
import { Quotas } from './quotas.ts'
import { Sessions } from './sessions.ts'
import { OPEN_ACL_ID } from './tree/aclTable.ts'
import { Tree } from './tree/tree.ts'
import { IntField, type RecordId } from './tree/znodeRecords.ts'
import { Watches } from './watches.ts'

export interface EngineRules extends OwnerRules {
  readonly authorization: AuthorizationRules
  readonly tickMs: number
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  /** This server's id in the top byte of session ids; 1 when it stands alone. */
  readonly serverId: number
  readonly digestEnabled: boolean
  readonly enforceQuota: boolean
  readonly closeSessionTxnEnabled: boolean
  readonly containers: {
    readonly checkIntervalMs: number
    readonly maxPerMinute: number
    readonly maxNeverUsedIntervalMs: number
  }
}

export interface State {
  readonly rules: EngineRules
  readonly tree: Tree
  readonly outstanding: Outstanding
  readonly sessions: Sessions
  readonly watches: Watches
  readonly quotas: Quotas
  /** Transactions come from a log and may be in the tree already, from a fuzzy snapshot. */
  isReplaying: boolean
  /** Wall clock, milliseconds since 1970. */
  nowMs: number
  /** A clock that only goes forward. */
  elapsedMs: number
}

export interface StateOptions {
  readonly rules: EngineRules
  /** Chance, so that nobody can make paths collide in the index. */
  readonly seed: number
  readonly firstSessionId: SessionId
  /** Told how many watches a change has fired. */
  readonly onFired?: (type: EventType, watches: number) => void
  /** Told of the path whose quota a request would exceed, and is refused for. */
  readonly onQuotaExceeded?: (path: string) => void
}

/** An empty server: no znode but those that the loader or `createInitialTree` makes. */
export function createState({ rules, seed, firstSessionId, onFired, onQuotaExceeded }: StateOptions): State {
  const tree = new Tree({ seed, ownerRules: rules })
  return {
    rules,
    tree,
    outstanding: new Outstanding(tree, rules),
    sessions: new Sessions({ tickMs: rules.tickMs, firstId: firstSessionId }),
    watches: new Watches(onFired),
    quotas: new Quotas(tree, rules.enforceQuota, onQuotaExceeded),
    isReplaying: false,
    nowMs: 0,
    elapsedMs: 0,
  }
}

/** Who asks for a write, and what its transaction will be. */
export interface Author {
  readonly sessionId: SessionId
  readonly identities: readonly Id[]
  readonly zxid: Zxid
  readonly time: number
}

/** Whether one of `identities` may do this to a znode, committed or in flight. */
export function permits(state: State, record: RecordId, permission: number, identities: readonly Id[]): boolean {
  if (state.tree.records.int(record, IntField.acl) === OPEN_ACL_ID) return true
  return isPermitted({
    acl: state.tree.aclOf(record),
    permission,
    identities,
    rules: state.rules.authorization,
  })
}

/** The same of a connection, for the delivery of events: kept even when the znode is gone by then. */
export function readersOf(state: State, record: RecordId): (connection: Connection) => boolean {
  if (state.tree.records.int(record, IntField.acl) === OPEN_ACL_ID) return everybody
  const acl = state.tree.aclOf(record)
  const rules = state.rules.authorization
  return ({ identities }) => isPermitted({ acl, permission: 1, identities, rules })
}

function everybody(): boolean {
  return true
}
