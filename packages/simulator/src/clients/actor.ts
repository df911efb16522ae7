/** One client of the simulation: a session that does this and that, loses connections, goes on, or falls silent for good. */
import type { History } from '../history/history.ts'
import type { Chance } from '../world/chance.ts'
import type { Network } from '../world/network.ts'
import type { VirtualTime } from '../world/virtualTime.ts'
import { Requests, type Weights } from './requests.ts'
import { ClientSession } from './session.ts'
import { COMPANIES, type User } from './users.ts'

export interface ActorOptions {
  readonly history: History
  readonly network: Pick<Network, 'dial'>
  readonly time: Pick<VirtualTime, 'now' | 'after'>
  readonly chance: Chance
  readonly timeoutMs: number
  /** Requests that may be under way at once. */
  readonly depth: number
  /** Time between two requests. */
  readonly thinkMs: number
  readonly weights: Weights
  /** The longest data, in bytes; most are short. */
  readonly dataLimit: number
}

const RECONNECT_MS = 150

export class Actor {
  session: ClientSession
  /** Asks for nothing new. */
  isQuiet = false
  /** Will not be heard of again. */
  isGone = false
  private readonly options: ActorOptions
  private readonly requests: Requests
  /** Who the client is, on all of its connections. */
  private readonly users: readonly User[]
  private lastAnswerMs = 0
  /** Fulfilled when the session is replaced. */
  private replaced: Promise<void> = Promise.resolve()
  private tellReplaced: () => void = () => {}

  constructor(options: ActorOptions) {
    this.options = options
    this.requests = new Requests(options)
    this.users = options.chance.pick(COMPANIES)
    this.session = this.newSession()
  }

  private newSession(): ClientSession {
    this.tellReplaced()
    this.replaced = new Promise((resolve) => {
      this.tellReplaced = resolve
    })
    const { history, network, timeoutMs } = this.options
    const { users } = this
    const session = new ClientSession({ history, timeoutMs, users, dial: (events) => network.dial(events) })
    session.onState = () => {
      this.lastAnswerMs = this.options.time.now
      if (session.state === 'idle' || session.state === 'over') this.later(RECONNECT_MS, () => this.reconnect())
    }
    return session
  }

  start(): void {
    this.reconnect()
    this.think()
    this.look()
  }

  /** Fulfilled once a session of this client is connected: if one is over, the next. */
  async whenConnected(): Promise<void> {
    while (this.session.state !== 'connected') {
      await Promise.race([this.session.whenConnected(), this.replaced])
    }
  }

  private later(delayMs: number, action: () => void): void {
    this.options.time.after(delayMs * this.options.chance.between(0.5, 1.5), action)
  }

  private reconnect(): void {
    if (this.session.state === 'over') {
      this.session = this.newSession()
    }
    this.lastAnswerMs = this.options.time.now
    this.session.connect()
  }

  /** What every client library does beside: pings, and gives up a connection that does not answer. */
  private look(): void {
    const { time } = this.options
    const { session } = this
    const silentMs = time.now - this.lastAnswerMs
    if (session.state !== 'idle' && silentMs > (session.timeoutMs * 2) / 3) session.lose()
    else if (session.state === 'connected' && silentMs > session.timeoutMs / 4) this.heard(session.ping())
    this.later(this.options.timeoutMs / 6, () => this.look())
  }

  private heard(answer: Promise<unknown>): void {
    void answer.then(() => {
      this.lastAnswerMs = this.options.time.now
    })
  }

  private think(): void {
    const { session } = this
    const { depth, thinkMs } = this.options
    if (!this.isQuiet && session.state === 'connected' && session.outstanding < depth) {
      for (let burst = 1 + this.options.chance.below(depth); burst > 0; burst--)
        this.heard(session.call(this.requests.next()))
    }
    this.later(thinkMs, () => this.think())
  }

  // --- the end ---

  /** The client is gone: nobody will use its session again. */
  vanish(): void {
    this.isQuiet = true
    this.isGone = true
    this.reconnect = () => {}
    this.look = () => {}
    this.think = () => {}
    this.session.onState = () => {}
    this.session.lose()
  }
}
