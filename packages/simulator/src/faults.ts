/** What goes wrong in a run, and when. */
import { FILE_HEADER_SIZE } from '@meerkat/protocol'
import type { Actor } from './clients/actor.ts'
import type { SimulatedServer } from './server.ts'
import type { Chance } from './world/chance.ts'
import type { FaultyDisk } from './world/faultyDisk.ts'
import type { Machine } from './world/machine.ts'
import type { Network } from './world/network.ts'
import type { VirtualTime } from './world/virtualTime.ts'

export interface FaultsOptions {
  readonly chance: Chance
  readonly disk: FaultyDisk
  readonly machine: Machine
  readonly network: Network
  readonly server: SimulatedServer
  readonly time: VirtualTime
  readonly actors: readonly Actor[]
  readonly note: (text: string) => void
}

type Fault =
  | 'crash'
  | 'crash at a disk call'
  | 'pause'
  | 'clock jump'
  | 'full disk'
  | 'ill disk'
  | 'slow disk'
  | 'bad network'
  | 'break'
  | 'silence'
  | 'stall'
  | 'vanish'
  | 'flip'

const USUAL: Readonly<Record<Fault, number>> = {
  crash: 3,
  'crash at a disk call': 4,
  pause: 1,
  'clock jump': 1,
  'full disk': 1,
  'ill disk': 1,
  'slow disk': 1,
  'bad network': 1,
  break: 2,
  silence: 1,
  stall: 1,
  vanish: 0.5,
  flip: 1,
}
/** Mean time between two faults. */
const EVERY_MS = 700
const RESTART_MS = 300
const MAX_CALLS_AHEAD = 40

export class Faults {
  private readonly options: FaultsOptions
  private readonly weights: Record<Fault, number>
  private isOver = false
  private mend: () => void = () => {}

  constructor(options: FaultsOptions) {
    this.options = options
    const { chance } = options
    const draw = ([fault, weight]: [string, number]): [string, number] => [
      fault,
      chance.happens(0.3) ? 0 : weight * chance.between(0, 2),
    ]
    this.weights = Object.fromEntries(Object.entries(USUAL).map(draw)) as Record<Fault, number>
    this.weights['crash at a disk call'] += 1
  }

  begin(durationMs: number): void {
    const { chance, time } = this.options
    for (let at = chance.between(0, EVERY_MS); at < durationMs; at += chance.between(0, 2 * EVERY_MS)) {
      time.after(at, () => this.happen(chance.weighted(this.weights)))
    }
  }

  private happen(fault: Fault): void {
    if (this.isOver) return
    const { chance, disk, machine, network, note } = this.options
    note(`fault ${fault}`)
    switch (fault) {
      case 'crash':
        return this.crash()
      case 'crash at a disk call':
        return this.crashAtCall(disk.calls + 1 + chance.below(MAX_CALLS_AHEAD))
      case 'pause':
        return machine.pause(chance.between(0, 3000))
      case 'clock jump':
        machine.wallOffsetMs += Math.round(chance.between(-60_000, 60_000))
        return
      case 'full disk':
        disk.faults.isFull = true
        return this.later(() => (disk.faults.isFull = false))
      case 'ill disk':
        disk.faults.errorRate = chance.between(0.01, 0.3)
        return this.later(() => (disk.faults.errorRate = 0))
      case 'slow disk':
        disk.faults.slownessMs = chance.between(2, 200)
        return this.later(() => (disk.faults.slownessMs = 2))
      case 'bad network':
        Object.assign(network.faults, { latencyMs: chance.between(1, 50), breakRate: 0.02, silenceRate: 0.005 })
        return this.later(() => Object.assign(network.faults, CALM))
      case 'break':
      case 'silence':
      case 'stall':
        return this.disturb(fault)
      case 'flip':
        return this.damage()
      case 'vanish':
        return chance.pick(this.options.actors).vanish()
    }
  }

  private disturb(fault: 'break' | 'silence' | 'stall'): void {
    const { chance, network } = this.options
    const links = [...network.links]
    if (links.length === 0) return
    const link = chance.pick(links)
    if (fault === 'stall') link.stall(chance.between(0, 2000))
    else link[fault]()
  }

  /**
   * A bit goes bad where the server must notice: in a log file that another follows (what was written last may be an
   * interrupted write), or in the newest snapshot, while there is an older one. It starts on the damaged data, and either
   * gets by without it or refuses; after a while the file is restored from a copy.
   */
  private damage(): void {
    const { chance, disk, note, server } = this.options
    if (server.mayRefuse) return
    this.crash('power lost')
    const logs = older(disk.paths(), 'log')
    const followed = logs.filter((_path, index) =>
      disk
        .find(logs[index + 1] ?? '')
        ?.bytes.subarray(FILE_HEADER_SIZE)
        .some(isSet),
    )
    const files = [...followed, ...older(disk.paths(), 'snapshot').slice(1).slice(-1)]
    if (files.length === 0) return
    const path = chance.pick(files)
    const inode = disk.find(path)
    if (inode === undefined || inode.bytes.length === 0) return
    const place = [chance.below(inode.bytes.length), chance.below(8)] as const
    note(`flips bit ${place.join('.')} of ${path}`)
    server.mayRefuse = true
    inode.flip(...place)
    this.mend = () => {
      this.mend = () => {}
      inode.flip(...place)
      server.mayRefuse = false
      if (server.hasRefused) server.restart()
    }
    this.later(() => this.mend())
  }

  private later(action: () => void): void {
    this.options.time.after(this.options.chance.between(100, 3000), action)
  }

  /** Between two calls of the server to its disk. */
  private crashAtCall(call: number): void {
    const { disk, time } = this.options
    disk.onCall = (now) => {
      if (now < call) return
      disk.onCall = () => {}
      time.after(0, () => {
        if (!this.isOver) this.crash()
      })
    }
  }

  private crash(how?: 'power lost'): void {
    const { chance, server, time } = this.options
    server.kill(how ?? (chance.happens(0.7) ? 'power lost' : 'process killed'))
    time.after(chance.between(0, 2 * RESTART_MS), () => server.restart())
  }

  /** Everything is well from now on. */
  heal(): void {
    const { disk, network, server } = this.options
    this.isOver = true
    disk.onCall = () => {}
    this.mend()
    Object.assign(disk.faults, { isFull: false, errorRate: 0, slownessMs: 2 })
    Object.assign(network.faults, CALM)
    server.restart()
  }
}

const CALM = { latencyMs: 1, breakRate: 0, silenceRate: 0 }

function isSet(byte: number): boolean {
  return byte !== 0
}

/** The files of one kind, oldest first. */
function older(paths: readonly string[], kind: 'log' | 'snapshot'): string[] {
  const zxidOf = (path: string): number => Number.parseInt(path.slice(path.lastIndexOf('.') + 1), 16)
  return paths.filter((path) => path.includes(`/${kind}.`)).sort((a, b) => zxidOf(a) - zxidOf(b))
}
