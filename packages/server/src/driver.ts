/**
 * Performs what the engine wants done: feeds it bytes, time and the log's progress, writes its log groups, sends its
 * replies. The same driver runs over sockets and a disk, and over the simulator's.
 *
 * One group of transactions is written and synced at a time; while it is under way, the next one gathers.
 */
import type { CloseReason, Connection, Engine } from '@meerkat/engine'
import type { Clock, LogWriteError, Timer } from '@meerkat/io'
import type { Bytes, ConnectRequestFrame, Id, Zxid } from '@meerkat/protocol'
import { FrameError, Input, JuteError, Output, readConnectRequest, zxidOf } from '@meerkat/protocol'
import { Client, type ClientLink } from './client.ts'
import type { FlushTiming } from './limits/flushTiming.ts'
import type { Intake, Run } from './limits/intake.ts'
import { GroupPatience } from './groupPatience.ts'

/** What the driver needs of the log; io's TransactionLog. */
export interface Log {
  append(group: Bytes, first: Zxid): Promise<void>
  recover(): Promise<void>
}

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
  readonly events: DriverEvents
}

/** What others want to know: snapshots, metrics, the server's log. */
export interface DriverEvents {
  received(bytes: number): void
  /** A group is durable; between groups, so the log may be rolled before the promise is fulfilled. */
  synced(bytes: number, transactions: number): Promise<void> | undefined
  logFailed(error: LogWriteError | Error): void
  logRecovered(): void
  closed(connection: Connection, reason: string): void
}

/** Above this, nothing more is read from a client that does not take its replies. */
const SEND_WINDOW = 1024 * 1024
/** An output buffer that grew beyond this is not kept by its connection. */
const KEPT_OUTPUT = 4096
/** Bytes of a read that hold a good number of requests. */
const LARGE_READ = 1024
/** Transactions that are applied before their replies are sent. */
const COMMIT_PART = 64
/** A group of so many transactions shares its sync well enough, and waits for no more. */
const LARGE_GROUP = 64
const RETRY_LOG_MS = 1000
const NO_TOKENS = 'more sessions begin than connection_throttle_tokens and its companions allow'

export class Driver {
  private readonly options: DriverOptions
  private readonly engine: Engine
  private readonly clients = new Map<Connection, Client>()
  /** Clients that are not read from, because too much is outstanding. */
  private readonly throttled = new Set<Client>()
  private isWriting = false
  private isTurnEnding = false
  private isStopped = false
  private readonly patience = new GroupPatience()
  private isHeld = false
  private isRetryDue = false
  private flushTimer: Timer | undefined
  /** Called when nothing is being written any more. */
  private onIdle: (() => void) | undefined
  private readonly handshakeInput = new Input(NOTHING)

  constructor(options: DriverOptions) {
    this.options = options
    this.engine = options.engine
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
    for (const connection of dirty) this.flush(connection)
    dirty.length = 0
    for (const { connection, reason } of closing) this.finish(connection, reason)
    closing.length = 0
    if (!this.isWriting && this.flushTimer === undefined && this.engine.transactionsToLog > 0) this.endTurnSoon()
  }

  /** All that is there to be read is read first: replies and groups of the log are then larger, and wake fewer threads. */
  private endTurnSoon(): void {
    if (this.isTurnEnding || this.isStopped) return
    this.isTurnEnding = true
    this.options.soon(() => {
      this.isTurnEnding = false
      this.pump()
      this.perform()
    })
  }

