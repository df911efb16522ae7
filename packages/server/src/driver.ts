/**
 * Performs what the engine wants done: feeds it bytes and time, has its log groups written, sends its replies. The same
 * driver runs over sockets and a disk, and over the simulator's.
 */
import type { CloseReason, Connection, Engine } from '@meerkat/engine'
import type { Clock } from '@meerkat/io'
import type { Bytes, ConnectRequestFrame, Id } from '@meerkat/protocol'
import { FrameError, Input, JuteError, Output, readConnectRequest } from '@meerkat/protocol'
import { Client, type ClientLink } from './client.ts'
import type { FanOut } from './fanOut/fanOut.ts'
import { GroupCommit, type GroupCommitEvents, type Log } from './groupCommit.ts'
import type { FlushTiming } from './limits/flushTiming.ts'
import type { Intake, Run } from './limits/intake.ts'

export interface DriverOptions {
  readonly engine: Engine
  readonly log: Log
  readonly clock: Clock
  /** Runs a callback after the input that is there now: setImmediate. */
  readonly soon: (callback: () => void) => void
  readonly maxFrameBytes: number
  readonly globalOutstandingLimit: number
  /** Unsent bytes above which a connection is closed. */
  readonly sessionOutputBytes: number
  /** Whether a session may be begun or renewed now. */
  readonly admits: (request: ConnectRequestFrame) => boolean
  /** There if requests are limited otherwise than by `globalOutstandingLimit`. */
  readonly intake: Intake | undefined
  /** There if groups wait for more transactions. */
  readonly flushTiming: FlushTiming | undefined
  /** There if many may be sent to by more than one thread. */
  readonly fanOut?: FanOut | undefined
  readonly events: DriverEvents
}

/** What others want to know: snapshots, metrics, the server's log. */
export interface DriverEvents extends GroupCommitEvents {
  received(bytes: number): void
  closed(connection: Connection, reason: string): void
}

/** Above this, nothing more is read from a client that does not take its replies. */
const SEND_WINDOW = 1024 * 1024
/** An output buffer that grew beyond this is not kept by its connection. */
const KEPT_OUTPUT = 4096
/** Bytes of a read that hold a good number of requests. */
const LARGE_READ = 1024
/** From so many clients that are to be sent to, several threads do it. */
const MANY_CLIENTS = 256
const NO_TOKENS = 'more sessions begin than connection_throttle_tokens and its companions allow'

export class Driver {
  private readonly options: DriverOptions
  private readonly engine: Engine
  private readonly clients = new Map<Connection, Client>()
  /** Clients that are not read from, because too much is outstanding. */
  private readonly throttled = new Set<Client>()
  private readonly log: GroupCommit
  private isTurnEnding = false
  private isStopped = false
  private isHeld = false
  private isRetryDue = false
  private readonly handshakeInput = new Input(NOTHING)

  constructor(options: DriverOptions) {
    this.options = options
    this.engine = options.engine
    this.log = new GroupCommit({
      ...options,
      actions: {
        setClock: () => this.setClock(),
        perform: () => this.perform(),
        unthrottle: () => this.unthrottle(),
        pumpSoon: () => this.endTurnSoon(),
      },
    })
  }

  // --- clients ---

  attach(link: ClientLink, identities: Id[]): Client {
    const connection = this.engine.open(identities)
    const client = new Client(connection, link, this.options.maxFrameBytes)
    this.clients.set(connection, client)
    return client
  }

  clientOf(connection: Connection): Client | undefined {
    return this.clients.get(connection)
  }

  /** Bytes from a client. They may be kept until their requests are answered. */
  receive(client: Client, chunk: Bytes): void {
    if (client.connection.state === 'closed') return
    if (this.isHeld) return this.drop(client, 'the server takes nothing at the moment')
    this.options.events.received(chunk.length)
    this.setClock()
    try {
      client.frames.push(chunk, (bytes, start, end) => this.deliver(client, bytes, start, end))
    } catch (error) {
      if (!(error instanceof FrameError || error instanceof JuteError)) throw error
      this.drop(client, error.message)
    }
    this.throttle(client)
    // Many requests at once are answered at once, so that their client goes on meanwhile; single ones wait for others.
    if (chunk.length > LARGE_READ) this.perform()
    else this.endTurnSoon()
  }

