/** The walk over the log: transactions on the model, and the reads between them. */
import { CONTAINER_OWNER, ErrorCode, OpCode, type LoggedTxn, type Txn, type TxnHeader } from '@meerkat/protocol'
import { isDeepStrictEqual } from 'node:util'
import { brokenBy, describe, errorsIn, errorsOf, hex, isShown, show } from './comparison.ts'
import type { Exchange, Exchanges } from './exchanges.ts'
import type { Violation } from './guarantees.ts'
import type { ReadRequest, WriteRequest } from './history.ts'
import type { Evidence } from './judge.ts'
import { ModelQuotas } from './modelQuotas.ts'
import { seen } from './modelReads.ts'
import { isTtl, ModelTree, ttlOf } from './modelTree.ts'
import { ModelWatches } from './modelWatches.ts'
import { failed, multi, perform, remove, type Change, type Outcome, type Writer } from './modelWrites.ts'

type Write = Exchange<WriteRequest>
type Read = Exchange<ReadRequest>

/** The order in which a reply of unknown outcome leaves things: the log could not be written, or the client was cut off. */
export function isUndecided({ reply }: Exchange): boolean {
  return reply === undefined || reply.err === ErrorCode.SYSTEMERROR
}

export class Replay {
  readonly tree = new ModelTree()
  readonly watches: ModelWatches
  /** Sessions that are open after what was replayed. */
  readonly sessions = new Set<bigint>()
  private readonly quotas = new ModelQuotas(this.tree)
  private readonly mayUseFormerAcls: boolean
  private readonly log: readonly LoggedTxn[]
  /** Sessions that the log closes somewhere. */
  private readonly closed: ReadonlySet<bigint>
  private readonly writes: readonly Write[]
  private readonly byRequest = new Map<string, Write>()
  private readonly zxids = new Map<Write, number>()
  private readonly reads: readonly Read[]
  private readonly report: (violation: Violation) => void
  private nextRead = 0
  /** Connections by the last zxid that they heard of, the smallest last: then their watches are of no concern. */
  private readonly ends: { connection: number; zxid: number }[]
  private zxid = 0

  constructor(
    { log, mayUseFormerAcls = false }: Pick<Evidence, 'log' | 'mayUseFormerAcls'>,
    exchanges: Exchanges,
    report: (violation: Violation) => void,
  ) {
    this.mayUseFormerAcls = mayUseFormerAcls
    this.log = log
    this.watches = new ModelWatches((connection) => exchanges.streams.get(connection)?.identities ?? [])
    this.closed = new Set(log.filter(({ txn }) => txn.type === OpCode.closeSession).map((l) => l.header.sessionId))
    this.writes = exchanges.writes
    this.report = report
    for (const write of exchanges.writes) this.byRequest.set(keyOf(write.session, write.xid), write)
    this.reads = exchanges.reads
      .filter((read) => !isUndecided(read))
      .sort((a, b) => zxidOf(a) - zxidOf(b) || a.at - b.at)
    this.ends = [...exchanges.streams]
      .map(([connection, { heard }]) => ({ connection, zxid: heard.reduce((max, { zxid }) => Math.max(max, zxid), 0) }))
      .sort((a, b) => b.zxid - a.zxid)
  }

  /** The zxid of a write's transaction, if it has one. */
  zxidOf(write: Write): number | undefined {
    return this.zxids.get(write)
  }

  run(): void {
    for (const logged of this.log) {
      const { zxid } = logged.header
      this.readUpTo(zxid - 1)
      if (zxid !== this.zxid + 1) this.report({ guarantee: 'log order', text: `${zxid} follows ${this.zxid}` })
      this.zxid = zxid
      this.apply(logged)
    }
    this.readUpTo(Infinity)
    for (const write of this.writes) {
      if (isUndecided(write) || this.zxids.has(write)) continue
      this.report({
        guarantee: 'durability',
        text: `${describe(write)} was answered with zxid ${zxidOf(write)}, and is not in the log`,
      })
    }
  }

  // --- transactions ---

