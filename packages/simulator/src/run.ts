/**
 * One run of the simulation, from one seed: a server and its clients, first under faults, then healed.
 *
 *   1. Faults: crashes and restarts, an ill disk, a bad network, pauses, a wall clock that jumps, clients that vanish.
 *   2. Healing: all faults end; every client must be served again, and sessions of vanished clients must end.
 *   3. The whole tree is read, the server stops, and the history is judged against the log on the disk.
 */
import { readLog, type LogEntry } from '@meerkat/io'
import { copyOf, Input, readLoggedTxn, zxidOf, type LoggedTxn } from '@meerkat/protocol'
import { standaloneConfiguration, type ServerConfiguration } from '@meerkat/server'
import { Actor } from './clients/actor.ts'
import { drawWeights } from './clients/requests.ts'
import { ClientSession, type Answer } from './clients/session.ts'
import { Faults } from './faults.ts'
import type { Violation } from './history/guarantees.ts'
import { History, type Request } from './history/history.ts'
import { judge } from './history/judge.ts'
import { show } from './history/comparison.ts'
import { readTree } from './clients/readTree.ts'
import { EVERYBODY } from './clients/users.ts'
import { putBackPurgedLogs } from './purgedLogs.ts'
import { SimulatedServer, type Plant } from './server.ts'
import { Chance } from './world/chance.ts'
import { FaultyDisk } from './world/faultyDisk.ts'
import { Machine } from './world/machine.ts'
import { Network } from './world/network.ts'
import { Trace } from './world/trace.ts'
import { VirtualTime } from './world/virtualTime.ts'

export interface RunResult {
  readonly seed: number
  readonly violations: readonly Violation[]
  /** The same for every run of the seed. */
  readonly trace: string
  readonly events: number
  /** Crashes and restarts. */
  readonly rounds: number
  readonly transactions: number
  readonly requests: number
}

export interface RunOptions {
  readonly seed: number
  readonly plant?: Plant
  /** How long faults last, in milliseconds of virtual time. */
  readonly faultMs?: number
  /** Told of everything that happens, in a line each. */
  readonly onNote?: (text: string) => void
}

const FAULT_MS = 20_000
const TICK_MS = 200
const MAX_TIMEOUT_MS = 4000
/** Enough for every session to end, and for containers to go. */
const HEALING_MS = 3 * MAX_TIMEOUT_MS
/** Enough for what is under way to be answered. */
const QUIET_MS = 2000
const PATIENCE_MS = 30_000
const DATA = '/data'

export async function run(options: RunOptions): Promise<RunResult> {
  const undo = options.plant?.around?.()
  try {
    return await new Run(options).play()
  } finally {
    undo?.()
  }
}

class Run {
  private readonly seed: number
  private readonly faultMs: number
  private readonly chance: Chance
  private readonly time = new VirtualTime()
  private readonly trace = new Trace()
  private readonly violations: Violation[] = []
  private readonly history: History
  private readonly disk: FaultyDisk
  private readonly network: Network
  private readonly machine: Machine
  private readonly server: SimulatedServer
  private readonly actors: Actor[]
  private readonly faults: Faults

  constructor({ seed, plant = {}, faultMs = FAULT_MS, onNote }: RunOptions) {
    this.seed = seed
    this.faultMs = faultMs
    this.chance = new Chance(seed)
    const note = (text: string): void => {
      const line = `${this.time.now.toFixed(3)} ${text}`
      this.trace.note(line)
      onNote?.(line)
    }
    this.history = new History(
      () => this.time.now,
      (entry) => note(show(entry)),
    )
    this.disk = new FaultyDisk(this.chance.fork(), note)
    this.network = new Network(this.time, this.chance.fork())
    this.machine = new Machine(this.time)
    this.server = new SimulatedServer({
      machine: this.machine,
      disk: this.disk,
      network: this.network,
      chance: this.chance.fork(),
      configuration: drawConfiguration(this.chance),
      plant,
      onFault: (text, guarantee = 'progress') => this.violations.push({ guarantee, text }),
      note,
    })
    this.actors = this.drawActors()
    const { disk, machine, network, server, time, actors } = this
    this.faults = new Faults({ disk, machine, network, server, time, actors, chance: this.chance.fork(), note })
  }

  private drawActors(): Actor[] {
    const { chance, history, network, time } = this
    const weights = drawWeights(chance)
    const dataLimit = chance.pick([500, 2000, 30_000])
    return Array.from({ length: 2 + chance.below(4) }, () => {
      return new Actor({
        history,
        network,
        time,
        chance: chance.fork(),
        weights,
        dataLimit,
        timeoutMs: chance.between(1000, MAX_TIMEOUT_MS),
        depth: chance.pick([1, 1, 3, 8]),
        thinkMs: chance.pick([20, 50, 200]),
      })
    })
  }

