/**
 * The server's state machine, as the leader of an ensemble of one: what it is told comes in by methods, what it wants done
 * stands in `effects` and in the log group (see effects.ts for the contract and the order of durability).
 */
import type { Bytes, ConnectRequestFrame, Txn, TxnHeader, Zxid } from '@meerkat/protocol'
import {
  ErrorCode,
  Input,
  JuteError,
  NO_SESSION,
  OpCode,
  Output,
  Xid,
  sessionPassword,
  zeros,
  zxidOf,
} from '@meerkat/protocol'
import { Connection, OutputPool, type Frame, type Waiting, type WaitingFor } from './connection.ts'
import { ContainerManager } from './containers.ts'
import type { Authenticator, CloseReason, Effects, LogGroup, Observer } from './effects.ts'
import { answerAuth, answerSasl, demandAuthentication } from './identification.ts'
import { applyTxn, operationTable, type Operation } from './operations/index.ts'
import type { WriteOperation } from './operations/operation.ts'
import { THROTTLED, throttled } from './operations/throttled.ts'
import type { Proposal } from './pipeline/proposals.ts'
import { Writes } from './pipeline/writes.ts'
import { DigestLog, orphanedSessions } from './recovery.ts'
import { REPLY_PREFIX, beginReply, endReply, writeConnectReply, writeReply } from './replies.ts'
import { SnapshotSource } from './snapshotSource.ts'
import type { State } from './state.ts'

const PASSWORD_LENGTH = 16

export interface EngineOptions {
  readonly state: State
  readonly authenticator: Authenticator
  readonly observer: Observer
  readonly digestLog?: DigestLog
}

export class Engine {
  readonly effects: Effects = { dirty: [], closing: [], spare: new OutputPool() }
  state: State
  digestLog: DigestLog
  private readonly authenticator: Authenticator
  private readonly observer: Observer
  private readonly multiResults = new Output(256)
  private readonly operations = operationTable(this.multiResults)
  private readonly containers = new ContainerManager()
  private writes: Writes
  private readonly input: Input = new Input(zeros(0))
  private readonly live = new Set<Connection>()
  /** Connections with a request that waits for what was in flight when it came (sync), in order of what they wait for. */
  private barriers: { readonly connection: Connection; readonly zxid: Zxid }[] = []
  private nextConnection = 1
  /** The log cannot be written: writes are refused until it can. */
  private logFailed = false
  private outstandingRequests = 0

  constructor({ state, authenticator, observer, digestLog }: EngineOptions) {
    this.state = state
    this.authenticator = authenticator
    this.observer = observer
    this.digestLog = digestLog ?? new DigestLog()
    this.writes = new Writes(state)
  }

  get lastZxid(): Zxid {
    return this.state.tree.lastZxid
  }

  /** Requests that were taken and not answered. */
  get outstanding(): number {
    return this.outstandingRequests
  }

  /** Writes are refused: the log cannot be written. */
  get isLogFailed(): boolean {
    return this.logFailed
  }

  connections(): ReadonlySet<Connection> {
    return this.live
  }

  // --- inputs ---

  /** Before the first connection: sessions of a former life get their whole time, and orphaned ephemerals go. */
  start(nowMs: number, elapsedMs: number): void {
    this.setClock(nowMs, elapsedMs)
    this.state.sessions.restart(elapsedMs)
    for (const id of orphanedSessions(this.state)) this.writes.proposeCloseSession(id)
  }

  setClock(nowMs: number, elapsedMs: number): void {
    this.state.nowMs = nowMs
    this.state.elapsedMs = elapsedMs
  }

  /** Time has passed: sessions expire, containers and znodes with a time to live go. */
  tick(nowMs: number, elapsedMs: number): void {
    this.setClock(nowMs, elapsedMs)
    if (this.logFailed) return
    const expired = this.state.sessions.expire(elapsedMs)
    if (expired.length > 0) this.observer.expired(expired.length)
    for (const session of expired) this.writes.proposeCloseSession(session.id)
    for (let path = this.containers.due(this.state); path !== undefined; path = this.containers.due(this.state)) {
      this.writes.proposeDeleteContainer(path)
    }
  }

  /** A client connected; `identities` are what its address and certificate say. */
  open(identities: Connection['identities']): Connection {
    const connection = new Connection({ id: this.nextConnection++, identities, effects: this.effects })
    this.live.add(connection)
    return connection
  }

  /** The connection is gone; its session stays until its time is over. */
  closed(connection: Connection): void {
    if (connection.state === 'closed') return
    connection.state = 'closed'
    this.live.delete(connection)
    this.outstandingRequests -= connection.outstanding
    connection.waiting.length = 0
    connection.waitingHead = 0
    this.state.watches.forget(connection)
    if (connection.session?.connection === connection) connection.session.connection = undefined
  }

