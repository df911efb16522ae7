/**
 * A client's session as a state machine: inputs go in, effects come out, in order. It touches no socket and no clock.
 *
 *   disconnected -> connecting -> handshaking -> (authenticating ->) connected -> disconnected -> ...
 *   and at last: expired, authFailed or closed
 *
 * After the handshake go the SASL exchange, the auth packets, the watches to be set again, and then the requests that
 * waited (org.apache.zookeeper.ClientCnxn). A lost connection fails every request with CONNECTIONLOSS: whether the
 * server has done it is not known.
 */
import {
  AuthPacket,
  DEFAULT_MAX_BUFFER,
  ErrorCode,
  frameOf,
  FrameSplitter,
  Input,
  NO_SESSION,
  OpCode,
  Output,
  PASSWORD_LENGTH,
  readConnectResponse,
  ReplyHeader,
  RequestHeader,
  SaslToken,
  SetWatches2Request,
  SetWatchesRequest,
  WatcherEvent,
  writeConnectRequest,
  Xid,
  zeros,
  zxidOf,
  type Bytes,
  type SessionId,
  type Zxid,
} from '@meerkat/protocol'
import { OutstandingRequests } from './outstanding.ts'
import { ServerList } from './servers.ts'
import type {
  AuthRequest,
  Request,
  SaslMechanism,
  SessionEffect,
  SessionInput,
  SessionOptions,
  SessionState,
} from './sessionTypes.ts'
import { eventName, WatchRegistry, type WatchEvent } from './watches.ts'

/** The most requests that wait or are in flight; one more is refused with THROTTLEDOP. */
const MAX_REQUESTS = 100_000
/** Pings go out at a third of the timeout, and at least this often, in milliseconds. */
const MAX_PING_INTERVAL_MS = 10_000
/** The longest pause before a server is tried again, in milliseconds. */
const MAX_PAUSE_MS = 1000

type Phase = 'idle' | 'disconnected' | 'connecting' | 'handshaking' | 'authenticating' | 'connected' | 'ended'

/** Credentials are sent anew on every connection; only the first answer is told. */
interface Auth {
  readonly auth: AuthRequest
  answered: boolean
}

const CLOSE_REQUEST: Request = { type: OpCode.closeSession, write: () => {}, answer: () => {} }

export class Session {
  readonly watches = new WatchRegistry()
  private readonly options: SessionOptions
  private readonly servers: ServerList
  private phase: Phase = 'idle'
  private endError = 0
  private closing = false
  private sessionId: SessionId
  private password: Bytes
  private timeoutMs: number
  private lastZxid = zxidOf(0)
  private failuresInARow = 0

  private splitter: FrameSplitter
  private mechanism: SaslMechanism | undefined
  private readOnlyServer = false
  private waiting: Request[] = []
  private readonly outstanding = new OutstandingRequests()
  private readonly auths: Auth[] = []
  private authsInFlight: Auth[] = []

  private nowMs = 0
  private dueMs = 0
  private lastSentMs = 0
  private lastReceivedMs = 0
  private effects: SessionEffect[] = []

  constructor(options: SessionOptions) {
    this.options = options
    this.servers = new ServerList(options.servers, options.random)
    this.sessionId = options.resume?.id ?? NO_SESSION
    this.password = options.resume?.password ?? zeros(PASSWORD_LENGTH)
    this.timeoutMs = options.sessionTimeoutMs
    this.splitter = this.newSplitter()
  }

  get id(): SessionId {
    return this.sessionId
  }

  get sessionPassword(): Bytes {
    return this.password
  }

  /** The negotiated timeout, in milliseconds; before a connection, the wish. */
  get negotiatedTimeoutMs(): number {
    return this.timeoutMs
  }

  /** The highest zxid that a server has shown this client. */
  get lastZxidSeen(): Zxid {
    return this.lastZxid
  }

