/**
 * Quotas, as the administrator's guide describes them: what is below a path is counted into a znode beside its limits, and
 * with `enforceQuota` nothing may pass a hard limit. It shares nothing with the engine.
 *
 * A server holds a request against what it has applied when the request comes to it. That may be any state between the
 * last one that anybody had heard of when the request was made, and the one right before its transaction.
 */
import { splitPath, type ModelTree } from './modelTree.ts'

const QUOTAS = '/zookeeper/quota'

/** A hard limit of -1 is none. */
interface Quota {
  readonly path: string
  readonly countLimit: number
  readonly bytesLimit: number
  readonly count: number
  readonly bytes: number
}

export interface Growth {
  readonly count: number
  readonly bytes: number
}

/** Whether a growth would have passed a limit in none, some or all of the states in question. */
export type Verdict = 'within' | 'either' | 'over'

export class ModelQuotas {
  private readonly tree: ModelTree
  /** From which zxid on what was there; the newest last. */
  private readonly past: { readonly zxid: number; readonly quotas: readonly Quota[] }[] = [{ zxid: 0, quotas: [] }]

  constructor(tree: ModelTree) {
    this.tree = tree
  }

  /** A transaction is done: everything is counted, and shown in the znodes for it. */
  done(zxid: number): void {
    const quotas = (this.tree.get(QUOTAS)?.children.size ?? 0) === 0 ? [] : this.measure()
    for (const { path, count, bytes } of quotas) {
      const stats = this.tree.get(`${QUOTAS}${path}/zookeeper_stats`)
      if (stats !== undefined) stats.data = `count=${count},bytes=${bytes}`
    }
    const before = this.past.at(-1)?.quotas ?? []
    if (quotas.length > 0 || before.length > 0) this.past.push({ zxid, quotas })
  }

  /** Limits are on children of the root only, so that no path is below two of them. */
  private measure(): Quota[] {
    return this.tree.children(QUOTAS).flatMap((name) => {
      const limits = this.tree.get(`${QUOTAS}/${name}/zookeeper_limits`)?.data
      if (limits === undefined) return []
      const [countLimit, bytesLimit] = [limitIn(limits, 'countHardLimit'), limitIn(limits, 'byteHardLimit')]
      return [{ path: `/${name}`, countLimit, bytesLimit, ...this.below(`/${name}`) }]
    })
  }

  private below(path: string): Growth {
    const znode = this.tree.get(path)
    const use = { count: 0, bytes: 0 }
    if (znode === undefined) return use
    for (const name of znode.children) {
      const { count, bytes } = this.below(`${path}/${name}`)
      use.count += count
      use.bytes += bytes
    }
    return { count: use.count + 1, bytes: use.bytes + znode.data.length }
  }

  /** `since` is the last zxid that was heard of before the request. */
  judge(path: string, growth: Growth, since: number): Verdict {
    let first = this.past.length - 1
    while (first > 0 && (this.past[first]?.zxid ?? 0) > since) first--
    const verdicts = this.past.slice(first).map(({ quotas }) => isOver(quotas, path, growth))
    if (verdicts.every((over) => !over)) return 'within'
    return verdicts.includes(false) ? 'either' : 'over'
  }
}

/** What does not grow or shrink is not looked at. */
function isOver(quotas: readonly Quota[], path: string, growth: Growth): boolean {
  const quota = quotas.find((one) => one.path === topOf(path))
  if (quota === undefined) return false
  const isPassed = (limit: number, use: number, change: number): boolean =>
    change !== 0 && limit > -1 && use + change > limit
  return isPassed(quota.countLimit, quota.count, growth.count) || isPassed(quota.bytesLimit, quota.bytes, growth.bytes)
}

function topOf(path: string): string {
  const [parent] = splitPath(path)
  return parent === '/' ? path : topOf(parent)
}

function limitIn(text: string, name: string): number {
  return Number(new RegExp(`${name}=(-?\\d+)`).exec(text)?.[1] ?? -1)
}