  private deliver(
    client: Client,
    bytes: Bytes,
    start: number,
    end: number,
    arrivedMs = this.engine.state.elapsedMs,
  ): void {
    switch (client.connection.state) {
      case 'established': {
        const next = this.begin(client, bytes, start, end, arrivedMs)
        if (next < end) this.holdBack(client, { bytes, start: next, end, arrivedMs })
        return
      }
      case 'connecting':
        return this.holdBack(client, { bytes, start, end, arrivedMs })
      case 'new': {
        const { handshakeInput } = this
        handshakeInput.over(bytes, start, end)
        const frameEnd = start + 4 + handshakeInput.int()
        handshakeInput.over(bytes, start + 4, frameEnd)
        const request = readConnectRequest(handshakeInput)
        if (!this.options.admits(request)) return this.drop(client, NO_TOKENS)
        this.engine.connect(client.connection, request)
        // As Apache counts: the handshake is a packet each way.
        client.connection.counters.received++
        client.connection.counters.sent++
        if (frameEnd < end) this.deliver(client, bytes, frameEnd, end)
        return
      }
      case 'closed':
    }
  }

  /** Answers where the first frame stands that must wait. */
  private begin(client: Client, bytes: Bytes, start: number, end: number, arrivedMs: number): number {
    if (client.held.length > 0) return start
    const { connection } = client
    const { intake } = this.options
    if (intake === undefined) return this.engine.requests(connection, bytes, start, end)
    const next = intake.admit(connection, { bytes, start, end, arrivedMs }, this.engine.state.elapsedMs)
    if (typeof next === 'number') return next
    this.drop(client, next)
    return end
  }

  private holdBack(client: Client, run: Run): void {
    if (client.connection.state === 'closed') return
    client.held.push(run)
    this.setPaused(client, true)
  }

  /** Begins what was held back, as far as that is possible now. */
  private takeHeld(client: Client): void {
    const { held } = client
    client.held = []
    for (const { bytes, start, end, arrivedMs } of held) this.deliver(client, bytes, start, end, arrivedMs)
  }

  /** The link is gone. */
  detach(client: Client): void {
    this.clients.delete(client.connection)
    this.throttled.delete(client)
    this.engine.closed(client.connection)
  }

  /** Ends a connection for a reason that the engine does not know of. */
  drop(client: Client, reason: string): void {
    if (client.connection.state === 'closed') return
    this.engine.closed(client.connection)
    this.flush(client.connection)
    this.options.events.closed(client.connection, reason)
    client.link.end()
  }

  /** Stops reading from a client when the server has too much to do, or the client does not take its replies. */
  private throttle(client: Client): void {
    const mustWait = this.mustWait(client)
    const holdsBack = client.held.length > 0 && client.connection.state === 'established'
    if (!mustWait && !holdsBack) return
    this.throttled.add(client)
    this.setPaused(client, true)
    if (!mustWait) this.retrySoon()
  }

  private mustWait({ connection, link }: Client): boolean {
    const isBusy = this.engine.outstanding > this.options.globalOutstandingLimit && connection.outstanding > 0
    return isBusy || link.unsentBytes > SEND_WINDOW || connection.isBehindWrites
  }

  /** Something may go on without being told so: what is held back only since an output was full. */
  private retrySoon(): void {
    if (this.isRetryDue || this.options.intake?.isFull === true) return
    this.isRetryDue = true
    this.options.soon(() => {
      this.isRetryDue = false
      this.unthrottle()
    })
  }

  private setPaused(client: Client, paused: boolean): void {
    if (client.isPaused === paused) return
    client.isPaused = paused
    if (paused) client.link.pause()
    else client.link.resume()
  }

  /** What was sent has left. */
  drained(client: Client): void {
    if (this.throttled.has(client)) this.unthrottle()
  }

  private unthrottle(): void {
    this.options.intake?.settle()
    if (this.throttled.size === 0 || this.isHeld) return
    this.setClock()
    for (const client of this.throttled) {
      if (this.mustWait(client)) continue
      const isConnecting = client.connection.state === 'connecting'
      if (!isConnecting) this.takeHeld(client)
      if (!isConnecting && client.held.length > 0) continue
      this.throttled.delete(client)
      if (!isConnecting) this.setPaused(client, false)
    }
    this.perform()
    for (const client of this.throttled) if (!this.mustWait(client)) return this.retrySoon()
  }

