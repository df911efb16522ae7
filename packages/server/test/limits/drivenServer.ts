/** A driver over an engine whose disk, clock and links are the test's. */
import { Engine, NO_OBSERVER, Recovery, type Observer } from '@meerkat/engine'
import {
  Input,
  NO_SESSION,
  OPEN_ACL,
  OPERATIONS,
  OpCode,
  Output,
  ReplyHeader,
  RequestHeader,
  asBytes,
  bytesOf,
  copyOf,
  firstSessionId,
  frameOf,
  writeConnectRequest,
  zeros,
  zxidOf,
  type Bytes,
} from '@meerkat/protocol'
import type { Client, ClientLink } from '../../src/client.ts'
import { standaloneConfiguration } from '../../src/configuration/load.ts'
import { Driver, type DriverOptions } from '../../src/driver.ts'
import { engineRules } from '../../src/engineRules.ts'
import type { FlushTiming } from '../../src/limits/flushTiming.ts'
import { Intake } from '../../src/limits/intake.ts'
import { LargeRequests, type LargeRequestSettings } from '../../src/limits/largeRequests.ts'
import type { LimitMetric } from '../../src/limits/metrics.ts'
import { RequestThrottle, type RequestThrottleSettings } from '../../src/limits/requestThrottle.ts'

const RULES = engineRules(standaloneConfiguration({ clientPort: 2181, dataDir: '/data' }))

export interface DrivenOptions {
  readonly requestThrottle?: RequestThrottleSettings
  readonly largeRequests?: LargeRequestSettings
  readonly flushTiming?: FlushTiming
  readonly admits?: DriverOptions['admits']
  readonly globalOutstandingLimit?: number
}

export class DrivenServer {
  readonly driver: Driver
  readonly engine: Engine
  readonly counted: LimitMetric[] = []
  readonly closed: string[] = []
  readonly groups: number[] = []
  nowMs = 0
  private readonly due: (() => void)[] = []
  private timers: { atMs: number; callback: () => void }[] = []
  private finishWrite: (() => void) | undefined

  constructor(options: DrivenOptions = {}, observer: Partial<Observer> = {}) {
    const firstSession = firstSessionId({ elapsedMs: 0, serverId: 1 })
    const recovery = new Recovery({ rules: RULES, seed: 1, firstSessionId: firstSession, onFired: () => undefined })
    recovery.begin()
    this.engine = new Engine({
      state: recovery.finish(),
      authenticator: {
        authenticate: () => 'failed',
        sasl: () => ({ kind: 'failed', err: -115, close: true }),
        mayProceed: () => true,
      },
      observer: { ...NO_OBSERVER, ...observer },
    })
    this.driver = new Driver({
      engine: this.engine,
      log: { append: () => this.write(), recover: () => Promise.resolve() },
      clock: {
        wallMs: () => this.nowMs,
        monotonicMs: () => this.nowMs,
        after: (delayMs, callback) => {
          const timer = { atMs: this.nowMs + delayMs, callback }
          this.timers.push(timer)
          return { cancel: () => (this.timers = this.timers.filter((other) => other !== timer)) }
        },
      },
      soon: (callback) => this.due.push(callback),
      maxFrameBytes: 1_048_575,
      globalOutstandingLimit: options.globalOutstandingLimit ?? 1000,
      sessionOutputBytes: 64 * 1024 * 1024,
      admits: options.admits ?? (() => true),
      intake: this.intakeOf(options),
      flushTiming: options.flushTiming,
      events: {
        received: () => undefined,
        synced: (_bytes, transactions) => void this.groups.push(transactions),
        logFailed: () => undefined,
        logRecovered: () => undefined,
        closed: (_connection, reason) => this.closed.push(reason),
      },
    })
  }

  private intakeOf({ requestThrottle, largeRequests }: DrivenOptions): Intake | undefined {
    if (requestThrottle === undefined && largeRequests === undefined) return undefined
    return new Intake({
      engine: this.engine,
      requestThrottle: requestThrottle && new RequestThrottle(requestThrottle),
      largeRequests: largeRequests && new LargeRequests(largeRequests),
      count: (metric) => this.counted.push(metric),
    })
  }

  private write(): Promise<void> {
    return new Promise((resolve) => (this.finishWrite = resolve))
  }

