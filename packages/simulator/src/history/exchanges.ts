/** A history put in order: each call with its reply, each connection with what it heard. */
import type { Entry, ReadRequest, Request, Result, WriteRequest } from './history.ts'
import type { Identities } from './modelAcl.ts'
import type { Violation } from './guarantees.ts'

export interface Reply {
  readonly zxid: number
  readonly err: number
  readonly result: Result
  /** Its place among the entries. */
  readonly at: number
}

export interface Exchange<R extends Request = Request> {
  readonly session: bigint
  readonly connection: number
  readonly xid: number
  readonly identities: Identities
  readonly request: R
  /** The newest zxid that anybody had heard of when it was asked. */
  readonly heardOf: number
  /** Its place among the entries. */
  readonly at: number
  reply: Reply | undefined
}

export interface Heard {
  readonly kind: 'reply' | 'event'
  readonly zxid: number
  /** Of an event. */
  readonly type: number
  readonly path: string
  /** Of a reply: where its call stands among the entries. */
  readonly callAt: number
}

export interface Stream {
  readonly session: bigint
  readonly timeoutMs: number
  /** Who the client has proved to be. */
  readonly identities: string[]
  readonly heard: Heard[]
}

export interface Exchanges {
  readonly writes: Exchange<WriteRequest>[]
  readonly reads: Exchange<ReadRequest>[]
  readonly streams: Map<number, Stream>
}

const WRITES = new Set<Request['op']>(['create', 'delete', 'setData', 'setACL', 'multi', 'closeSession'])

export function isWrite(request: Request): request is WriteRequest {
  return WRITES.has(request.op)
}

/** Reports replies that nobody asked for, and replies out of order. */
export function pairUp(entries: readonly Entry[], report: (violation: Violation) => void): Exchanges {
  const exchanges: Exchanges = { writes: [], reads: [], streams: new Map() }
  const open = new Map<number, Exchange[]>()
  let heardOf = 0
  for (const [at, entry] of entries.entries()) {
    const { connection } = entry
    if (entry.kind === 'connected') {
      const { session, timeoutMs } = entry
      exchanges.streams.set(connection, { session, timeoutMs, identities: [], heard: [] })
      open.set(connection, [])
    }
    if (entry.kind === 'garbled') report({ guarantee: 'well formed', text: `connection ${connection}: ${entry.text}` })
    if (entry.kind === 'reply' || entry.kind === 'event') heardOf = Math.max(heardOf, entry.zxid)
    const stream = exchanges.streams.get(connection)
    const waiting = open.get(connection)
    if (stream === undefined || waiting === undefined) continue
    if (entry.kind === 'identified') stream.identities.push(entry.identity)
    else if (entry.kind === 'call') waiting.push(begin(exchanges, { ...stream, heardOf }, { ...entry, at }))
    else if (entry.kind === 'event') stream.heard.push({ ...entry, kind: 'event', callAt: at })
    else if (entry.kind === 'reply') {
      const exchange = waiting.shift()
      if (exchange?.xid === entry.xid) exchange.reply = { ...entry, at }
      else
        report({
          guarantee: 'session order',
          text: `connection ${connection} got a reply to ${entry.xid}, ${exchange?.xid ?? 'nothing'} was next`,
        })
      stream.heard.push({ kind: 'reply', zxid: entry.zxid, type: 0, path: '', callAt: exchange?.at ?? at })
    }
  }
  return exchanges
}

function begin(
  exchanges: Exchanges,
  { identities, session, heardOf }: Pick<Exchange, 'identities' | 'session' | 'heardOf'>,
  { connection, xid, request, at }: Entry & { kind: 'call' } & { at: number },
): Exchange {
  const base = { session, connection, xid, identities, heardOf, at, reply: undefined }
  if (isWrite(request)) {
    const exchange: Exchange<WriteRequest> = { ...base, request }
    exchanges.writes.push(exchange)
    return exchange
  }
  const exchange: Exchange<ReadRequest> = { ...base, request }
  exchanges.reads.push(exchange)
  return exchange
}
