/**
 * An engine as a driver runs it, for tests: the clock is a number, the log becomes durable when the test says so, and a
 * connection is a pipe of bytes whose replies and events are decoded with the protocol's own codecs.
 */
import assert from 'node:assert/strict'
import type { Acl, Bytes, Id, Infer, LoggedTxn, MultiRead, MultiResult, MultiWrite, Zxid } from '@meerkat/protocol'
import {
  Input,
  NO_SESSION,
  OPERATIONS,
  Output,
  Permission,
  ReplyHeader,
  RequestHeader,
  WatcherEvent,
  Xid,
  bytesOf,
  copyOf,
  errorName,
  firstSessionId,
  frameOf,
  readConnectRequest,
  readConnectResponse,
  readLogRecord,
  readLoggedTxn,
  readMultiResults,
  writeConnectRequest,
  writeMulti,
  zeros,
  zxidOf,
  type ConnectRequestFrame,
  type ConnectResponseFrame,
  type OperationName,
} from '@meerkat/protocol'
import {
  DEFAULT_AUTHORIZATION_RULES,
  Engine,
  NO_OBSERVER,
  Recovery,
  type Authenticator,
  type CloseReason,
  type Connection,
  type EngineRules,
  type Observer,
  type State,
} from '../src/index.ts'

export const RULES: EngineRules = {
  authorization: DEFAULT_AUTHORIZATION_RULES,
  tickMs: 2000,
  minSessionTimeoutMs: 4000,
  maxSessionTimeoutMs: 40_000,
  serverId: 1,
  digestEnabled: true,
  enforceQuota: false,
  closeSessionTxnEnabled: true,
  extendedTypes: true,
  emulate353Ttl: false,
  containers: { checkIntervalMs: 60_000, maxPerMinute: 10_000, maxNeverUsedIntervalMs: 0 },
}
/** The wall clock when a test's clock stands at 0. */
export const EPOCH_MS = 1_700_000_000_000
export const SEED = 7
export const FIRST_SESSION = firstSessionId({ elapsedMs: 0, serverId: 1 })
export const OPEN: Acl[] = [{ perms: Permission.all, id: { scheme: 'world', id: 'anyone' } }]

export function aclOf(perms: number, scheme: string, id: string): Acl {
  return { perms, id: { scheme, id } }
}

/** digest takes any `user:password` for its own id; a user named super is the super user; sasl needs two steps. */
const authenticator: Authenticator = {
  authenticate(_connection, scheme, auth) {
    const text = textOf(auth)
    if (scheme !== 'digest' || !text.includes(':')) return 'failed'
    const identity: Id = { scheme: 'digest', id: text }
    return text.startsWith('super:') ? [identity, { scheme: 'super', id: '' }] : [identity]
  },
  sasl(_connection, token) {
    const text = textOf(token)
    if (text === 'first') return { kind: 'continue', token: bytesOf('more') }
    if (text === 'second') return { kind: 'done', token: null, identities: [{ scheme: 'sasl', id: 'bob' }] }
    return { kind: 'failed', err: -115, close: text !== 'tolerated' }
  },
  mayProceed: () => true,
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? '' : copyOf(bytes).toString()
}

export interface TestServerOptions {
  readonly rules?: Partial<EngineRules>
  readonly state?: State
  readonly mayProceed?: Authenticator['mayProceed']
  readonly observer?: Partial<Observer>
}

function makeRules(rules: Partial<EngineRules> = {}): EngineRules {
  return { ...RULES, ...rules }
}

export function freshRecovery(rules: Partial<EngineRules> = {}): Recovery {
  return new Recovery({ rules: makeRules(rules), seed: SEED, firstSessionId: FIRST_SESSION })
}

export class TestServer {
  readonly engine: Engine
  /** What is durable: what a restart would replay. */
  readonly log: LoggedTxn[] = []
  /** What was taken from the engine, and is not durable. */
  readonly unsynced: LoggedTxn[] = []
  elapsedMs = 0
  private readonly clients = new Map<Connection, Client>()

  constructor({ rules, state, mayProceed, observer }: TestServerOptions = {}) {
    const recovered = state ?? freshRecovery(rules).finish()
    this.engine = new Engine({
      state: recovered,
      authenticator: mayProceed === undefined ? authenticator : { ...authenticator, mayProceed },
      observer: { ...NO_OBSERVER, ...observer },
    })
    this.engine.start(EPOCH_MS, 0)
  }

  get state(): State {
    return this.engine.state
  }

  get zxid(): Zxid {
    return this.engine.lastZxid
  }

  // --- the clock ---

  tick(ms: number): void {
    this.elapsedMs += ms
    this.engine.tick(EPOCH_MS + this.elapsedMs, this.elapsedMs)
    this.flush()
  }

  /** Moves the clock without saying that time has passed. */
  setClock(ms: number): void {
    this.elapsedMs = ms
    this.engine.setClock(EPOCH_MS + ms, ms)
  }