  /** When a `time` input is due, on the clock of `nowMs`; undefined if never. */
  get deadline(): number | undefined {
    switch (this.phase) {
      case 'idle':
      case 'ended':
        return undefined
      case 'connected':
        return Math.min(this.lastReceivedMs + this.readTimeoutMs, this.lastSentMs + this.pingIntervalMs)
      case 'disconnected':
      case 'connecting':
      case 'handshaking':
      case 'authenticating':
        return this.dueMs
    }
  }

  /** Takes one input. `nowMs` is monotonic. */
  step(input: SessionInput, nowMs: number): SessionEffect[] {
    this.nowMs = nowMs
    this.effects = []
    switch (input.type) {
      case 'start':
        if (this.phase === 'idle') this.connect()
        break
      case 'opened':
        this.handshake()
        break
      case 'received':
        this.receive(input.bytes)
        break
      case 'lost':
        if (this.isOnline) this.lose(input.reason)
        break
      case 'request':
        this.request(input.request)
        break
      case 'auth':
        this.addAuth(input.auth)
        break
      case 'close':
        this.close()
        break
      case 'time':
        this.timePassed()
        break
    }
    return this.effects
  }

  private get isOnline(): boolean {
    return this.phase !== 'idle' && this.phase !== 'disconnected' && this.phase !== 'ended'
  }

  /** As Java's client: a third of the timeout is kept for finding another server. */
  private get readTimeoutMs(): number {
    return (this.timeoutMs * 2) / 3
  }

  private get pingIntervalMs(): number {
    return Math.min(this.timeoutMs / 3, MAX_PING_INTERVAL_MS)
  }

  private newSplitter(): FrameSplitter {
    return new FrameSplitter(this.options.maxBuffer ?? DEFAULT_MAX_BUFFER)
  }

  private effect(effect: SessionEffect): void {
    this.effects.push(effect)
  }

  private send(bytes: Bytes): void {
    this.lastSentMs = this.nowMs
    this.effect({ type: 'send', bytes })
  }

  private connect(): void {
    this.phase = 'connecting'
    this.dueMs = this.nowMs + this.options.sessionTimeoutMs / this.servers.size
    this.effect({ type: 'state', state: 'connecting' })
    this.effect({ type: 'connect', server: this.servers.next() })
  }

  private handshake(): void {
    if (this.phase !== 'connecting') return
    this.phase = 'handshaking'
    this.splitter = this.newSplitter()
    const request = {
      protocolVersion: 0,
      lastZxidSeen: this.lastZxid,
      timeOut: this.options.sessionTimeoutMs,
      sessionId: this.sessionId,
      passwd: this.password,
      readOnly: this.options.readOnly,
    }
    const output = new Output()
    writeConnectRequest(output, request)
    this.send(output.written())
  }

  private receive(chunk: Bytes): void {
    if (!this.isOnline) return
    this.lastReceivedMs = this.nowMs
    try {
      this.splitter.push(chunk, (bytes, start, end) => this.receiveFrames(bytes, start, end))
    } catch (error) {
      this.breakOff(`the server sent what cannot be read: ${(error as Error).message}`)
    }
  }

  private receiveFrames(bytes: Bytes, start: number, end: number): void {
    const lengths = new Input(bytes, start, end)
    while (lengths.remaining > 0 && this.isOnline) {
      const length = lengths.int()
      const at = lengths.take(length)
      const frame = new Input(bytes, at, at + length)
      if (this.phase === 'handshaking') this.acceptSession(frame)
      else this.receiveReply(frame)
    }
  }

  private acceptSession(frame: Input): void {
    const response = readConnectResponse(frame)
    if (response.timeOut <= 0) return this.end('expired', ErrorCode.SESSIONEXPIRED)
    this.sessionId = response.sessionId
    this.password = response.passwd ?? zeros(PASSWORD_LENGTH)
    this.timeoutMs = response.timeOut
    this.readOnlyServer = response.readOnly ?? false
    this.failuresInARow = 0
    if (this.options.sasl === undefined) return this.establish()
    this.phase = 'authenticating'
    this.mechanism = this.options.sasl()
    this.effect({ type: 'state', state: this.connectedState })
    this.sendSaslToken(this.mechanism.start())
  }

