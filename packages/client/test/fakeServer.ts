/** A scripted server behind a transport in memory: it shakes hands, and answers each request as it is told to. */
import {
  asBytes,
  FrameSplitter,
  frameOf,
  Input,
  readConnectRequest,
  ReplyHeader,
  RequestHeader,
  sessionIdOf,
  WatcherEvent,
  writeConnectResponse,
  Output,
  zeros,
  zxidOf,
  type Bytes,
} from '@meerkat/protocol'
import type { OpenTransport, TransportListener } from '../src/transport.ts'

/** What the server says to a request: an error code, or a record. Nothing is said to undefined. */
export type Answer = (request: { type: number; body: Input }) => number | ((output: Output) => void) | undefined

export class FakeServer {
  /** The types of the requests that came, in order. */
  readonly received: number[] = []
  private readonly answer: Answer
  private listener: TransportListener | undefined
  private isGreeted = false

  constructor(answer: Answer) {
    this.answer = answer
  }

  readonly open: OpenTransport = (_, listener) => {
    const splitter = new FrameSplitter(1_000_000)
    this.listener = listener
    this.isGreeted = false
    queueMicrotask(() => listener.opened())
    return {
      send: (bytes) => splitter.push(bytes, (chunk, start, end) => this.frames(chunk, start, end)),
      close: () => (this.listener = undefined),
    }
  }

  /** Breaks the connection. */
  drop(): void {
    this.listener?.lost('dropped')
  }

  fire(type: number, path: string): void {
    this.say((output) => {
      ReplyHeader.write(output, { xid: -1, zxid: zxidOf(3), err: 0 })
      WatcherEvent.write(output, { type, state: 3, path })
    })
  }

  private frames(chunk: Bytes, start: number, end: number): void {
    const lengths = new Input(chunk, start, end)
    while (lengths.remaining > 0) {
      const length = lengths.int()
      const at = lengths.take(length)
      this.request(new Input(chunk, at, at + length))
    }
  }

  private request(input: Input): void {
    if (!this.isGreeted) return this.greet(input)
    const { xid, type } = RequestHeader.read(input)
    this.received.push(type)
    const answer = this.answer({ type, body: input })
    if (answer === undefined) return
    const err = typeof answer === 'number' ? answer : 0
    this.say((output) => {
      ReplyHeader.write(output, { xid, zxid: zxidOf(1), err })
      if (typeof answer === 'function') answer(output)
    })
  }

  private greet(input: Input): void {
    this.isGreeted = true
    const { timeOut } = readConnectRequest(input)
    const output = new Output()
    const response = { protocolVersion: 0, timeOut, sessionId: sessionIdOf(7n), passwd: zeros(16), readOnly: false }
    writeConnectResponse(output, response)
    this.deliver(output.written())
  }

  private say(write: (output: Output) => void): void {
    this.deliver(frameOf(write))
  }

  private deliver(bytes: Bytes): void {
    const { listener } = this
    queueMicrotask(() => {
      if (listener === this.listener) listener?.received(asBytes(bytes))
    })
  }
}