  // --- time ---

  private setClock(): void {
    const { clock } = this.options
    this.engine.setClock(clock.wallMs(), clock.monotonicMs())
  }

  /** To be called a few times each tick. */
  tick(): void {
    if (this.isHeld) return
    const { clock } = this.options
    this.engine.tick(clock.wallMs(), clock.monotonicMs())
    this.perform()
    this.unthrottle()
  }

  // --- effects ---

  /** Sends what is to be sent, closes what is to be closed, and writes what is to be written. */
  perform(): void {
    const { dirty, closing } = this.engine.effects
    if (dirty.length >= MANY_CLIENTS && this.options.fanOut !== undefined) this.flushMany(dirty, this.options.fanOut)
    for (const connection of dirty) this.flush(connection)
    dirty.length = 0
    for (const { connection, reason } of closing) this.finish(connection, reason)
    closing.length = 0
    if (this.log.isDue) this.endTurnSoon()
  }

  /** All that is there to be read is read first: replies and groups of the log are then larger, and wake fewer threads. */
  private endTurnSoon(): void {
    if (this.isTurnEnding || this.isStopped) return
    this.isTurnEnding = true
    this.options.soon(() => {
      this.isTurnEnding = false
      this.log.pump()
      this.perform()
    })
  }

  private flush(connection: Connection): void {
    const { output } = connection
    if (output === undefined || output.length === 0) return
    const client = this.clients.get(connection)
    if (client !== undefined) this.sent(client, output, client.link.send(output.written()))
  }

  /** Sends to those whose sockets have nothing to send, all at once; what a socket does not take goes the usual way. */
  private flushMany(connections: readonly Connection[], fanOut: FanOut): void {
    const batch = fanOut.begin()
    const sends: { client: Client; output: Output; send: number }[] = []
    for (const connection of connections) {
      const { output } = connection
      const client = this.clients.get(connection)
      const descriptor = client?.link.descriptor
      if (output === undefined || output.length === 0 || client === undefined || descriptor === undefined) continue
      const send = batch.add(descriptor, output.written())
      if (send === undefined) break
      // A connection may stand in the list twice; now it has nothing to send.
      connection.output = undefined
      sends.push({ client, output, send })
    }
    fanOut.send(batch)
    for (const { client, output, send } of sends) {
      const sent = batch.sent(send)
      client.connection.output = output
      this.sent(client, output, sent === output.length || client.link.send(output.written().subarray(sent)))
    }
  }

  private sent(client: Client, output: Output, hasLeft: boolean): void {
    if (hasLeft && output.bytes.length <= KEPT_OUTPUT) output.length = 0
    else this.replaceOutput(client.connection, output, hasLeft)
    this.admit(client)
    if (!hasLeft && client.link.unsentBytes > this.options.sessionOutputBytes) {
      this.drop(client, `the client does not take its replies: ${client.link.unsentBytes} bytes wait`)
    }
  }

  private replaceOutput(connection: Connection, output: Output, isFree: boolean): void {
    connection.output = undefined
    if (!isFree) return
    output.length = 0
    this.engine.effects.spare.push(output)
  }

  /** The session is there: what came meanwhile is next. */
  private admit(client: Client): void {
    if (!client.isPaused || client.connection.state !== 'established' || this.throttled.has(client)) return
    this.takeHeld(client)
    if (client.held.length === 0) this.setPaused(client, false)
    else this.throttle(client)
  }

  private finish(connection: Connection, reason: CloseReason): void {
    this.flush(connection)
    const client = this.clients.get(connection)
    this.options.events.closed(connection, reason)
    client?.link.end()
  }

  // --- the end ---

  /** Takes nothing more, and waits until all that was accepted is durable and answered. */
  async hold(): Promise<void> {
    this.isHeld = true
    for (const client of this.clients.values()) client.link.pause()
    await this.log.drain()
  }

  /** Goes on after `hold`. */
  release(): void {
    this.isHeld = false
    this.log.release()
    for (const client of this.clients.values()) if (!client.isPaused) client.link.resume()
    this.perform()
    this.unthrottle()
  }

  /** Closes every connection. */
  stop(): void {
    this.isStopped = true
    this.log.stop()
    for (const client of this.clients.values()) this.drop(client, 'the server stops')
  }
}

const NOTHING = new Output(0).bytes