  private get connectedState(): SessionState {
    return this.readOnlyServer ? 'connectedReadOnly' : 'connected'
  }

  /** The connection is ready: credentials first, then watches, then what waited. */
  private establish(): void {
    const authenticated = this.phase === 'authenticating'
    this.phase = 'connected'
    this.effect({ type: 'state', state: authenticated ? 'saslAuthenticated' : this.connectedState })
    for (const auth of this.auths) this.sendAuth(auth)
    this.setWatchesAgain()
    const waiting = this.waiting
    this.waiting = []
    for (const request of waiting) this.sendRequest(request)
  }

  private sendSaslToken(token: Bytes | null): void {
    const xid = this.outstanding.nextXid()
    this.send(requestFrame(xid, OpCode.sasl, (output) => SaslToken.write(output, { token })))
  }

  private continueSasl(header: ReplyHeader, frame: Input): void {
    if (header.err !== 0 || this.mechanism === undefined) return this.failAuthentication()
    const { token } = SaslToken.read(frame)
    let answer
    try {
      answer = this.mechanism.step(token ?? zeros(0))
    } catch (error) {
      return this.failAuthentication((error as Error).message)
    }
    if (answer.done) this.establish()
    else this.sendSaslToken(answer.token)
  }

  private setWatchesAgain(): void {
    for (const renewal of this.watches.renewals(this.lastZxid)) {
      const persistent = renewal.persistentWatches.length + renewal.persistentRecursiveWatches.length > 0
      // Servers before 3.6 know the older form only.
      const type = persistent ? OpCode.setWatches2 : OpCode.setWatches
      const record = persistent ? SetWatches2Request : SetWatchesRequest
      this.send(requestFrame(Xid.setWatches, type, (output) => record.write(output, renewal)))
    }
  }

  private receiveReply(frame: Input): void {
    const header = ReplyHeader.read(frame)
    switch (header.xid) {
      case Xid.notification:
        return this.notify(header, WatcherEvent.read(frame))
      case Xid.ping:
      case Xid.setWatches:
        return
      case Xid.auth:
        return this.finishAuth(header.err)
      default:
        if (this.phase === 'authenticating') this.continueSasl(header, frame)
        else this.finishRequest(header, frame)
    }
  }

  private notify(header: ReplyHeader, { type, path }: WatcherEvent): void {
    const name = eventName(type)
    if (name === undefined) return
    const event: WatchEvent = { type: name, path, zxid: header.zxid }
    this.effect({ type: 'event', watchers: this.watches.take(name, path), event })
  }

  private finishRequest(header: ReplyHeader, body: Input): void {
    const due = this.outstanding.next
    const request = this.outstanding.take(header.xid)
    if (request === undefined) {
      return this.breakOff(`the server answered request ${header.xid} where ${due ?? 'none'} was due`)
    }
    if (header.zxid > 0) this.lastZxid = header.zxid
    this.setWatch(request, header.err)
    if (request === CLOSE_REQUEST) return this.end('closed', ErrorCode.SESSIONEXPIRED)
    this.effect({ type: 'reply', request, error: header.err, body: header.err === 0 ? body : undefined })
  }

  /** `exists` leaves a watch on a missing znode too; everything else leaves one only where it succeeds. */
  private setWatch({ watch }: Request, error: number): void {
    if (watch === undefined) return
    const { kind, path, watcher } = watch
    if (kind === 'exists') {
      if (error === 0) this.watches.add('data', path, watcher)
      else if (error === ErrorCode.NONODE) this.watches.add('exists', path, watcher)
    } else if (error === 0) {
      this.watches.add(kind, path, watcher)
    }
  }

  private request(request: Request): void {
    if (this.phase === 'ended') return this.refuse(request, this.endError)
    if (this.closing) return this.refuse(request, ErrorCode.CONNECTIONLOSS)
    if (this.waiting.length + this.outstanding.size >= MAX_REQUESTS) return this.refuse(request, ErrorCode.THROTTLEDOP)
    if (this.phase === 'connected') this.sendRequest(request)
    else this.waiting.push(request)
  }