  private flush(connection: Connection): void {
    const { output } = connection
    if (output === undefined || output.length === 0) return
    const client = this.clients.get(connection)
    if (client === undefined) return
    const hasLeft = client.link.send(output.written())
    if (hasLeft && output.bytes.length <= KEPT_OUTPUT) output.length = 0
    else this.replaceOutput(connection, output, hasLeft)
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

  // --- the log ---

  private pump(): void {
    if (!this.isWriting && !this.isHeld && this.waitsForCompany()) return this.endTurnSoon()
    if (this.isWriting || (this.options.flushTiming !== undefined && this.waitsForMore(this.options.flushTiming)))
      return
    const group = this.engine.takeLogGroup()
    if (group === undefined) {
      this.onIdle?.()
      return
    }
    this.isWriting = true
    this.write(group.records.written(), group.first, group.last).catch((error: unknown) => {
      // A fault while replies are made is a fault of this program: better down than wrong.
      this.options.soon(() => {
        throw error
      })
    })
  }

  private waitsForCompany(): boolean {
    const gathered = this.engine.transactionsToLog
    return gathered > 0 && gathered < LARGE_GROUP && this.patience.waits(gathered, this.options.clock.monotonicMs())
  }

  /** Whether the group that gathers is to wait; the timer looks again. */
  private waitsForMore(timing: FlushTiming): boolean {
    if (this.isHeld) return false
    const { clock } = this.options
    const waitMs = timing.waitMs(this.engine.transactionsToLog, clock.monotonicMs())
    if (waitMs === 0) return false
    this.flushTimer ??= clock.after(waitMs, () => {
      this.flushTimer = undefined
      this.pump()
    })
    return true
  }

  private async write(records: Bytes, first: Zxid, last: Zxid): Promise<void> {
    const { clock, events, log } = this.options
    const beganMs = clock.monotonicMs()
    try {
      await log.append(records, first)
    } catch (error) {
      return this.failed(error as Error)
    }
    const transactions = last - first + 1
    const tookMs = clock.monotonicMs() - beganMs
    const rolled = events.synced(records.length, transactions)
    if (rolled !== undefined) await rolled
    this.setClock()
    this.options.flushTiming?.flushed(this.engine.state.elapsedMs)
    this.commit(first, last)
    this.isWriting = false
    this.perform()
    const gathered = this.engine.transactionsToLog
    this.patience.synced({ transactions, gathered, tookMs, nowMs: clock.monotonicMs() })
    this.unthrottle()
    this.pump()
  }

  /** In parts, so that the clients of the first ones go on while the rest is applied. */
  private commit(first: Zxid, last: Zxid): void {
    for (let part = first + COMMIT_PART; part < last; part += COMMIT_PART) {
      this.engine.durable(zxidOf(part))
      this.perform()
    }
    this.engine.durable(last)
  }

  /** Nothing of the group happened. Tries until the log can be written again. */
  private failed(error: Error): void {
    this.options.events.logFailed(error)
    this.engine.logFailure()
    this.perform()
    this.unthrottle()
    this.options.clock.after(RETRY_LOG_MS, () => {
      this.recoverLog()
    })
  }

  private recoverLog(): void {
    if (this.isStopped) return
    this.options.log.recover().then(
      () => {
        this.isWriting = false
        this.engine.logRecovered()
        this.options.events.logRecovered()
        this.perform()
      },
      () => this.options.clock.after(RETRY_LOG_MS, () => this.recoverLog()),
    )
  }

  /** Takes nothing more, and waits until all that was accepted is durable and answered. */
  async hold(): Promise<void> {
    this.isHeld = true
    for (const client of this.clients.values()) client.link.pause()
    if (this.engine.isLogFailed) return
    const idle = new Promise<void>((resolve) => {
      this.onIdle = resolve
    })
    this.pump()
    await idle
  }

  /** Goes on after `hold`. */
  release(): void {
    this.isHeld = false
    this.onIdle = undefined
    for (const client of this.clients.values()) if (!client.isPaused) client.link.resume()
    this.perform()
    this.unthrottle()
  }

  /** Closes every connection. */
  stop(): void {
    this.isStopped = true
    this.flushTimer?.cancel()
    for (const client of this.clients.values()) this.drop(client, 'the server stops')
  }
}

const NOTHING = new Output(0).bytes
