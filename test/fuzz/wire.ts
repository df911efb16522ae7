/** A client of nothing but bytes: it can send what no client library would. */
import {
  type Bytes,
  FrameSplitter,
  Input,
  OPERATIONS,
  type OperationName,
  Output,
  ReplyHeader,
  RequestHeader,
  type SessionId,
  type Zxid,
  asBytes,
  frameOf,
  readConnectResponse,
  writeConnectRequest,
  zeros,
} from '@meerkat/protocol'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** The longest frame that a server may answer with, in bytes. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024
/** Milliseconds after which a server that neither answers nor closes is given up. */
const PATIENCE_MS = 10_000

export interface Session {
  readonly sessionId: SessionId
  readonly password: Bytes
  readonly timeoutMs: number
}

export interface Reply {
  readonly xid: number
  readonly zxid: Zxid
  readonly err: number
  /** What follows the header. */
  readonly body: Bytes
}

export class Wire {
  readonly socket: Socket
  private readonly frames: Bytes[] = []
  private readonly splitter = new FrameSplitter(MAX_FRAME_BYTES)
  /** The server closed the connection; what it sent before may still be read. */
  isClosed = false
  private wake: () => void = () => {}
  private xid = 0

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.splitter.push(asBytes(chunk), (bytes, start, end) => this.keep(bytes, start, end))
      this.wake()
    })
    // A reset is one way for a server to close a connection.
    socket.on('error', () => {})
    socket.once('close', () => {
      this.isClosed = true
      this.wake()
    })
  }

  static async open(port: number): Promise<Wire> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return new Wire(socket)
  }

  /** A connection whose session is established. */
  static async withSession(port: number, session?: Session): Promise<{ wire: Wire; session: Session }> {
    const wire = await Wire.open(port)
    const established = await wire.handshake(session === undefined ? {} : { session })
    if (established === undefined) throw new Error('the server refused the session')
    return { wire, session: established }
  }

  private keep(bytes: Bytes, start: number, end: number): void {
    const input = new Input(bytes, start, end)
    while (input.remaining > 0) {
      const length = input.int()
      const at = input.take(length)
      this.frames.push(bytes.subarray(at, at + length))
    }
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes)
  }

  /** The next frame without its length, or undefined once the server closed the connection. */
  async frame(): Promise<Bytes | undefined> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const frame = this.frames.shift()
      if (frame !== undefined) return frame
      if (this.isClosed) return undefined
      await this.news(deadline)
    }
  }

  /** Resolves when the server closed the connection; what it sent before stays to be read. */
  async closed(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    while (!this.isClosed) await this.news(deadline)
  }

  private async news(deadline: number): Promise<void> {
    const late = new AbortController()
    await Promise.race([
      new Promise<void>((resolve) => (this.wake = resolve)),
      sleep(deadline - Date.now(), undefined, { signal: late.signal }).catch(() => {}),
    ])
    late.abort()
    if (Date.now() >= deadline) throw new Error(`the server neither answered nor closed within ${PATIENCE_MS} ms`)
  }

  /** Asks for a session, new or known; undefined if it is refused, in words or by closing. */
  async handshake(wish: { session?: Session; password?: Bytes; lastZxidSeen?: number; timeoutMs?: number } = {}) {
    this.send(connectFrame(wish))
    const frame = await this.frame()
    if (frame === undefined) return undefined
    const { sessionId, passwd, timeOut } = readConnectResponse(new Input(frame))
    if (timeOut <= 0 || passwd === null) return undefined
    return { sessionId, password: passwd, timeoutMs: timeOut } satisfies Session
  }

  /** The next reply, events included; undefined once the server closed the connection. */
  async reply(): Promise<Reply | undefined> {
    const frame = await this.frame()
    if (frame === undefined) return undefined
    const input = new Input(frame)
    return { ...ReplyHeader.read(input), body: frame.subarray(input.offset) }
  }

  /** Sends a request of the table and waits for its reply; events in between are dropped. */
  async request<N extends OperationName>(
    name: N,
    body: Parameters<(typeof OPERATIONS)[N]['request']['write']>[1],
  ): Promise<Reply> {
    const { code, request } = OPERATIONS[name]
    const xid = ++this.xid
    this.send(
      requestFrame({ xid, type: code }, (output) => {
        ;(request.write as (output: Output, value: unknown) => void)(output, body)
      }),
    )
    for (;;) {
      const reply = await this.reply()
      if (reply === undefined) throw new Error(`the connection was closed instead of an answer to ${name}`)
      if (reply.xid === xid) return reply
    }
  }

  close(): void {
    this.socket.destroy()
  }
}

export function connectFrame({
  session,
  password = session?.password ?? zeros(16),
  lastZxidSeen = 0,
  timeoutMs = 20_000,
}: { session?: Session; password?: Bytes; lastZxidSeen?: number; timeoutMs?: number } = {}): Bytes {
  const output = new Output()
  writeConnectRequest(output, {
    protocolVersion: 0,
    lastZxidSeen: lastZxidSeen as Zxid,
    timeOut: timeoutMs,
    sessionId: session?.sessionId ?? (0n as SessionId),
    passwd: password,
    readOnly: false,
  })
  return output.written()
}

export function requestFrame(header: { xid: number; type: number }, body: (output: Output) => void): Bytes {
  return frameOf((output) => {
    RequestHeader.write(output, header)
    body(output)
  })
}