  private refuse(request: Request, error: number): void {
    this.effect({ type: 'reply', request, error, body: undefined })
  }

  private sendRequest(request: Request): void {
    this.send(requestFrame(this.outstanding.add(request), request.type, request.write))
  }

  private addAuth(request: AuthRequest): void {
    if (this.phase === 'ended') return this.effect({ type: 'authReply', auth: request, error: this.endError })
    const auth = { auth: request, answered: false }
    this.auths.push(auth)
    if (this.phase === 'connected') this.sendAuth(auth)
  }

  private sendAuth(auth: Auth): void {
    this.authsInFlight.push(auth)
    const packet = { type: 0, scheme: auth.auth.scheme, auth: auth.auth.auth }
    this.send(requestFrame(Xid.auth, OpCode.auth, (output) => AuthPacket.write(output, packet)))
  }

  private finishAuth(error: number): void {
    if (error !== 0) return this.failAuthentication()
    const auth = this.authsInFlight.shift()
    if (auth !== undefined) this.answerAuth(auth, 0)
  }

  private answerAuth(auth: Auth, error: number): void {
    if (auth.answered) return
    auth.answered = true
    this.effect({ type: 'authReply', auth: auth.auth, error })
  }

  private failAuthentication(reason?: string): void {
    this.end('authFailed', ErrorCode.AUTHFAILED, reason)
  }

  private close(): void {
    if (this.phase === 'ended' || this.closing) return
    this.closing = true
    if (this.phase === 'connected') this.sendRequest(CLOSE_REQUEST)
    else this.end('closed', ErrorCode.SESSIONEXPIRED)
  }

  private timePassed(): void {
    const deadline = this.deadline
    if (deadline === undefined || this.nowMs < deadline) return
    if (this.phase === 'disconnected') return this.connect()
    if (this.phase !== 'connected') return this.breakOff('the server did not answer in time')
    if (this.nowMs >= this.lastReceivedMs + this.readTimeoutMs) {
      return this.breakOff(`nothing heard from the server in ${Math.round(this.readTimeoutMs)} ms`)
    }
    this.send(requestFrame(Xid.ping, OpCode.ping, () => {}))
  }

  private breakOff(reason: string): void {
    this.effect({ type: 'disconnect' })
    this.lose(reason)
  }

  private lose(reason: string): void {
    if (this.closing) return this.end('closed', ErrorCode.SESSIONEXPIRED)
    this.phase = 'disconnected'
    this.failuresInARow++
    // The first try at each server of the list follows at once; after a round, in a pause drawn at random.
    const isNewRound = this.failuresInARow >= this.servers.size
    this.dueMs = this.nowMs + (isNewRound ? MAX_PAUSE_MS * (0.1 + 0.9 * this.options.random()) : 0)
    this.effect({ type: 'state', state: 'disconnected', reason })
    this.failRequests(ErrorCode.CONNECTIONLOSS)
  }

  private end(state: 'expired' | 'authFailed' | 'closed', error: number, reason?: string): void {
    const wasOnline = this.isOnline
    this.phase = 'ended'
    this.endError = error
    if (wasOnline) this.effect({ type: 'disconnect' })
    this.effect({ type: 'state', state, ...(reason === undefined ? {} : { reason }) })
    this.failRequests(error)
    for (const auth of this.auths) this.answerAuth(auth, error)
    this.watches.clear()
  }

  private failRequests(error: number): void {
    const requests = [...this.outstanding.takeAll(), ...this.waiting]
    this.waiting = []
    this.authsInFlight = []
    for (const request of requests) if (request !== CLOSE_REQUEST) this.refuse(request, error)
  }
}

function requestFrame(xid: number, type: number, write: (output: Output) => void): Bytes {
  return frameOf((output) => {
    RequestHeader.write(output, { xid, type })
    write(output)
  })
}