  get isWriting(): boolean {
    return this.finishWrite !== undefined
  }

  /** Runs what is due soon, until the disk or the clock must go on. */
  settle(): void {
    for (let next = this.due.shift(); next !== undefined; next = this.due.shift()) next()
  }

  /** The group under way is durable. */
  async sync(): Promise<void> {
    this.settle()
    const finish = this.finishWrite
    this.finishWrite = undefined
    finish?.()
    await new Promise(setImmediate)
    this.settle()
  }

  async syncAll(): Promise<void> {
    this.settle()
    while (this.isWriting) await this.sync()
  }

  pass(milliseconds: number): void {
    this.nowMs += milliseconds
    const over = this.timers.filter(({ atMs }) => atMs <= this.nowMs)
    this.timers = this.timers.filter(({ atMs }) => atMs > this.nowMs)
    for (const { callback } of over) callback()
    this.settle()
  }

  async connect(): Promise<DrivenClient> {
    const client = new DrivenClient(this)
    client.connect()
    await this.syncAll()
    return client
  }
}

export interface Reply {
  readonly xid: number
  readonly err: number
}

/** A client whose link may be deaf: what is sent to it stays then, and counts as unsent. */
export class DrivenClient {
  isDeaf = false
  isPaused = false
  isEnded = false
  readonly replies: Reply[] = []
  readonly client: Client
  private readonly server: DrivenServer
  private unread: Bytes[] = []
  private isConnected = false
  private nextXid = 1

  constructor(server: DrivenServer) {
    this.server = server
    const unsent = (): number => this.unsentBytes
    const link: ClientLink = {
      send: (bytes) => this.take(bytes),
      get unsentBytes() {
        return unsent()
      },
      pause: () => (this.isPaused = true),
      resume: () => (this.isPaused = false),
      end: () => (this.isEnded = true),
    }
    this.client = server.driver.attach(link, [])
  }

  connect(): void {
    const request = {
      protocolVersion: 0,
      lastZxidSeen: zxidOf(0),
      timeOut: 10_000,
      sessionId: NO_SESSION,
      passwd: zeros(16),
      readOnly: false,
    }
    const output = new Output()
    writeConnectRequest(output, request)
    this.give(output.written())
  }

  create(path: string, data = ''): Bytes {
    return this.frame(OpCode.create, (output) =>
      OPERATIONS.create.request.write(output, { path, data: bytesOf(data), acl: OPEN_ACL, flags: 0 }),
    )
  }

  get(path: string): Bytes {
    return this.frame(OpCode.getData, (output) => OPERATIONS.getData.request.write(output, { path, watch: false }))
  }

  set(path: string, data: string): Bytes {
    return this.frame(OpCode.setData, (output) =>
      OPERATIONS.setData.request.write(output, { path, data: bytesOf(data), version: -1 }),
    )
  }

  ping(): Bytes {
    return this.frame(OpCode.ping, () => undefined)
  }

  private frame(type: OpCode, body: (output: Output) => void): Bytes {
    return copyOf(
      frameOf((output) => {
        RequestHeader.write(output, { xid: this.nextXid++, type })
        body(output)
      }),
    )
  }

  /** Arrives at the server in one read. */
  give(...frames: readonly Bytes[]): void {
    this.server.driver.receive(this.client, copyOf(Buffer.concat(frames)))
  }

  private take(bytes: Bytes): boolean {
    this.unread.push(copyOf(bytes))
    if (!this.isDeaf) this.read()
    return !this.isDeaf
  }

  get unsentBytes(): number {
    return this.unread.reduce((sum, { length }) => sum + length, 0)
  }

  /** Reads again, first what was left unread. */
  hear(): void {
    this.isDeaf = false
    this.read()
    this.server.driver.drained(this.client)
  }

  private read(): void {
    const bytes = asBytes(Buffer.concat(this.unread))
    this.unread = []
    const input = new Input(bytes)
    for (let at = 0; at < bytes.length;) {
      input.over(bytes, at, bytes.length)
      const end = at + 4 + input.int()
      input.over(bytes, at + 4, end)
      if (this.isConnected) {
        const { xid, err } = ReplyHeader.read(input)
        this.replies.push({ xid, err })
      }
      this.isConnected = true
      at = end
    }
  }
}
