/**
 * Judges a history by replay. Every reply carries the zxid of the state that it shows, and the log says which transaction
 * made that state, so one walk over the log, in order, checks everything:
 *
 *   1. The log is in order, and every answered write is in it.
 *   2. Each transaction is done to the model: the request that asked for it says what must have come of it.
 *   3. Between two transactions, the reads of that zxid are compared with the model, and their watches are set.
 *   4. What each connection heard is compared with what its watches owed it.
 */
import type { LoggedTxn } from '@meerkat/protocol'
import { pairUp, type Exchanges } from './exchanges.ts'
import type { Violation } from './guarantees.ts'
import type { Entry } from './history.ts'
import { judgeEvents } from './judgeEvents.ts'
import { judgeOrder } from './judgeOrder.ts'
import { judgeSessions } from './judgeSessions.ts'
import { Replay } from './replay.ts'

export interface Evidence {
  readonly entries: readonly Entry[]
  /** All transactions from the first on, as the disk holds them when all is over. */
  readonly log: readonly LoggedTxn[]
  /** Sessions whose clients are alive at the end; the others must be closed. Undefined if that is not to be judged. */
  readonly alive?: ReadonlySet<bigint>
  /**
   * Apache's server holds a write against the ACL that a znode had before the changes to it that are under way
   * (PrepRequestProcessor keeps the old ACL in the record of a setACL). Ours does not.
   */
  readonly mayUseFormerAcls?: boolean
}

/** Violations that are reported; the first ones tell most. */
const MAX_VIOLATIONS = 20

export function judge(evidence: Evidence): Violation[] {
  const violations: Violation[] = []
  const report = (violation: Violation): void => {
    if (violations.length < MAX_VIOLATIONS) violations.push(violation)
  }
  const exchanges: Exchanges = pairUp(evidence.entries, report)
  const replay = new Replay(evidence, exchanges, report)
  replay.run()
  judgeOrder(evidence.entries, exchanges, { zxidOf: (write) => replay.zxidOf(write), report })
  judgeEvents(exchanges, { due: replay.watches.due, report })
  judgeSessions(evidence, { open: replay.sessions, report })
  return violations
}