  /** The first frame: a new session, or one to go on with (ZooKeeperServer.processConnectRequest). */
  connect(connection: Connection, request: ConnectRequestFrame): void {
    const { rules, tree } = this.state
    if (request.lastZxidSeen > tree.lastZxid) return this.close(connection, 'client has seen a newer zxid')
    connection.readOnly = request.readOnly
    connection.timeoutMs = Math.min(Math.max(request.timeOut, rules.minSessionTimeoutMs), rules.maxSessionTimeoutMs)
    this.observer.handshake(request.sessionId !== NO_SESSION)
    if (request.sessionId === NO_SESSION) this.createSession(connection)
    else this.reattach(connection, request)
  }

  private createSession(connection: Connection): void {
    if (this.logFailed) return this.close(connection, 'log failed')
    connection.sessionId = this.state.sessions.newId()
    connection.state = 'connecting'
    this.wait(connection, { zxid: this.writes.proposeCreateSession(connection), xid: 0, opcode: OpCode.createSession })
  }

  private reattach(connection: Connection, { sessionId, passwd }: ConnectRequestFrame): void {
    const session = this.state.sessions.authenticate(sessionId, passwd)
    if (session === undefined) {
      writeConnectReply(connection, { sessionId: NO_SESSION, timeOut: 0, passwd: zeros(PASSWORD_LENGTH) })
      return this.close(connection, 'session refused')
    }
    if (session.connection !== undefined) this.close(session.connection, 'session moved to another connection')
    this.state.sessions.touch(session, connection.timeoutMs, this.state.elapsedMs)
    connection.sessionId = sessionId
    this.establish(connection)
  }

  private establish(connection: Connection): void {
    const session = this.state.sessions.get(connection.sessionId)
    if (session === undefined) return this.close(connection, 'session expired')
    connection.session = session
    session.connection = connection
    connection.state = 'established'
    const { sessionId, timeoutMs } = connection
    writeConnectReply(connection, { sessionId, timeOut: timeoutMs, passwd: sessionPassword(sessionId) })
  }

  /**
   * Whole frames of one connection, lengths included, in `bytes[start, end)`. The bytes may be kept until answered.
   *
   * Answers where it stopped: at `end`, or behind a request that closed the connection or left it full, upon
   * which the rest is to be given again later.
   */
  requests(connection: Connection, bytes: Bytes, start: number, end: number): number {
    const { session } = connection
    if (session !== undefined) this.state.sessions.touch(session, connection.timeoutMs, this.state.elapsedMs)
    const { input } = this
    let at = start
    while (at < end && connection.state === 'established' && !connection.isFull) {
      input.over(bytes, at, end)
      const length = input.int()
      at += 4 + length
      this.request(connection, { bytes, start: at - length, end: at })
    }
    return at
  }

  /** A request, its length included, that waited for too long to be begun: answered THROTTLEDOP when its turn comes. */
  refuseThrottled(connection: Connection, bytes: Bytes, start: number, end: number): void {
    this.input.over(bytes, start + 4, end)
    const request = { xid: this.input.int(), opcode: THROTTLED }
    connection.counters.received++
    connection.counters.lastXid = request.xid
    if (connection.outstanding > 0) return this.waitBehind(connection, { ...request, zxid: undefined })
    this.answer(connection, throttled, { ...request, arrivedMs: this.state.elapsedMs })
  }

  private request(connection: Connection, frame: Frame): void {
    const { input } = this
    if (frame.end - frame.start < 8) return this.close(connection, 'malformed request')
    input.over(frame.bytes, frame.start, frame.end)
    const xid = input.int()
    const opcode = input.int()
    const { counters } = connection
    counters.received++
    counters.lastOpcode = opcode
    if (opcode === OpCode.ping) return this.answerPing(connection)
    counters.lastXid = xid
    if (!this.authenticator.mayProceed(connection, opcode)) {
      demandAuthentication(connection, xid)
      return this.close(connection, 'authentication required')
    }
    if (opcode === OpCode.auth || opcode === OpCode.sasl) {
      const answerPacket = opcode === OpCode.auth ? answerAuth : answerSasl
      if (!answerPacket(this.authenticator, { connection, xid, input })) this.close(connection, 'authentication failed')
      return
    }
    const operation = this.operations.get(opcode)
    if (operation?.kind === 'write') return this.write(connection, operation, { ...frame, xid, opcode })
    if (connection.outstanding === 0 && (opcode !== OpCode.sync || this.writes.proposals.isEmpty)) {
      return this.answer(connection, operation, { xid, opcode, arrivedMs: this.state.elapsedMs })
    }
    // A sync waits for what is in flight now, of whatever session; other reads only for their own session's writes.
    const zxid = opcode === OpCode.sync && !this.writes.proposals.isEmpty ? this.writes.proposals.lastZxid : undefined
    if (zxid !== undefined) this.barriers.push({ connection, zxid })
    this.waitBehind(connection, { ...frame, zxid, xid, opcode })
  }