  // --- the log ---

  /** Takes what has gathered, as the driver does when the disk is free. */
  take(): LoggedTxn[] {
    const group = this.engine.takeLogGroup()
    if (group === undefined) return []
    const txns = decodeLog(copyOf(group.records.written()))
    assert.equal(txns.at(0)?.header.zxid, group.first)
    assert.equal(txns.at(-1)?.header.zxid, group.last)
    this.unsynced.push(...txns)
    return txns
  }

  /** What was taken is durable, all of it or up to `zxid`. */
  durable(zxid: number = this.unsynced.at(-1)?.header.zxid ?? 0): void {
    const count = this.unsynced.findLastIndex(({ header }) => header.zxid <= zxid) + 1
    this.log.push(...this.unsynced.splice(0, count))
    this.engine.durable(zxidOf(zxid))
    this.flush()
  }

  /** Everything that is in flight becomes durable. */
  commit(): void {
    while (this.take().length > 0 || this.unsynced.length > 0) this.durable()
  }

  failLog(): void {
    this.unsynced.length = 0
    this.engine.logFailure()
    this.flush()
  }

  recoverLog(): void {
    this.engine.logRecovered()
  }

  /** The last transaction that became durable. */
  get last(): LoggedTxn {
    const last = this.log.at(-1)
    assert.ok(last)
    return last
  }

  // --- connections ---

  /** A bare connection that has said nothing. */
  open(identities: Id[] = [{ scheme: 'ip', id: '127.0.0.1' }]): Client {
    const client = new Client(this, this.engine.open(identities))
    this.clients.set(client.connection, client)
    return client
  }

  /** A connection with a new session. */
  connect(timeoutMs = 10_000): Client {
    const client = this.open()
    client.handshake({ timeOut: timeoutMs })
    this.commit()
    assert.equal(client.connection.state, 'established')
    return client
  }

  /** Sends and closes as the effects say. */
  flush(): void {
    const { dirty, closing } = this.engine.effects
    for (const connection of dirty.splice(0)) {
      const { output } = connection
      if (output === undefined) continue
      this.clients.get(connection)?.receive(copyOf(output.written()))
      output.length = 0
    }
    for (const { connection, reason } of closing.splice(0)) {
      const client = this.clients.get(connection)
      if (client !== undefined) client.closedBecause = reason
    }
  }
}

export function decodeLog(bytes: Bytes): LoggedTxn[] {
  const txns: LoggedTxn[] = []
  for (let at = 0; ;) {
    const found = readLogRecord(bytes, at, bytes.length)
    if (found.kind !== 'record') {
      assert.equal(found.kind, 'end')
      return txns
    }
    const input = new Input(bytes, found.start, found.end)
    txns.push(readLoggedTxn(input))
    assert.equal(input.remaining, 0)
    at = found.next
  }
}

type Name = OperationName
export type RequestOf<N extends Name> = N extends 'multi'
  ? readonly MultiWrite[]
  : N extends 'multiRead'
    ? readonly MultiRead[]
    : Infer<(typeof OPERATIONS)[N]['request']>
export type BodyOf<N extends Name> = N extends 'multi' | 'multiRead'
  ? MultiResult[]
  : Infer<(typeof OPERATIONS)[N]['response']>

export interface Reply<N extends Name = Name> {
  readonly kind: 'reply'
  readonly name: N
  readonly xid: number
  readonly zxid: number
  readonly err: number
  /** Undefined where the error says it all. */
  readonly body: BodyOf<N> | undefined
}

export interface Notification {
  readonly kind: 'event'
  readonly zxid: number
  readonly type: number
  readonly path: string
}

export type Received = Reply | Notification | ({ readonly kind: 'connected' } & ConnectResponseFrame)

export class Client {
  readonly connection: Connection
  /** Everything that came, in order. */
  readonly received: Received[] = []
  /** The handshake's reply, as bytes. */
  handshakeBytes: Bytes | undefined
  session: ConnectResponseFrame | undefined
  closedBecause: CloseReason | undefined
  private readonly server: TestServer
  private readonly asked = new Map<number, Name[]>()
  private nextXid = 1
  private isShakingHands = true

  constructor(server: TestServer, connection: Connection) {
    this.server = server
    this.connection = connection
  }

  handshake(request: Partial<ConnectRequestFrame> = {}): void {
    const output = new Output()
    writeConnectRequest(output, {
      protocolVersion: 0,
      lastZxidSeen: zxidOf(0),
      timeOut: 10_000,
      sessionId: NO_SESSION,
      passwd: zeros(16),
      readOnly: false,
      ...request,
    })
    this.server.engine.connect(this.connection, readConnectRequest(new Input(output.written(), 4)))
    this.server.flush()
  }

  /** Goes on with the session of another connection. */
  attach(other: Client): void {
    assert.ok(other.session)
    this.handshake({ sessionId: other.session.sessionId, passwd: other.session.passwd })
  }

