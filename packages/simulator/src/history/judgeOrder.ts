/** The order of things in real time, and within a session. */
import { isWrite, type Exchange, type Exchanges } from './exchanges.ts'
import type { Violation } from './guarantees.ts'
import type { Entry, WriteRequest } from './history.ts'
import { describe } from './comparison.ts'
import { isUndecided } from './replay.ts'

interface Judge {
  zxidOf(write: Exchange<WriteRequest>): number | undefined
  report(violation: Violation): void
}

export function judgeOrder(entries: readonly Entry[], exchanges: Exchanges, judge: Judge): void {
  const calls = new Map<number, Exchange>()
  for (const exchange of [...exchanges.writes, ...exchanges.reads]) calls.set(exchange.at, exchange)
  const isWriteReply = new Set(
    exchanges.writes.flatMap((write) => (write.reply === undefined || isUndecided(write) ? [] : [write.reply.at])),
  )
  const seen = new Map<bigint, number>()
  let newest = 0
  let newestWrite = 0
  for (const [at, entry] of entries.entries()) {
    if (entry.kind === 'call') {
      const exchange = calls.get(at)
      if (exchange !== undefined) judgeCall(exchange, { newest, newestWrite }, judge)
      continue
    }
    if (entry.kind !== 'reply' && entry.kind !== 'event') continue
    if (entry.zxid < 0) continue
    newest = Math.max(newest, entry.zxid)
    if (isWriteReply.has(at)) newestWrite = Math.max(newestWrite, entry.zxid)
    const session = exchanges.streams.get(entry.connection)?.session ?? 0n
    const before = seen.get(session) ?? 0
    if (entry.zxid < before) {
      judge.report({
        guarantee: 'monotonic reads',
        text: `connection ${entry.connection} heard of zxid ${entry.zxid} after its session had heard of ${before}`,
      })
    }
    seen.set(session, Math.max(before, entry.zxid))
  }
}

/** A zxid that anybody has heard of is smaller than that of a write which begins afterwards. */
function judgeCall(
  exchange: Exchange,
  { newest, newestWrite }: { newest: number; newestWrite: number },
  judge: Judge,
): void {
  const { request, reply } = exchange
  if (isWrite(request)) {
    const zxid = judge.zxidOf(exchange as Exchange<WriteRequest>)
    if (zxid !== undefined && zxid <= newest) {
      judge.report({
        guarantee: 'real time',
        text: `${describe(exchange)} has zxid ${zxid}, but ${newest} had been heard of before`,
      })
    }
  } else if (request.op === 'sync' && reply !== undefined && reply.zxid < newestWrite) {
    judge.report({
      guarantee: 'sync',
      text: `${describe(exchange)} shows ${reply.zxid}, but ${newestWrite} was complete before`,
    })
  }
}
