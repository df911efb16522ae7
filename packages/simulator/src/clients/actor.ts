/** One client of the simulation: a session that does this and that, loses connections, goes on, or falls silent for good. */
import { CreateFlag } from '@meerkat/protocol'
import type { History, MultiPart, Request } from '../history/history.ts'
import type { Chance } from '../world/chance.ts'
import type { Network } from '../world/network.ts'
import type { VirtualTime } from '../world/virtualTime.ts'
import { ClientSession } from './session.ts'

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

/** How often each kind of request is made; a run draws its own, so that each run stresses something else. */
export type Weights = Readonly<Record<(typeof KINDS)[number], number>>
const KINDS = [
  'create',
  'delete',
  'setData',
  'multi',
  'getData',
  'exists',
  'getChildren',
  'getEphemerals',
  'sync',
  'addWatch',
  'closeSession',
] as const

export function drawWeights(chance: Chance): Weights {
  const weight = (usual: number): number => (chance.happens(0.2) ? 0 : usual * chance.between(0.2, 2))
  return {
    create: 1 + weight(5),
    delete: weight(3),
    setData: weight(3),
    multi: weight(2),
    getData: weight(3),
    exists: weight(2),
    getChildren: weight(2),
    getEphemerals: weight(0.5),
    sync: weight(0.5),
    addWatch: weight(0.3),
    closeSession: weight(0.1),
  }
}

const MODES: Readonly<Record<string, number>> = CreateFlag
const MODE_WEIGHTS = {
  persistent: 6,
  ephemeral: 4,
  persistentSequential: 1,
  ephemeralSequential: 1,
  container: 1,
  persistentWithTtl: 1,
  persistentSequentialWithTtl: 0.3,
}
const NAMES = ['a', 'b', 'c']
const RECONNECT_MS = 150

export class Actor {
  session: ClientSession
  /** Asks for nothing new. */
  isQuiet = false
  /** Will not be heard of again. */
  isGone = false
  private readonly options: ActorOptions
  /** Counts what is written, so that no two writes are alike. */
  private serial = 0
  private lastAnswerMs = 0
  /** Fulfilled when the session is replaced. */
  private replaced: Promise<void> = Promise.resolve()
  private tellReplaced: () => void = () => {}

  constructor(options: ActorOptions) {
    this.options = options
    this.session = this.newSession()
  }

  private newSession(): ClientSession {
    this.tellReplaced()
    this.replaced = new Promise((resolve) => {
      this.tellReplaced = resolve
    })
    const { history, network, timeoutMs } = this.options
    const session = new ClientSession({ history, timeoutMs, dial: (events) => network.dial(events) })
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
        this.heard(session.call(this.request()))
    }
    this.later(thinkMs, () => this.think())
  }

  // --- requests ---

  private request(): Request {
    const { chance, weights } = this.options
    const op = chance.weighted(weights)
    const path = this.path()
    switch (op) {
      case 'create':
      case 'delete':
      case 'setData':
        return this.part(op)
      case 'multi':
        return { op, parts: Array.from({ length: 1 + chance.below(4) }, () => this.part(this.partKind())) }
      case 'getData':
      case 'exists':
      case 'getChildren':
        return { op, path, watch: chance.happens(0.5) }
      case 'getEphemerals':
      case 'closeSession':
        return { op }
      case 'sync':
        return { op, path }
      case 'addWatch':
        return { op, path, mode: chance.happens(0.5) ? 'persistent' : 'recursive' }
    }
  }

  private partKind(): MultiPart['op'] {
    return this.options.chance.weighted({ create: 3, delete: 1, setData: 2, check: 1 })
  }

  private part<O extends MultiPart['op']>(op: O): MultiPart & { op: O }
  private part(op: MultiPart['op']): MultiPart {
    const path = this.path()
    switch (op) {
      case 'create': {
        const mode = MODES[this.options.chance.weighted(MODE_WEIGHTS)] ?? 0
        const isTimed = mode === CreateFlag.persistentWithTtl || mode === CreateFlag.persistentSequentialWithTtl
        return { op, path, data: this.data(), mode, ttlMs: isTimed ? 1 + this.options.chance.below(5000) : -1 }
      }
      case 'delete':
        return { op, path, version: this.version() }
      case 'setData':
        return { op, path, data: this.data(), version: this.version() }
      case 'check':
        return { op, path, version: this.version() }
    }
  }

  private path(): string {
    const { chance } = this.options
    const depth = 1 + Math.min(chance.below(3), chance.below(3))
    return Array.from({ length: depth }, () => `/${chance.pick(NAMES)}`).join('')
  }

  private version(): number {
    return this.options.chance.happens(0.7) ? -1 : this.options.chance.below(3)
  }

  private data(): string {
    const { chance } = this.options
    const limit = chance.happens(0.1) ? this.options.dataLimit : 40
    return `${this.serial++}.`.padEnd(chance.below(limit), 'x')
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