  /** Until `answerWaiting` comes to it. */
  private waitBehind(connection: Connection, waiting: WaitingFor): void {
    connection.readsWaiting++
    this.wait(connection, waiting)
  }

  private wait(connection: Connection, waiting: WaitingFor): void {
    this.outstandingRequests++
    connection.wait(waiting, this.state.elapsedMs)
  }

  // --- what belongs to the connection ---

  private answerPing(connection: Connection): void {
    writeReply(connection.writable(), { xid: Xid.ping, zxid: this.lastZxid, err: ErrorCode.OK })
    connection.counters.answered(this.lastZxid, 0, this.state.elapsedMs)
    this.observer.read(connection, OpCode.ping, 0, REPLY_PREFIX)
  }

  // --- reads ---

  /** Answers the request that the input stands at, behind its header. */
  private answer(connection: Connection, operation: Operation | undefined, request: Asked): void {
    const { xid, opcode, arrivedMs } = request
    if (operation?.kind !== 'read') {
      writeReply(connection.writable(), { xid, zxid: zxidOf(-1), err: ErrorCode.UNIMPLEMENTED })
      return this.close(connection, 'unknown operation')
    }
    const output = connection.writable()
    const body = this.input.offset
    let frame = output.length
    let err: ErrorCode
    try {
      operation.before?.(this.state, connection, this.input)
      frame = beginReply(output)
      err = operation.read(this.state, connection, this.input, output)
    } catch (error) {
      if (!(error instanceof JuteError)) throw error
      output.length = frame
      beginReply(output)
      err = ErrorCode.MARSHALLINGERROR
    }
    if (err !== ErrorCode.OK) output.length = frame + REPLY_PREFIX
    endReply(output, frame, { xid, zxid: this.lastZxid, err })
    const latencyMs = this.state.elapsedMs - arrivedMs
    connection.counters.answered(this.lastZxid, latencyMs, this.state.elapsedMs)
    this.observer.read(connection, opcode, latencyMs, output.length - frame)
    if (err === ErrorCode.OK) this.observer.found(opcode, this.input, body, output, frame)
  }

  // --- writes ---

  private write(
    connection: Connection,
    operation: WriteOperation,
    request: Frame & { xid: number; opcode: number },
  ): void {
    const { xid, opcode } = request
    if (this.logFailed) {
      writeReply(connection.writable(), { xid, zxid: this.lastZxid, err: ErrorCode.SYSTEMERROR })
      return
    }
    const zxid = this.writes.proposeRequest(connection, operation, { xid, input: this.input })
    this.wait(connection, this.observer.keepsRequests ? { ...request, zxid } : { zxid, xid, opcode })
  }

  // --- the log ---

  /** Transactions that wait to be taken as the next group. */
  get transactionsToLog(): number {
    return this.writes.proposals.gathered
  }

  /** What is to be written and synced next; the driver says `durable` or `logFailure` when it is done with it. */
  takeLogGroup(): LogGroup | undefined {
    return this.writes.proposals.takeGroup()
  }

  /** The log is durable up to `zxid`: with one server, these transactions are committed. */
  durable(zxid: Zxid): void {
    for (let next = this.writes.proposals.shift(zxid); next !== undefined; next = this.writes.proposals.shift(zxid)) {
      this.commit(next)
      // Before the next one: the same connection may have sent it behind its sync.
      if (this.barriers.length > 0) this.passBarriers()
    }
  }

  /** Answers the syncs whose time has come; the others wait for a later group. */
  private passBarriers(): void {
    const firstLater = this.barriers.findIndex(({ zxid }) => zxid > this.lastZxid)
    const passed = this.barriers.splice(0, firstLater < 0 ? this.barriers.length : firstLater)
    for (const { connection } of passed) this.answerWaiting(connection)
  }

  private commit({ header, txn, connection }: Proposal): void {
    const { state } = this
    const isAwaited = connection !== undefined && connection.state !== 'closed'
    const closing = txn.type === OpCode.closeSession ? state.sessions.get(header.sessionId) : undefined
    applyTxn(state, txn, header, isAwaited ? this.multiResults : undefined)
    state.tree.lastZxid = header.zxid
    state.outstanding.settle(header.zxid)
    this.digestLog.note(header.zxid, state)
    this.observer.committed(header, txn, isAwaited)
    if (isAwaited) {
      this.answerWrite(connection, header, txn)
      // Nothing is shown to a session that is over, also not what it asked for before its end was known.
      if (closing === undefined) this.answerWaiting(connection)
    }
    if (closing?.connection !== undefined) {
      this.close(closing.connection, closing.connection === connection ? 'session closed' : 'session expired')
    }
  }

