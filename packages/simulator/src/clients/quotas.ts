/** Quotas that clients set, change and take away, each time limits and counts together. */
import { CreateFlag } from '@meerkat/protocol'
import type { CreateRequest, Request } from '../history/history.ts'
import type { Chance } from '../world/chance.ts'

export function drawQuotaRequest(chance: Chance, path: string): Request {
  const quota = `/zookeeper/quota${path}`
  const [limits, stats] = [`${quota}/zookeeper_limits`, `${quota}/zookeeper_stats`]
  switch (chance.weighted({ set: 3, change: 2, remove: 1, look: 3, show: 1 })) {
    case 'set':
      return { op: 'multi', parts: setting(chance, [limits, stats], chance.happens(0.5) ? quota : undefined) }
    case 'change':
      return { op: 'setData', path: limits, data: drawLimits(chance), version: -1 }
    case 'remove': {
      const paths = chance.happens(0.5) ? [stats, limits] : [stats, limits, quota]
      return { op: 'multi', parts: paths.map((one) => ({ op: 'delete', path: one, version: -1 })) }
    }
    case 'look':
      return { op: 'getData', path: stats, watch: chance.happens(0.5) }
    case 'show':
      return { op: 'getData', path: limits, watch: chance.happens(0.5) }
  }
}

function setting(chance: Chance, [limits, stats]: [string, string], quota: string | undefined): CreateRequest[] {
  const create = (path: string, data: string): CreateRequest => {
    return { op: 'create', path, data, mode: CreateFlag.persistent, ttlMs: -1 }
  }
  const parts = [create(limits, drawLimits(chance)), create(stats, 'count=0,bytes=0')]
  return quota === undefined ? parts : [create(quota, ''), ...parts]
}

/** Soft limits are there to be passed; hard ones are sometimes low enough to be met. */
function drawLimits(chance: Chance): string {
  const soft = `count=${chance.pick([-1, 3])},bytes=${chance.pick([-1, 100])}`
  const count = chance.pick([-1, 3, 8, 50])
  const bytes = chance.pick([-1, 50, 300, 10_000])
  return count === -1 && bytes === -1 ? soft : `${soft}=;byteHardLimit=${bytes};countHardLimit=${count}`
}
