/**
 * A client's session as the real libraries keep it, with everything written down: it connects again when its connection
 * breaks, tells the server then what it watches, and is over when the server says so.
 */
import {
  ErrorCode,
  EventType,
  FrameError,
  FrameSplitter,
  Input,
  JuteError,
  NO_BYTES,
  NO_SESSION,
  OpCode,
  Output,
  readConnectResponse,
  ReplyHeader,
  RequestHeader,
  frameOf,
  WatcherEvent,
  writeConnectRequest,
  Xid,
  zeros,
  zxidOf,
  type Bytes,
  type SessionId,
} from '@meerkat/protocol'
import type { History, Request, Result, Watched } from '../history/history.ts'
import type { User } from './users.ts'
import { decodeResult, encodeAuth, encodeRequest } from './wire.ts'

/** A connection under way. `close` is heard of by nobody. */
export interface Transport {
  send(bytes: Bytes): void
  close(): void
}

export interface TransportEvents {
  opened(): void
  received(bytes: Bytes): void
  closed(): void
}

export interface SessionOptions {
  readonly history: History
  readonly timeoutMs: number
  /** Who the client says it is, first of all on each connection. */
  readonly users: readonly User[]
  readonly dial: (events: TransportEvents) => Transport
}

export interface Answer {
  readonly zxid: number
  readonly err: number
  readonly result: Result
}

interface Waiting {
  readonly xid: number
  readonly request: Request
  readonly done: (answer: Answer | undefined) => void
}

const MAX_FRAME = 4 * 1024 * 1024

export class ClientSession {
  id: SessionId = NO_SESSION
  /** What the server granted. */
  timeoutMs: number
  state: 'idle' | 'connecting' | 'connected' | 'over' = 'idle'
  /** Told when a connection is there, and when it is not any more. */
  onState: () => void = () => {}
  private readonly options: SessionOptions
  private password: Bytes = zeros(16)
  private transport: Transport | undefined
  private frames = new FrameSplitter(MAX_FRAME)
  private connection = 0
  private isClosing = false
  private waiting: Waiting[] = []
  private connected: (() => void)[] = []
  private pings: Waiting['done'][] = []
  private nextXid = 1
  private lastZxid = 0
  private readonly watched: Record<keyof Watched, Set<string>> = {
    data: new Set(),
    exist: new Set(),
    child: new Set(),
    persistent: new Set(),
    recursive: new Set(),
  }

  constructor(options: SessionOptions) {
    this.options = options
    this.timeoutMs = options.timeoutMs
  }

  /** Requests without an answer. */
  get outstanding(): number {
    return this.waiting.length
  }

  connect(): void {
    if (this.state !== 'idle') return
    this.state = 'connecting'
    this.frames = new FrameSplitter(MAX_FRAME)
    this.connection = this.options.history.newConnection()
    const { connection } = this
    const whileCurrent = (action: () => void): void => {
      if (this.connection === connection && this.transport !== undefined) action()
    }
    this.transport = this.options.dial({
      opened: () => whileCurrent(() => this.sendHandshake()),
      received: (bytes) => whileCurrent(() => this.receive(bytes)),
      closed: () => whileCurrent(() => this.lose()),
    })
  }

  private sendHandshake(): void {
    const output = new Output(64)
    writeConnectRequest(output, {
      protocolVersion: 0,
      lastZxidSeen: zxidOf(this.lastZxid),
      timeOut: this.options.timeoutMs,
      sessionId: this.id,
      passwd: this.password,
      readOnly: false,
    })
    this.transport?.send(output.written())
  }

  /** Gives up the connection, and with it every request that was not answered. */
  lose(): void {
    const { transport } = this
    if (transport === undefined) return
    this.transport = undefined
    transport.close()
    if (this.state === 'connected') this.options.history.note({ kind: 'lost', connection: this.connection })
    this.state = this.isClosing || this.state === 'over' ? 'over' : 'idle'
    const unanswered = [...this.waiting.map(({ done }) => done), ...this.pings]
    this.waiting = []
    this.pings = []
    for (const done of unanswered) done(undefined)
    this.onState()
  }

  /** Fulfilled once there is a connection, at once if there is. */
  whenConnected(): Promise<void> {
    if (this.state === 'connected') return Promise.resolve()
    return new Promise((resolve) => {
      this.connected.push(resolve)
    })
  }

  /** Undefined if the connection broke before there was an answer. */
  call(request: Request): Promise<Answer | undefined> {
    const { transport } = this
    if (this.state !== 'connected' || transport === undefined) return Promise.resolve(undefined)
    const xid = request.op === 'setWatches' ? Xid.setWatches : this.nextXid++
    if (request.op === 'closeSession') this.isClosing = true
    this.options.history.note({ kind: 'call', connection: this.connection, xid, request })
    return new Promise((resolve) => {
      this.waiting.push({ xid, request, done: resolve })
      transport.send(encodeRequest(xid, request))
    })
  }