  private answerWrite(connection: Connection, header: TxnHeader, txn: Txn): void {
    const waiting = connection.first
    if (waiting?.zxid !== header.zxid)
      throw new Error(`the request at the head of connection ${connection.id} is not that of zxid ${header.zxid}`)
    connection.shift()
    this.outstandingRequests--
    const latencyMs = this.state.elapsedMs - waiting.arrivedMs
    if (waiting.opcode === OpCode.createSession) {
      this.observer.sessionCreated(latencyMs)
      return this.establish(connection)
    }
    const output = connection.writable()
    const frame = beginReply(output)
    const err = txn.type === OpCode.error ? txn.err : ErrorCode.OK
    if (err === ErrorCode.OK) {
      const operation = this.operations.get(waiting.opcode)
      if (operation?.kind === 'write') operation.reply(this.state, txn, output)
    }
    endReply(output, frame, { xid: waiting.xid, zxid: this.lastZxid, err })
    connection.counters.answered(this.lastZxid, latencyMs, this.state.elapsedMs)
    this.observer.written(connection, { request: waiting, txn, err, latencyMs, replyBytes: output.length - frame })
  }

  /** Answers what stood behind a write, up to the next one in flight. */
  private answerWaiting(connection: Connection): void {
    for (let first = connection.first; first !== undefined; first = connection.first) {
      if (first.zxid !== undefined && (first.opcode !== OpCode.sync || first.zxid > this.lastZxid)) return
      connection.shift()
      connection.readsWaiting--
      this.outstandingRequests--
      this.input.over(first.bytes, first.start + 8, first.end)
      this.answer(connection, this.operations.get(first.opcode), first)
    }
  }

  /**
   * The log could not be written. What is in flight never happened: its requests are answered SYSTEMERROR, sessions that
   * were being made are refused, and so are all writes until `logRecovered`. Reads go on: the tree holds only what is
   * durable. The driver must take back what the failed write may have left in the file before it writes again.
   */
  logFailure(): void {
    this.logFailed = true
    const dropped = this.writes.proposals.reset(this.lastZxid)
    this.state.outstanding.reset()
    for (const { header, txn, connection } of dropped) {
      if (txn.type === OpCode.closeSession) this.state.sessions.reopen(header.sessionId, this.state.elapsedMs)
      if (connection === undefined || connection.state === 'closed') continue
      this.refuse(connection, header.zxid)
    }
    this.barriers = []
    for (const connection of this.live) if (connection.outstanding > 0) this.releaseBarriers(connection)
  }

  private refuse(connection: Connection, zxid: Zxid): void {
    this.releaseBarriers(connection)
    const first = connection.first
    if (first?.zxid !== zxid) return
    connection.shift()
    this.outstandingRequests--
    if (first.opcode === OpCode.createSession) return this.close(connection, 'log failed')
    writeReply(connection.writable(), { xid: first.xid, zxid: this.lastZxid, err: ErrorCode.SYSTEMERROR })
    this.answerWaiting(connection)
  }

  /** Nothing is in flight: syncs at the head have nothing to wait for. */
  private releaseBarriers(connection: Connection): void {
    for (let { first } = connection; first?.opcode === OpCode.sync; first = connection.first) {
      first.zxid = undefined
      this.answerWaiting(connection)
    }
  }

  logRecovered(): void {
    this.logFailed = false
  }

  // --- snapshots ---

  /** A view of the state for a snapshot, taken in slices. */
  snapshot(): SnapshotSource {
    return new SnapshotSource(this.state)
  }

  /** Replaces the whole state (the admin server's restore). Connections are closed; their sessions are another state's. */
  restore(state: State): void {
    this.barriers = []
    for (const connection of this.live) this.close(connection, 'session expired')
    state.nowMs = this.state.nowMs
    state.elapsedMs = this.state.elapsedMs
    this.state = state
    this.writes = new Writes(state)
    this.digestLog = new DigestLog()
    state.sessions.restart(state.elapsedMs)
    for (const id of orphanedSessions(state)) this.writes.proposeCloseSession(id)
  }

  // --- ends ---

  private close(connection: Connection, reason: CloseReason): void {
    if (connection.state === 'closed') return
    this.closed(connection)
    this.effects.closing.push({ connection, reason })
  }
}

type Asked = Pick<Waiting, 'xid' | 'opcode' | 'arrivedMs'>
