/**
 * Quotas: limits on the number of znodes below a path and on the bytes of their data (org.apache.zookeeper.Quotas,
 * StatsTrack; server.DataTree).
 *
 *   /zookeeper/quota<path>/zookeeper_limits   what the user set
 *   /zookeeper/quota<path>/zookeeper_stats    what is there, kept by each server for itself: no transaction, no watch
 *
 * The deepest path with a limit counts. Text: `count=N,bytes=N`, with hard limits
 * `count=N,bytes=N=;byteHardLimit=N;countHardLimit=N`.
 */
import { ErrorCode, ReservedPath, bytesOf } from '@meerkat/protocol'
import { NONE, type Tree } from './tree/tree.ts'
import { IntField, type RecordId } from './tree/znodeRecords.ts'

const LIMITS = '/zookeeper_limits'
const STATS = '/zookeeper_stats'

export interface QuotaLimits {
  /** -1 is no limit, of all four. */
  readonly count: number
  readonly bytes: number
  readonly countHard: number
  readonly bytesHard: number
}

export interface QuotaUse {
  count: number
  bytes: number
}

/** Apache's StatsTrack: keys at runs of `,` and `;`, values after `=`. Throws nothing: what is not a number is no limit. */
export function parseQuota(text: string): QuotaLimits {
  const values = new Map<string, number>()
  for (const part of text.split(/[,;]+/)) {
    const [key, value] = part.split('=')
    if (key !== undefined && value !== undefined && /^-?\d+$/.test(value)) values.set(key, Number(value))
  }
  const limit = (key: string): number => values.get(key) ?? -1
  return {
    count: limit('count'),
    bytes: limit('bytes'),
    countHard: limit('countHardLimit'),
    bytesHard: limit('byteHardLimit'),
  }
}

export class Quotas {
  private readonly tree: Tree
  /** Paths with a limit, and what is below them. */
  private readonly paths = new Map<string, QuotaUse>()
  readonly enforced: boolean
  private readonly onExceeded: (path: string) => void

  constructor(tree: Tree, enforced: boolean, onExceeded: (path: string) => void = () => undefined) {
    this.tree = tree
    this.enforced = enforced
    this.onExceeded = onExceeded
  }

  /** The deepest path at or above `path` that has a limit. */
  private limitedAbove(path: string): string | undefined {
    if (this.paths.size === 0) return undefined
    for (let at = path; at.length > 1; at = at.slice(0, Math.max(1, at.lastIndexOf('/'))))
      if (this.paths.has(at)) return at
    return undefined
  }

  /** OK or QUOTAEXCEEDED, for a change in flight: what it changes is compared with the applied counts, as Apache does. */
  check(path: string, change: { count: number; bytes: number }): ErrorCode {
    if (!this.enforced) return ErrorCode.OK
    const limited = this.limitedAbove(path)
    if (limited === undefined) return ErrorCode.OK
    const limits = this.limitsOf(limited)
    const use = this.paths.get(limited)
    if (limits === undefined || use === undefined) return ErrorCode.OK
    const isOver =
      exceeds(limits.countHard, use.count, change.count) || exceeds(limits.bytesHard, use.bytes, change.bytes)
    if (!isOver) return ErrorCode.OK
    this.onExceeded(limited)
    return ErrorCode.QUOTAEXCEEDED
  }

  private limitsOf(path: string): QuotaLimits | undefined {
    const record = this.tree.find(`${ReservedPath.quota}${path}${LIMITS}`)
    return record === NONE ? undefined : parseQuota(this.tree.dataOf(record)?.toString() ?? '')
  }

  /** A znode was added or removed, or its data changed. */
  changed(path: string, change: { count: number; bytes: number }): void {
    const limited = this.limitedAbove(path)
    const use = limited === undefined ? undefined : this.paths.get(limited)
    if (limited === undefined || use === undefined) return
    use.count += change.count
    use.bytes += change.bytes
    this.store(limited, use)
  }

  private store(path: string, { count, bytes }: QuotaUse): void {
    const record = this.tree.find(`${ReservedPath.quota}${path}${STATS}`)
    if (record !== NONE) this.tree.replaceData(record, bytesOf(`count=${count},bytes=${bytes}`))
  }

  /** A znode below /zookeeper/quota was made: a limit begins, or counts are asked for. */
  quotaCreated(path: string): void {
    const limited = quotaOwner(path, LIMITS)
    if (limited !== undefined) this.paths.set(limited, { count: 0, bytes: 0 })
    const counted = quotaOwner(path, STATS) ?? limited
    if (counted !== undefined) this.recount(counted)
  }

  quotaDeleted(path: string): void {
    const limited = quotaOwner(path, LIMITS)
    if (limited !== undefined) this.paths.delete(limited)
  }

  private recount(path: string): void {
    const record = this.tree.find(path)
    const use = record === NONE ? { count: 0, bytes: 0 } : this.measure(record)
    if (this.paths.has(path)) this.paths.set(path, use)
    this.store(path, use)
  }

  private measure(top: RecordId): QuotaUse {
    const { records } = this.tree
    const use = { count: 1, bytes: records.int(top, IntField.dataLength) }
    for (let at = this.tree.following(top, top); at !== NONE; at = this.tree.following(at, top)) {
      use.count++
      use.bytes += records.int(at, IntField.dataLength)
    }
    return use
  }

  /** Finds all limits again, after a snapshot was loaded. */
  rebuild(): void {
    this.paths.clear()
    const top = this.tree.find(ReservedPath.quota)
    if (top === NONE) return
    for (let at = this.tree.following(top, top); at !== NONE; at = this.tree.following(at, top)) {
      const limited = quotaOwner(this.tree.pathOf(at), LIMITS)
      if (limited !== undefined) this.paths.set(limited, { count: 0, bytes: 0 })
    }
    for (const path of this.paths.keys()) this.recount(path)
  }

  /** For the metrics: each limited path, its limits and what is there. */
  *status(): Iterable<{ path: string; limits: QuotaLimits; use: QuotaUse }> {
    for (const [path, use] of this.paths) {
      const limits = this.limitsOf(path)
      if (limits !== undefined) yield { path, limits, use }
    }
  }
}

function exceeds(limit: number, use: number, change: number): boolean {
  return change !== 0 && limit > -1 && use + change > limit
}

export function isBelowQuota(path: string): boolean {
  return path.startsWith(`${ReservedPath.quota}/`)
}

/** The path that a limits or stats znode is about. */
function quotaOwner(path: string, suffix: string): string | undefined {
  if (!isBelowQuota(path) || !path.endsWith(suffix)) return undefined
  return path.slice(ReservedPath.quota.length, -suffix.length) || undefined
}