  private apply({ header, txn, digest }: LoggedTxn): void {
    const write = this.byRequest.get(keyOf(header.sessionId, header.cxid))
    const outcome = write === undefined ? this.unasked(header, txn) : this.asked(write, header, txn)
    for (const change of outcome.changes) this.watches.changed(change, header.zxid)
    this.quotas.done(header.zxid)
    if (digest !== undefined && !isDeepStrictEqual(digest, this.tree.digest)) {
      this.report({
        guarantee: 'digest',
        text: `at zxid ${header.zxid} it is ${hex(digest)}, and should be ${hex(this.tree.digest)}`,
      })
    }
    while ((this.ends.at(-1)?.zxid ?? Infinity) <= header.zxid) this.watches.forget(this.ends.pop()?.connection ?? 0)
  }

  private asked(write: Write, header: TxnHeader, txn: Txn): Outcome {
    const { zxid } = header
    if (this.zxids.has(write)) {
      this.report({ guarantee: 'once only', text: `${describe(write)} has zxid ${this.zxids.get(write)} and ${zxid}` })
    }
    this.zxids.set(write, zxid)
    const outcome = this.expected(write, header, txn)
    if (!isOutcome(txn, outcome)) {
      this.report({
        guarantee: brokenBy(errorsOf(txn), errorsIn(outcome), 'atomicity'),
        text: `the transaction ${zxid} of ${describe(write)} should be ${show(outcome)}, and is ${show(txn)}`,
      })
    }
    if (!isUndecided(write)) this.compareReply(write, outcome, zxid)
    return outcome
  }

  private expected({ request, identities, heardOf }: Write, header: TxnHeader, txn: Txn): Outcome {
    if (!this.sessions.has(header.sessionId)) return refused(txn)
    if (request.op === 'closeSession') return this.endSession(header)
    const writer: Writer = {
      session: header.sessionId,
      identities,
      zxid: header.zxid,
      time: header.time,
      quota: (path, growth) => this.quotas.judge(path, growth, heardOf),
      told: errorsOf(txn),
      mayUseFormerAcls: this.mayUseFormerAcls,
    }
    return request.op === 'multi' ? multi(this.tree, request.parts, writer) : perform(this.tree, request, writer)
  }

  private compareReply(write: Write, outcome: Outcome, zxid: number): void {
    const { reply } = write
    if (reply === undefined) return
    if (reply.zxid !== zxid) {
      this.report({
        guarantee: 'durability',
        text: `${describe(write)} was answered with zxid ${reply.zxid}, and has ${zxid} in the log`,
      })
    }
    const isRight = reply.err === outcome.err && (reply.err !== ErrorCode.OK || isShown(reply.result, outcome.result))
    if (isRight) return
    const guarantee = brokenBy(errorsIn(reply), errorsIn(outcome), 'atomicity')
    this.report({ guarantee, text: `${describe(write)} should say ${show(outcome)}` })
  }

  private unasked(header: TxnHeader, txn: Txn): Outcome {
    switch (txn.type) {
      case OpCode.createSession:
        this.sessions.add(header.sessionId)
        return failed(ErrorCode.OK)
      case OpCode.closeSession:
        return this.endSession(header)
      case OpCode.deleteContainer:
        return this.removeUnneeded(txn.path, header)
      case OpCode.error:
        return failed(txn.err)
      default:
        this.report({ guarantee: 'asked for', text: `nobody asked for the transaction ${header.zxid}: ${show(txn)}` })
        return failed(ErrorCode.OK)
    }
  }

  private endSession(header: TxnHeader): Outcome {
    this.sessions.delete(header.sessionId)
    const changes: Change[] = []
    for (const path of this.tree.ephemeralsOf(header.sessionId))
      changes.push(...remove(this.tree, path, header).changes)
    return { err: ErrorCode.OK, result: {}, changes }
  }

  private removeUnneeded(path: string, header: TxnHeader): Outcome {
    const znode = this.tree.get(path)
    const owner = znode?.owner ?? 0n
    const isOver = isTtl(owner) && header.time - (znode?.mtime ?? 0) > ttlOf(owner)
    const isUnneeded = owner === CONTAINER_OWNER || isOver
    if (!isUnneeded || znode?.children.size !== 0) {
      this.report({
        guarantee: 'asked for',
        text: `the server removed ${path} at zxid ${header.zxid}, which is no empty container and whose time is not over`,
      })
      return failed(ErrorCode.OK)
    }
    return remove(this.tree, path, header)
  }

