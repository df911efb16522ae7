/** Containers and znodes with a time to live that nobody needs any more (server.ContainerManager). */
import { ownerKind } from '@meerkat/protocol'
import type { State } from './state.ts'
import { IntField, LongField, type RecordId } from './tree/znodeRecords.ts'

const MINUTE_MS = 60_000

export class ContainerManager {
  private nextCheckMs = 0
  private candidates: string[] = []
  private nextDeleteMs = 0

  /** The path to delete now, if any: deletes are spread evenly, at most maxPerMinute. */
  due(state: State): string | undefined {
    const { checkIntervalMs, maxPerMinute } = state.rules.containers
    if (this.nextCheckMs === 0) this.nextCheckMs = state.elapsedMs + checkIntervalMs
    if (state.elapsedMs >= this.nextCheckMs && this.candidates.length === 0) {
      this.nextCheckMs = state.elapsedMs + checkIntervalMs
      this.candidates = unneeded(state).reverse()
      this.nextDeleteMs = Math.max(this.nextDeleteMs, state.elapsedMs)
    }
    if (this.candidates.length === 0 || state.elapsedMs < this.nextDeleteMs) return undefined
    this.nextDeleteMs += MINUTE_MS / maxPerMinute
    return this.candidates.pop()
  }
}

function unneeded(state: State): string[] {
  const { tree, rules } = state
  const isEmpty = (record: RecordId): boolean => tree.records.int(record, IntField.numChildren) === 0
  const age = (record: RecordId): number => state.nowMs - tree.records.long(record, LongField.mtime)
  const { maxNeverUsedIntervalMs } = rules.containers
  const paths: string[] = []
  for (const record of tree.containers) {
    if (!isEmpty(record)) continue
    const wasUsed = tree.records.int(record, IntField.storedCversion) > 0
    if (wasUsed || (maxNeverUsedIntervalMs > 0 && age(record) > maxNeverUsedIntervalMs)) paths.push(tree.pathOf(record))
  }
  for (const record of tree.timed) {
    const owner = ownerKind(tree.records.owner(record), rules)
    if (isEmpty(record) && owner.kind === 'ttl' && age(record) > owner.ttlMs) paths.push(tree.pathOf(record))
  }
  return paths
}
