/** Quotas in the tree: where they are, and the text of their limits and counts (Quotas and StatsTrack of Apache). */
import { ReservedPath, type Bytes } from '@meerkat/protocol'

export const LIMITS_NODE = 'zookeeper_limits'
const COUNTS_NODE = 'zookeeper_stats'

/** The znode that stands for `path` in the tree of quotas. */
export function quotaPath(path: string): string {
  return ReservedPath.quota + path
}

export function limitsPath(path: string): string {
  return `${quotaPath(path)}/${LIMITS_NODE}`
}

export function countsPath(path: string): string {
  return `${quotaPath(path)}/${COUNTS_NODE}`
}

export type QuotaKey = 'count' | 'bytes' | 'countHardLimit' | 'byteHardLimit'

/** The options of setquota and delquota. */
export const QUOTA_OPTIONS: readonly (readonly [option: string, key: QuotaKey, text: string])[] = [
  ['n', 'count', 'num soft quota'],
  ['b', 'bytes', 'bytes soft quota'],
  ['N', 'countHardLimit', 'num hard quota'],
  ['B', 'byteHardLimit', 'bytes hard quota'],
]

export type Quota = Partial<Record<QuotaKey, number>>

/** `count=1,bytes=2=;byteHardLimit=3;countHardLimit=4`; a key that is missing means no limit, as -1 does. */
export function parseQuota(data: Bytes | null): Quota {
  const quota: Quota = {}
  for (const pair of (data?.toString() ?? '').split(/[,;]+/)) {
    const [key, value] = pair.split('=')
    if (isQuotaKey(key)) quota[key] = value === '' || value === undefined ? -1 : Number(value)
  }
  return quota
}

function isQuotaKey(key: string | undefined): key is QuotaKey {
  return QUOTA_OPTIONS.some(([, name]) => name === key)
}

/** The hard limits come after a further `=`, by which older servers do not see them. */
export function quotaText(quota: Quota): string {
  const hard = (['byteHardLimit', 'countHardLimit'] as const).filter((key) => quota[key] !== undefined)
  const soft = `count=${quota.count ?? -1},bytes=${quota.bytes ?? -1}`
  return hard.length === 0 ? soft : `${soft}=${hard.map((key) => `;${key}=${quota[key]}`).join('')}`
}
