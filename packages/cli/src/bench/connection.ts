/** A bare connection for a load: requests are written in batches, replies are counted and hardly read. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import {
  errorName,
  FrameSplitter,
  NO_SESSION,
  OpCode,
  Output,
  PASSWORD_LENGTH,
  writeConnectRequest,
  zeros,
  zxidOf,
  type Bytes,
} from '@meerkat/protocol'
import { writeFrame } from './workload.ts'

const SESSION_TIMEOUT_MS = 30_000
/** Replies to requests for all children can be long. */
const MAX_FRAME = 64 * 1024 * 1024

export interface Busy {
  readonly depth: number
  /** Writes the next request, or says that there is none. */
  next(output: Output, xid: number): boolean
  replied(latencyMs: number, error: number): void
}

export type WriteRequest = (output: Output, xid: number) => void

export class BenchConnection {
  private readonly socket: Socket
  private readonly splitter = new FrameSplitter(MAX_FRAME)
  private readonly name: string
  private output = new Output(64 * 1024)
  private xid = 1
  /** When each outstanding request was sent, oldest first: replies come in the order of requests. */
  private began: number[] = []
  private beganHead = 0
  private busy: Busy | undefined
  private isDone: () => void = () => {}
  private fail: (error: Error) => void = () => {}
  private isClosing = false

  private constructor(socket: Socket, name: string) {
    this.socket = socket
    this.name = name
    socket.setNoDelay(true)
    let problem = 'the server closed the connection'
    socket.on('error', (error) => (problem = error.message))
    socket.on('close', () => {
      if (!this.isClosing) this.fail(new Error(`${name}: ${problem}`))
    })
  }

  /** A connection with a session of its own. */
  static async open({ host, port }: { host: string; port: number }): Promise<BenchConnection> {
    const socket = connect(port, host)
    await once(socket, 'connect')
    const connection = new BenchConnection(socket, `${host}:${port}`)
    await connection.handshake()
    return connection
  }

  private handshake(): Promise<void> {
    const output = new Output()
    writeConnectRequest(output, {
      protocolVersion: 0,
      lastZxidSeen: zxidOf(0),
      timeOut: SESSION_TIMEOUT_MS,
      sessionId: NO_SESSION,
      passwd: zeros(PASSWORD_LENGTH),
      readOnly: false,
    })
    this.socket.write(output.written())
    return new Promise((resolve, reject) => {
      this.fail = reject
      const take = (chunk: Bytes): void =>
        this.splitter.push(chunk, () => {
          this.socket.off('data', take)
          this.socket.on('data', (bytes: Bytes) => this.receive(bytes))
          resolve()
        })
      this.socket.on('data', take)
    })
  }

  /** Sends all requests, `depth` at a time. Fails at the first that the server refuses. */
  async all(requests: Iterable<WriteRequest>, depth: number): Promise<void> {
    const remaining = requests[Symbol.iterator]()
    let refused: number | undefined
    await this.keepBusy({
      depth,
      next: (output, xid) => {
        const request = remaining.next()
        if (request.done || refused !== undefined) return false
        request.value(output, xid)
        return true
      },
      replied: (_, error) => {
        if (error !== 0) refused ??= error
      },
    })
    if (refused !== undefined) throw new Error(`${this.name} refused: ${errorName(refused) ?? refused}`)
  }

  /** Keeps `depth` requests outstanding until `next` has no more, and all are answered. */
  keepBusy(busy: Busy): Promise<void> {
    this.busy = busy
    return new Promise((resolve, reject) => {
      this.isDone = resolve
      this.fail = reject
      this.fill()
    })
  }

  private fill(): void {
    const { busy, output } = this
    if (busy === undefined) return
    const now = performance.now()
    while (this.began.length - this.beganHead < busy.depth && busy.next(output, this.xid)) {
      this.xid++
      this.began.push(now)
    }
    if (output.length > 0) {
      this.socket.write(output.written())
      // The bytes belong to the socket until they are sent.
      this.output = new Output(Math.max(1024, output.length))
    }
    if (this.began.length === this.beganHead) this.isDone()
  }

  private receive(chunk: Bytes): void {
    this.splitter.push(chunk, (bytes, start, end) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      for (let at = start; at < end; at += 4 + view.getInt32(at)) {
        // Events and pings have negative xids.
        if (view.getInt32(at + 4) > 0) this.reply(view.getInt32(at + 16))
      }
    })
    this.fill()
  }

  private reply(error: number): void {
    const began = this.began[this.beganHead++] ?? 0
    if (this.beganHead === 4096) {
      this.began.splice(0, this.beganHead)
      this.beganHead = 0
    }
    this.busy?.replied(performance.now() - began, error)
  }

  async close(): Promise<void> {
    this.isClosing = true
    if (this.socket.closed) return
    const output = new Output()
    writeFrame(output, this.xid, OpCode.closeSession, () => {})
    this.socket.end(output.written())
    this.socket.resume()
    await once(this.socket, 'close')
  }
}