  // --- reads ---

  private readUpTo(limit: number): void {
    for (
      let read = this.reads[this.nextRead];
      read !== undefined && zxidOf(read) <= limit;
      read = this.reads[this.nextRead]
    ) {
      this.nextRead++
      if (zxidOf(read) !== this.zxid) {
        this.report({
          guarantee: 'only what is durable',
          text: `${describe(read)} shows zxid ${zxidOf(read)}, which is not in the log`,
        })
      }
      this.read(read)
    }
  }

  private read(read: Read): void {
    const { reply, request } = read
    if (reply === undefined) return
    // Apache's server answers so what it reads while a session is being closed, and shows nothing by it.
    if (reply.err === ErrorCode.SESSIONEXPIRED && this.closed.has(read.session)) return
    if (!this.sessions.has(read.session)) {
      this.report({
        guarantee: 'ephemerals and sessions',
        text: `${describe(read)} was answered at zxid ${reply.zxid}, when its session was over`,
      })
    }
    const { err, result } = seen(this.tree, request, read)
    if (reply.err !== err || !isShown(reply.result, result)) {
      this.report({
        guarantee: brokenBy([reply.err], [err], 'reads are of one state'),
        text: `${describe(read)} should say ${show({ err, result })}`,
      })
    }
    if (request.op === 'setWatches') this.rearm(read, request)
    else this.watch(read)
  }

  private rearm({ connection, at }: Read, request: ReadRequest & { op: 'setWatches' }): void {
    const { relativeZxid, watched } = request
    this.watches.rearm(this.tree, { connection, relativeZxid, watched, atZxid: this.zxid, since: at })
  }

  /** exists sets its watch also where there is nothing yet; the others do not. */
  private watch({ request, connection, reply }: Read): void {
    const isThere = reply?.err === ErrorCode.OK
    if (request.op === 'addWatch') return this.watches.add(request.mode, request.path, connection)
    if (!('watch' in request) || !request.watch) return
    const isMissing = reply?.err === ErrorCode.NONODE
    if ((request.op === 'exists' && (isThere || isMissing)) || (request.op === 'getData' && isThere))
      this.watches.add('data', request.path, connection)
    if (request.op === 'getChildren' && isThere) this.watches.add('child', request.path, connection)
  }
}

function keyOf(session: bigint, xid: number): string {
  return `${session}:${xid}`
}

function zxidOf({ reply }: Exchange): number {
  return reply?.zxid ?? 0
}

/**
 * What a write behind the end of its session may be: nothing but an error. Ours are SESSIONEXPIRED. Apache's server says
 * UNKNOWNSESSION once the session is gone, says either in the first part of a multi, and closes a session once more.
 */
function refused(txn: Txn): Outcome {
  const isRefusal = (part: Txn | undefined): boolean =>
    part?.type === OpCode.error && (part.err === ErrorCode.SESSIONEXPIRED || part.err === ErrorCode.UNKNOWNSESSION)
  if (txn.type === OpCode.closeSession && txn.paths?.length === 0) return failed(ErrorCode.OK)
  if (txn.type === OpCode.error && isRefusal(txn)) return failed(txn.err)
  if (txn.type !== OpCode.multi || !isRefusal(txn.txns[0])) return failed(ErrorCode.SESSIONEXPIRED)
  const parts = txn.txns.map((part) => ({ err: part.type === OpCode.error ? part.err : ErrorCode.OK }))
  return { err: ErrorCode.OK, result: { parts }, changes: [] }
}

/** Whether a transaction says the same of success and failure, part by part. */
function isOutcome(txn: Txn, { err, result }: Outcome): boolean {
  if (txn.type !== OpCode.multi) return errorsOf(txn)[0] === err
  const isWhole = (result.parts ?? []).every((part) => part.err === ErrorCode.OK)
  return isWhole === txn.txns.every(({ type }) => type !== OpCode.error)
}