  async play(): Promise<RunResult> {
    const { faults, server, time } = this
    server.start()
    for (const actor of this.actors) actor.start()
    faults.begin(this.faultMs)
    const isFaulty = (): boolean => this.violations.length > 0
    await time.run(this.faultMs, isFaulty)
    faults.heal()
    await time.run(time.now + HEALING_MS, isFaulty)
    const log = isFaulty() ? [] : await this.end()
    return {
      seed: this.seed,
      violations: this.violations,
      trace: this.trace.hash,
      events: this.trace.events,
      rounds: server.lives - 1,
      transactions: log.length,
      requests: this.history.entries.filter(({ kind }) => kind === 'call').length,
    }
  }

  // --- the end ---

  /** All is read, the server stops, and the history is judged. */
  private async end(): Promise<readonly LoggedTxn[]> {
    for (const actor of this.actors) actor.isQuiet = true
    await this.time.run(this.time.now + QUIET_MS)
    await this.readAll()
    const alive = this.alive()
    await this.complete(this.server.stop(), 'the server stops')
    const log = await this.log()
    this.violations.push(...judge({ entries: this.history.entries, log, alive }))
    return log
  }

  private alive(): ReadonlySet<bigint> {
    const alive = new Set<bigint>()
    for (const { session } of this.actors) if (session.state === 'connected') alive.add(session.id)
    return alive
  }

  /** Runs until a promise is settled. */
  private async complete<T>(promise: Promise<T>, what: string): Promise<T | undefined> {
    let value: { readonly is: T } | undefined
    promise.then(
      (is) => (value = { is }),
      (error: unknown) => this.violations.push({ guarantee: 'progress', text: `${what}: ${String(error)}` }),
    )
    await this.time.run(this.time.now + PATIENCE_MS, () => value !== undefined)
    if (value === undefined)
      this.violations.push({ guarantee: 'progress', text: `${what}: not within ${PATIENCE_MS} ms` })
    return value?.is
  }

  /** Everybody who lives is answered, and a newcomer reads the whole tree; then its session ends. */
  private async readAll(): Promise<void> {
    for (const actor of this.actors) {
      if (actor.isGone) continue
      await this.complete(actor.whenConnected(), 'a client connects')
      for (const request of [{ op: 'sync', path: '/' }, { op: 'getEphemerals' }] as const) {
        await this.ask(actor.session, request)
      }
    }
    const { history, network } = this
    const reader = new ClientSession({
      history,
      timeoutMs: MAX_TIMEOUT_MS,
      users: EVERYBODY,
      dial: (events) => network.dial(events),
    })
    reader.connect()
    await this.complete(reader.whenConnected(), 'a new client connects')
    await readTree((request) => this.ask(reader, request))
    await this.ask(reader, { op: 'closeSession' })
  }

  private async ask(session: ClientSession, request: Request): Promise<Answer | undefined> {
    const answer = await this.complete(session.call(request), `a client asks ${show(request)}`)
    if (answer === undefined) {
      this.violations.push({ guarantee: 'progress', text: `a client asked ${show(request)}, and lost its connection` })
    }
    return answer
  }

  /** What the disk holds, read as a new process would. */
  private async log(): Promise<LoggedTxn[]> {
    const txns: LoggedTxn[] = []
    const visit = ({ bytes, start, end }: LogEntry): void => {
      txns.push(readLoggedTxn(new Input(copyOf(bytes.subarray(start, end)))))
    }
    putBackPurgedLogs(this.disk)
    const disk = this.disk.seenBy(this.machine.begin())
    await this.complete(readLog({ disk, directory: `${DATA}/version-2`, after: zxidOf(0), visit }), 'the log is read')
    return txns
  }
}

/** Old files go when the server starts, and every so many hours: here, seconds. */
function drawConfiguration(chance: Chance): ServerConfiguration {
  const configuration = standaloneConfiguration({
    dataDir: DATA,
    clientPort: 2181,
    tickTime: TICK_MS,
    minSessionTimeout: 500,
    maxSessionTimeout: MAX_TIMEOUT_MS,
    snapCount: chance.pick([10, 50, 200, 100_000]),
    preAllocSize: chance.pick([4, 16, 64]),
    txnLogSizeLimitInKb: chance.pick([-1, -1, 8]),
    globalOutstandingLimit: chance.pick([1000, 1000, 5]),
    'znode.container.checkIntervalMs': 1000,
    extendedTypesEnabled: true,
    enforceQuota: true,
  })
  const purgeIntervalHours = chance.pick([0, 500, 3000]) / 3_600_000
  return { ...configuration, autopurge: { ...configuration.autopurge, purgeIntervalHours } }
}
