/** A whole server on a simulated machine: the real core over a faulty disk, network and clock. */
import { NO_OBSERVER, type Authenticator } from '@meerkat/engine'
import { RecoveryError, type Disk } from '@meerkat/io'
import { Core, type CoreOptions, type World } from '@meerkat/server'
import { digestIdOf } from './clients/users.ts'
import type { Guarantee } from './history/guarantees.ts'
import type { Chance } from './world/chance.ts'
import type { FaultyDisk } from './world/faultyDisk.ts'
import type { Life, Machine } from './world/machine.ts'
import type { Link, Network, ServerEnd } from './world/network.ts'

export interface SimulatedServerOptions {
  readonly machine: Machine
  readonly disk: FaultyDisk
  readonly network: Network
  readonly chance: Chance
  readonly configuration: CoreOptions['configuration']
  /** Ways to make the server wrong, for tests of the simulator itself. */
  readonly plant: Plant
  /** Told of what must not happen: the server fell over, or refuses its data. */
  readonly onFault: (text: string, guarantee?: Guarantee) => void
  readonly note: (text: string) => void
}

/** A bug that is planted into the server's parts. */
export interface Plant {
  readonly disk?: (disk: Disk) => Disk
  readonly core?: (core: Core) => void
  /** Done before the run; what it returns undoes it. */
  readonly around?: () => () => void
}

const RESTART_MS = 400

const authenticator: Authenticator = {
  authenticate: (_connection, _scheme, credentials) => {
    const id = digestIdOf(Buffer.from(credentials ?? []).toString())
    return id === undefined ? 'failed' : [{ scheme: 'digest', id }]
  },
  sasl: () => ({ kind: 'failed', err: -115, close: true }),
  mayProceed: () => true,
}

export class SimulatedServer {
  /** The data is damaged, and the server has said so. */
  hasRefused = false
  /** Set while the medium is damaged on purpose. */
  mayRefuse = false
  lives = 0
  private readonly options: SimulatedServerOptions
  private life: Life | undefined
  private core: Core | undefined

  constructor(options: SimulatedServerOptions) {
    this.options = options
  }

  get isServing(): boolean {
    return this.core !== undefined
  }

  start(): void {
    const life = this.options.machine.begin()
    this.life = life
    this.lives++
    this.options.note(`life ${this.lives}`)
    this.open(life).catch((error: unknown) => {
      if (!life.isOver) this.refused(error)
    })
  }

  private async open(life: Life): Promise<void> {
    const { chance, configuration, disk, plant } = this.options
    const seen = disk.seenBy(life)
    const world: World = {
      disk: plant.disk?.(seen) ?? seen,
      clock: life.clock,
      random: chance,
      soon: (callback) => life.after(0, () => this.guarded(callback)),
    }
    const core = await Core.open({
      configuration,
      world: { ...world, clock: this.guardedClock(life) },
      log: this.logger(life),
      authenticator,
      observer: NO_OBSERVER,
      events: {
        recovered: (_report, mismatches) => {
          if (mismatches > 0)
            this.options.onFault(`${mismatches} digests did not match in the replay of the log`, 'digest')
        },
        received: () => undefined,
        synced: () => undefined,
        snapshotTaken: () => undefined,
        snapshotFailed: () => undefined,
        closed: () => undefined,
        slowSync: () => undefined,
        limited: () => undefined,
      },
    })
    if (life.isOver) return
    this.core = core
    plant.core?.(core)
    core.start()
    this.options.network.acceptor = {
      accept: (link) => this.accept(core, link),
      schedule: (delayMs, run) => life.after(delayMs, () => this.guarded(run)),
    }
  }

  /** A fault of the program while it runs a timer brings the server down, as it does in a real process. */
  private guardedClock(life: Life): Life['clock'] {
    const { clock } = life
    return { ...clock, after: (delayMs, callback) => clock.after(delayMs, () => this.guarded(callback)) }
  }

  private guarded(action: () => void): void {
    try {
      action()
    } catch (error) {
      this.options.onFault(`the server fell over: ${error instanceof Error ? error.stack : String(error)}`)
      this.kill('process killed')
    }
  }

  private logger(life: Life): CoreOptions['log'] {
    const note = (message: string, fields?: Readonly<Record<string, unknown>>): void => {
      if (life.isOver) return
      const error = fields?.['error']
      this.options.note(`server: ${message}${error instanceof Error ? `: ${error.message}` : ''}`)
    }
    return {
      trace: note,
      debug: () => undefined,
      info: note,
      warn: note,
      error: note,
      fatal: note,
      isEnabled: () => false,
    }
  }

  private accept(core: Core, link: Link): ServerEnd {
    const client = core.driver.attach(link, [{ scheme: 'ip', id: '127.0.0.1' }])
    return {
      received: (bytes) => core.driver.receive(client, bytes),
      drained: () => core.driver.drained(client),
      closed: () => core.driver.detach(client),
    }
  }

  /** The data cannot be opened. An ill disk may get well; damage is for people to mend. */
  private refused(error: unknown): void {
    this.life?.end()
    if (error instanceof RecoveryError && !isOfDisk(error)) {
      this.hasRefused = true
      this.options.note(`the server refuses its data: ${error.message}`)
      if (!this.mayRefuse) this.options.onFault(`the server refuses its data: ${error.message}`)
      return
    }
    if (!isOfDisk(error))
      this.options.onFault(`the server does not start: ${error instanceof Error ? error.stack : String(error)}`)
    this.options.machine.time.after(RESTART_MS, () => this.restart())
  }

  /** Kills the process, or takes the power from the machine; nothing is told to it. */
  kill(how: 'process killed' | 'power lost'): void {
    const { disk, network, note } = this.options
    if (this.life === undefined || this.life.isOver) return
    note(how)
    this.life.end()
    this.core = undefined
    network.serverGone()
    if (how === 'power lost') disk.powerLost()
    else disk.killed()
  }

  restart(): void {
    if (this.life?.isOver === false) return
    this.hasRefused = false
    this.start()
  }

  /** A clean end, as after SIGTERM. */
  async stop(): Promise<void> {
    const { core, life } = this
    if (core === undefined || life === undefined) return
    await core.stop()
    this.kill('process killed')
  }
}

function isOfDisk(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && (at.code === 'EIO' || at.code === 'ENOSPC')) return true
  }
  return false
}
