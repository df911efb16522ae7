/** Clients of a real server, with everything that they ask and are told written down, and judged. */
import { readLog, systemDisk } from '@meerkat/io'
import { asBytes, copyOf, Input, readLoggedTxn, zxidOf, type LoggedTxn } from '@meerkat/protocol'
import {
  Actor,
  Chance,
  ClientSession,
  describeViolation,
  drawWeights,
  EVERYBODY,
  History,
  judge,
  readTree,
  type Evidence,
  type Request,
  type Transport,
  type TransportEvents,
} from '@meerkat/simulator'
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface PopulationOptions {
  readonly port: number
  readonly seed: number
  readonly clients: number
  readonly timeoutMs?: number
  readonly thinkMs?: number
}

const realTime = {
  get now(): number {
    return performance.now()
  },
  after(delayMs: number, run: () => void): () => void {
    const timeout = setTimeout(run, delayMs)
    timeout.unref()
    return () => clearTimeout(timeout)
  },
}

function dial(port: number, events: TransportEvents): Transport {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.on('connect', () => {
    // A port that nobody listens on can be picked as the connection's own: then it would talk to itself.
    if (socket.localPort === port) socket.destroy()
    else events.opened()
  })
  socket.on('data', (chunk: Buffer) => events.received(asBytes(chunk)))
  socket.on('error', () => {})
  socket.on('close', () => events.closed())
  return { send: (bytes) => void socket.write(copyOf(bytes)), close: () => socket.destroy() }
}

/** Milliseconds in which a server that works answers. */
const PATIENCE_MS = 20_000

export class Population {
  readonly history = new History(() => performance.now())
  readonly actors: Actor[]
  private readonly options: PopulationOptions

  constructor(options: PopulationOptions) {
    this.options = options
    const chance = new Chance(options.seed)
    const weights = drawWeights(chance)
    this.actors = Array.from({ length: options.clients }, () => {
      return new Actor({
        history: this.history,
        network: { dial: (events) => dial(options.port, events) },
        time: realTime,
        chance: chance.fork(),
        weights,
        dataLimit: 2000,
        timeoutMs: options.timeoutMs ?? 6000,
        depth: chance.pick([1, 4, 16]),
        thinkMs: options.thinkMs ?? 8,
      })
    })
  }

  start(): void {
    for (const actor of this.actors) actor.start()
  }

  newSession(): ClientSession {
    const { port, timeoutMs = 6000 } = this.options
    const session = new ClientSession({
      history: this.history,
      timeoutMs,
      users: EVERYBODY,
      dial: (events) => dial(port, events),
    })
    session.connect()
    return session
  }

  /** Nothing new is asked; what is under way is answered, every client reads, and a newcomer reads everything. */
  async settle(): Promise<void> {
    for (const actor of this.actors) actor.isQuiet = true
    for (const actor of this.actors) await within(actor.whenConnected(), 'a client connects')
    await sleep(500)
    for (const actor of this.actors) {
      await within(actor.whenConnected(), 'a client connects')
      await ask(actor.session, { op: 'sync', path: '/' })
    }
    const reader = this.newSession()
    await within(reader.whenConnected(), 'a new client connects')
    await readTree((request) => ask(reader, request))
    await ask(reader, { op: 'closeSession' })
  }

  leave(): void {
    for (const actor of this.actors) actor.vanish()
  }

  /** Holds everything that was heard against the transaction log. `dataDir` is that of zoo.cfg; no server runs on it. */
  async judge(dataDir: string, options: Pick<Evidence, 'mayUseFormerAcls'> = {}): Promise<void> {
    const log = await transactionsOf(dataDir)
    const violations = judge({ entries: this.history.entries, log, ...options })
    assert.deepEqual(violations.map(describeViolation), [])
  }

  get answered(): number {
    return this.history.entries.filter(({ kind }) => kind === 'reply').length
  }
}

async function ask(session: ClientSession, request: Request) {
  const answer = await within(session.call(request), `a client asks ${JSON.stringify(request)}`)
  assert.ok(answer, `a client asked ${JSON.stringify(request)}, and lost its connection`)
  return answer
}

export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = new AbortController()
  try {
    const deadline = sleep(PATIENCE_MS, undefined, { signal: late.signal }).then(() => {
      throw new Error(`${what}: not within ${PATIENCE_MS} ms`)
    })
    return await Promise.race([promise, deadline])
  } finally {
    late.abort()
  }
}

async function transactionsOf(dataDir: string): Promise<LoggedTxn[]> {
  const txns: LoggedTxn[] = []
  await readLog({
    disk: systemDisk,
    directory: join(dataDir, 'version-2'),
    after: zxidOf(0),
    visit: ({ bytes, start, end }) => void txns.push(readLoggedTxn(new Input(copyOf(bytes.subarray(start, end))))),
  })
  return txns
}