  /** The connection breaks. */
  drop(): void {
    this.server.engine.closed(this.connection)
  }

  /** A request as bytes, with its length. */
  frame<N extends Name>(name: N, request: RequestOf<N>, xid: number = this.xidOf(name)): Bytes {
    return this.rawFrame(name, xid, (output) => {
      const { request: codec } = OPERATIONS[name] as { request: { write(output: Output, value: unknown): void } }
      if (name === 'multi' || name === 'multiRead') writeMulti(output, request as MultiWrite[])
      else codec.write(output, request)
    })
  }

  /** The same with a body that is written by hand. */
  rawFrame(name: Name, xid: number, writeBody: (output: Output) => void): Bytes {
    this.asked.set(xid, [...(this.asked.get(xid) ?? []), name])
    return copyOf(
      frameOf((output) => {
        RequestHeader.write(output, { xid, type: OPERATIONS[name].code })
        writeBody(output)
      }),
    )
  }

  private xidOf(name: Name): number {
    if (name === 'ping') return Xid.ping
    if (name === 'auth') return Xid.auth
    return name === 'setWatches' || name === 'setWatches2' ? Xid.setWatches : this.nextXid++
  }

  /** Several frames in one read of the socket. */
  sendBytes(...frames: readonly Bytes[]): void {
    const bytes = copyOf(Buffer.concat(frames))
    this.server.engine.requests(this.connection, bytes, 0, bytes.length)
    this.server.flush()
  }

  send<N extends Name>(name: N, request: RequestOf<N>): void {
    this.sendBytes(this.frame(name, request))
  }

  /** Sends, lets the log become durable, and gives the reply. */
  call<N extends Name>(name: N, request: RequestOf<N>): Reply<N> {
    const before = this.received.length
    this.send(name, request)
    this.server.commit()
    const reply = this.received.slice(before).findLast((one) => one.kind === 'reply' && one.name === name)
    assert.ok(reply, `no reply to ${name}`)
    return reply as Reply<N>
  }

  /** A call that must succeed. */
  ok<N extends Name>(name: N, request: RequestOf<N>): BodyOf<N> {
    const { err, body } = this.call(name, request)
    assert.equal(errorName(err), 'OK')
    return body as BodyOf<N>
  }

  /** A call that must fail; the name of its error. */
  fails<N extends Name>(name: N, request: RequestOf<N>): string | undefined {
    const { err, body } = this.call(name, request)
    assert.notEqual(err, 0)
    assert.equal(body, undefined)
    return errorName(err)
  }

  create(
    path: string,
    { data = '', acl = OPEN, flags = 0 }: { data?: string; acl?: Acl[]; flags?: number } = {},
  ): string {
    return this.ok('create2', { path, data: bytesOf(data), acl, flags }).path
  }

  authenticate(text: string): void {
    assert.equal(this.call('auth', { type: 0, scheme: 'digest', auth: bytesOf(text) }).err, 0)
  }

  stat(path: string): BodyOf<'exists'>['stat'] {
    return this.ok('exists', { path, watch: false }).stat
  }

  get events(): Notification[] {
    return this.received.filter((one) => one.kind === 'event')
  }

  get replies(): Reply[] {
    return this.received.filter((one) => one.kind === 'reply')
  }

  receive(bytes: Bytes): void {
    for (let at = 0; at < bytes.length;) {
      const length = new DataView(bytes.buffer, bytes.byteOffset + at).getInt32(0)
      const input = new Input(bytes, at + 4, at + 4 + length)
      if (this.isShakingHands) this.receiveHandshake(input, copyOf(bytes.subarray(at, at + 4 + length)))
      else this.receiveMessage(input)
      assert.equal(input.remaining, 0, 'a message is longer than what it says')
      at += 4 + length
    }
  }

  private receiveHandshake(input: Input, bytes: Bytes): void {
    this.isShakingHands = false
    this.handshakeBytes = bytes
    this.session = readConnectResponse(input)
    this.received.push({ kind: 'connected', ...this.session })
  }

  private receiveMessage(input: Input): void {
    const { xid, zxid, err } = ReplyHeader.read(input)
    if (xid === Xid.notification) {
      const { type, path } = WatcherEvent.read(input)
      this.received.push({ kind: 'event', zxid, type, path })
      return
    }
    const name = this.asked.get(xid)?.shift()
    assert.ok(name, `a reply to ${xid}, which was not asked`)
    this.received.push({ kind: 'reply', name, xid, zxid, err, body: this.readBody(name, err, input) })
  }

  private readBody(name: Name, err: number, input: Input): Reply['body'] {
    if (name === 'sasl') return OPERATIONS.sasl.response.read(input)
    if (err !== 0) return undefined
    if (name === 'multi' || name === 'multiRead') return readMultiResults(input)
    return OPERATIONS[name].response.read(input)
  }
}