  /** Keeps the session alive. */
  ping(): Promise<Answer | undefined> {
    const { transport } = this
    if (this.state !== 'connected' || transport === undefined) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      this.pings.push(resolve)
      transport.send(frameOf((output) => RequestHeader.write(output, { xid: Xid.ping, type: OpCode.ping })))
    })
  }

  private receive(chunk: Bytes): void {
    try {
      this.frames.push(chunk, (bytes, start, end) => this.messages(bytes, start, end))
    } catch (error) {
      if (!(error instanceof FrameError || error instanceof JuteError)) throw error
      this.options.history.note({ kind: 'garbled', connection: this.connection, text: error.message })
      this.lose()
    }
  }

  private messages(bytes: Bytes, start: number, end: number): void {
    const input = new Input(NO_BYTES)
    for (let at = start; at < end && this.transport !== undefined;) {
      input.over(bytes, at, end)
      const next = at + 4 + input.int()
      input.over(bytes, at + 4, next)
      this.message(input)
      at = next
    }
  }

  private message(input: Input): void {
    if (this.state === 'connecting') return this.shaken(input)
    const { xid, zxid, err } = ReplyHeader.read(input)
    if (zxid > this.lastZxid) this.lastZxid = zxid
    if (xid === Xid.notification) this.event(zxid, WatcherEvent.read(input))
    else if (xid === Xid.auth) this.identified(err)
    else if (xid === Xid.ping) this.pings.shift()?.({ zxid, err, result: {} })
    else this.reply({ xid, zxid, err }, input)
  }

  private identified(err: number): void {
    if (err === ErrorCode.OK) return
    const text = `addAuth with the right password was answered ${err}`
    this.options.history.note({ kind: 'garbled', connection: this.connection, text })
    this.lose()
  }

  private shaken(input: Input): void {
    const { connection, options } = this
    const { passwd, sessionId, timeOut } = readConnectResponse(input)
    if (sessionId === NO_SESSION || timeOut <= 0) {
      options.history.note({ kind: 'refused', connection, session: this.id })
      this.state = 'over'
      return this.lose()
    }
    this.id = sessionId
    this.password = passwd ?? zeros(16)
    this.timeoutMs = timeOut
    this.state = 'connected'
    options.history.note({ kind: 'connected', connection, session: sessionId, timeoutMs: timeOut })
    this.identify()
    this.watchAgain()
    for (const resolve of this.connected.splice(0)) resolve()
    this.onState()
  }

  private identify(): void {
    for (const user of this.options.users) {
      this.options.history.note({ kind: 'identified', connection: this.connection, identity: user.digestId })
      this.transport?.send(encodeAuth(user))
    }
  }

  private watchAgain(): void {
    const list = (kind: keyof Watched): string[] => [...this.watched[kind]]
    const watched = {
      data: list('data'),
      exist: list('exist'),
      child: list('child'),
      persistent: list('persistent'),
      recursive: list('recursive'),
    }
    if (Object.values(watched).every(({ length }) => length === 0)) return
    void this.call({ op: 'setWatches', relativeZxid: this.lastZxid, watched })
  }

  private event(zxid: number, { type, path }: WatcherEvent): void {
    this.options.history.note({ kind: 'event', connection: this.connection, zxid, type, path })
    const { data, exist, child } = this.watched
    if (type === EventType.nodeChildrenChanged) return void child.delete(path)
    data.delete(path)
    exist.delete(path)
    if (type === EventType.nodeDeleted) child.delete(path)
  }

  private reply({ xid, zxid, err }: { xid: number; zxid: number; err: number }, input: Input): void {
    const first = this.waiting.shift()
    if (first === undefined || first.xid !== xid) {
      // Whatever else is wrong, it is not known what this answers.
      this.options.history.note({ kind: 'reply', connection: this.connection, xid, zxid, err, result: {} })
      return
    }
    const { request } = first
    const result = err === ErrorCode.OK ? decodeResult(request, input) : {}
    this.options.history.note({ kind: 'reply', connection: this.connection, xid, zxid, err, result })
    this.noteWatch(request, err)
    first.done({ zxid, err, result })
  }

  private noteWatch(request: Request, err: number): void {
    const isThere = err === ErrorCode.OK
    if (!isThere && err !== ErrorCode.NONODE) return
    if (request.op === 'addWatch' && isThere) this.watched[request.mode].add(request.path)
    if (!('watch' in request) || !request.watch) return
    if (request.op === 'exists') this.watched[isThere ? 'data' : 'exist'].add(request.path)
    else if (isThere) this.watched[request.op === 'getData' ? 'data' : 'child'].add(request.path)
  }
}
