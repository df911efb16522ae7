/**
 * Bugs that are planted to see whether they are caught: the test of the simulator and of its judge. Each is one that a
 * coordination server has had, or could.
 */
import { Recovery, type Connection, type LogGroup } from '@meerkat/engine'
import { ZeroFill, type Disk, type DiskFile, type OpenMode } from '@meerkat/io'
import {
  copyOf,
  ErrorCode,
  OpCode,
  parseLogName,
  parseSnapshotName,
  type Bytes,
  type Txn,
  type Zxid,
} from '@meerkat/protocol'
import type { Core } from '@meerkat/server'
import type { Guarantee } from './history/guarantees.ts'
import type { Plant } from './server.ts'

/** What plants reach for inside a core: its private parts, by the names that they have there. */
interface Inside {
  readonly options: { readonly world: { readonly disk: Disk } }
  readonly logDirectory: string
  purge(): Promise<void>
  readonly transactionLog: { append(group: Bytes, first: Zxid): Promise<void> }
  readonly driver: { attach(link: Link, identities: unknown): unknown }
  readonly engine: {
    readonly state: {
      readonly watches: Watches
      readonly quotas: { check(): number; changed(...change: unknown[]): void }
      readonly rules: { readonly authorization: object }
      readonly outstanding: { setAcl(): void }
      readonly tree: { ephemeralsOf(session: bigint): unknown; writeZnode(record: number, ...rest: unknown[]): void }
      readonly sessions: { touch(session: { expiresAt: number }, ...rest: unknown[]): void; newId(): bigint }
    }
    readonly writes: { readonly proposals: { shift(upTo: Zxid): { txn: Txn } | undefined } }
    readonly operations: ReadonlyMap<number, object>
    takeLogGroup(): LogGroup | undefined
    durable(zxid: Zxid): void
    request(connection: Connection, ...rest: unknown[]): void
  }
}

interface Link {
  send(bytes: Bytes): boolean
}

type Fire = (...parameters: unknown[]) => number
type Watches = Record<'created' | 'changed' | 'deleted', Fire>
const FIRES = ['created', 'changed', 'deleted'] as const

function inside(plant: (inside: Inside) => void): Plant {
  return { core: (core: Core) => plant(core as unknown as Inside) }
}

/** Changes what is written to transactions between the log and the tree. */
function altered(alter: (txn: Txn) => Txn): Plant {
  return inside(({ engine: { writes } }) => {
    const { proposals } = writes
    const shift = proposals.shift.bind(proposals)
    proposals.shift = (upTo) => {
      const next = shift(upTo)
      return next === undefined ? undefined : { ...next, txn: alter(next.txn) }
    }
  })
}

function diskWith(change: (disk: Disk) => Partial<Disk>): Plant {
  return {
    disk: (disk) => {
      const plain: Disk = {
        list: (directory) => disk.list(directory),
        size: (path) => disk.size(path),
        read: (path) => disk.read(path),
        open: (path, mode) => disk.open(path, mode),
        rename: (from, to) => disk.rename(from, to),
        remove: (path) => disk.remove(path),
        makeDirectory: (path) => disk.makeDirectory(path),
        syncDirectory: (path) => disk.syncDirectory(path),
        freeBytes: (path) => disk.freeBytes(path),
      }
      return { ...plain, ...change(disk) }
    },
  }
}

function without(file: DiskFile, method: 'truncate' | 'sync'): DiskFile {
  return new Proxy(file, {
    get: (target, name) => {
      if (name === method) return () => Promise.resolve()
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** Methods of recovery that are about to be replaced for all of its instances. */
function replaced(names: readonly ('loaded' | 'replay')[]) {
  const before: Pick<Recovery, 'loaded' | 'replay'> = Recovery.prototype
  const kept = { ...Object.fromEntries(names.map((name) => [name, before[name]])) } as typeof before
  return { before: kept, restore: () => void Object.assign(Recovery.prototype, kept) }
}

/** Takes the newest snapshot for all that is needed, though transactions after it may be in the log before. */
async function purgeTooMuch({ options, logDirectory }: Inside): Promise<void> {
  const { disk } = options.world
  const names = await disk.list(logDirectory)
  const newest = Math.max(...names.map((name) => parseSnapshotName(name)?.zxid ?? -1))
  for (const name of names) {
    if ((parseLogName(name) ?? Infinity) <= newest) await disk.remove(`${logDirectory}/${name}`).catch(() => undefined)
  }
}

export interface PlantedBug {
  readonly plant: Plant
  /** Any of these may be the first that is seen broken. */
  readonly breaks: readonly Guarantee[]
}

export const PLANTED_BUGS: Readonly<Record<string, PlantedBug>> = {
  'acknowledges before the sync': {
    breaks: ['durability', 'only what is durable', 'log order'],
    plant: inside(({ transactionLog }) => {
      const append = transactionLog.append.bind(transactionLog)
      let last: Promise<void> = Promise.resolve()
      transactionLog.append = (group, first) => {
        const bytes = copyOf(group)
        last = last.then(() => append(bytes, first)).catch(() => undefined)
        return Promise.resolve()
      }
    }),
  },
  'lets a read see a write that is not durable': {
    breaks: ['durability', 'only what is durable', 'log order'],
    plant: inside(({ engine }) => {
      const takeLogGroup = engine.takeLogGroup.bind(engine)
      engine.takeLogGroup = () => {
        const group = takeLogGroup()
        if (group !== undefined) engine.durable(group.last)
        return group
      }
    }),
  },
  'writes the log without syncing it': {
    breaks: ['durability', 'only what is durable', 'log order', 'progress'],
    plant: diskWith((disk) => ({
      open: (path: string, mode: OpenMode) => disk.open(path, mode === 'createSynced' ? 'create' : mode),
    })),
  },
  'does not sync the directory of a new log': {
    breaks: ['durability', 'only what is durable', 'log order', 'progress'],
    plant: diskWith(() => ({ syncDirectory: () => Promise.resolve() })),
  },
  'does not cut what a failed write left': {
    breaks: ['log order', 'progress', 'durability', 'atomicity', 'digest', 'once only', 'only what is durable'],
    plant: diskWith((disk) => ({ open: async (path, mode) => without(await disk.open(path, mode), 'truncate') })),
  },
  'writes zeros over records': {
    breaks: ['durability', 'only what is durable', 'log order', 'progress'],
    plant: {
      around: () => {
        const before: unknown = Reflect.get(ZeroFill.prototype, 'before')
        ZeroFill.prototype.before = () => undefined
        return () => void Object.assign(ZeroFill.prototype, { before })
      },
    },
  },
  'trusts recovered records that were never synced': {
    breaks: ['durability', 'only what is durable', 'log order', 'progress'],
    plant: diskWith((disk) => ({
      open: async (path, mode) => {
        const file = await disk.open(path, mode)
        if (mode !== 'write') return file
        return new Proxy(without(file, 'sync'), {
          get: (target, name) => (name === 'write' ? () => Promise.resolve() : (Reflect.get(target, name) as unknown)),
        })
      },
    })),
  },
  'loses a watch': {
    breaks: ['events before data', 'watch events'],
    plant: inside(({ engine: { state } }) => {
      const changed = state.watches.changed.bind(state.watches)
      let count = 0
      state.watches.changed = (...parameters) => (++count % 5 === 0 ? 0 : changed(...parameters))
    }),
  },
  'fires watches after the reply': {
    breaks: ['events before data'],
    plant: inside(({ engine }) => {
      const { watches } = engine.state
      const late: (() => void)[] = []
      for (const name of FIRES) {
        const fire = watches[name].bind(watches)
        watches[name] = (...parameters) => late.push(() => fire(...parameters))
      }
      const durable = engine.durable.bind(engine)
      engine.durable = (zxid) => {
        durable(zxid)
        for (const fire of late.splice(0)) fire()
      }
    }),
  },
  'fires a watch twice': {
    breaks: ['watch events'],
    plant: inside(({ engine: { state } }) => {
      const created = state.watches.created.bind(state.watches)
      state.watches.created = (...parameters) => created(...parameters) + created(...parameters)
    }),
  },
  'forgets what changed while a client was away': {
    breaks: ['events before data', 'watch events'],
    plant: inside(({ engine }) => {
      Object.assign(engine.operations.get(OpCode.setWatches2) ?? {}, { before: () => undefined })
    }),
  },
  'applies half a multi': {
    breaks: ['atomicity', 'reads are of one state'],
    plant: altered((txn) => (txn.type === OpCode.multi ? { ...txn, txns: txn.txns.slice(0, -1) } : txn)),
  },
  'forgets to remove an ephemeral': {
    breaks: ['reads are of one state', 'atomicity', 'digest'],
    plant: {
      core: (core) => {
        altered((txn) => (txn.type === OpCode.closeSession ? { ...txn, paths: [] } : txn)).core?.(core)
        const { tree } = (core as unknown as Inside).engine.state
        tree.ephemeralsOf = () => []
      },
    },
  },
  'answers reads before the writes that came first': {
    breaks: ['session order'],
    plant: inside(({ engine }) => {
      const request = engine.request.bind(engine)
      engine.request = (connection, ...rest) => {
        Object.defineProperty(connection, 'outstanding', { value: 0, configurable: true })
        request(connection, ...rest)
        Reflect.deleteProperty(connection, 'outstanding')
      }
    }),
  },
  'lets a session expire though it is heard of': {
    breaks: ['session timeout'],
    plant: inside(({ engine: { state } }) => {
      const touch = state.sessions.touch.bind(state.sessions)
      state.sessions.touch = (session, ...rest) => {
        if (session.expiresAt === 0) touch(session, ...rest)
      }
    }),
  },
  'leaves a znode out of a snapshot': {
    breaks: ['reads are of one state', 'atomicity', 'digest', 'progress'],
    plant: inside(({ engine: { state } }) => {
      const writeZnode = state.tree.writeZnode.bind(state.tree)
      state.tree.writeZnode = (record, ...rest) => {
        // The first ones are those that every server has.
        if (record % 3 !== 0 || record < 5) writeZnode(record, ...rest)
      }
    }),
  },
  'takes a fuzzy snapshot for an exact one': {
    breaks: ['reads are of one state', 'atomicity', 'digest', 'progress'],
    plant: {
      around: () => {
        const prototype = replaced(['loaded', 'replay'])
        const { loaded, replay } = prototype.before
        let last = 0
        Recovery.prototype.loaded = function (zxid, tail) {
          last = tail?.lastZxid ?? zxid
          Reflect.apply(loaded, this, [zxid, tail])
        }
        Recovery.prototype.replay = function (txn) {
          if (txn.header.zxid > last) Reflect.apply(replay, this, [txn])
        }
        return prototype.restore
      },
    },
  },
  'replays a transaction twice': {
    breaks: ['reads are of one state', 'atomicity', 'digest', 'progress'],
    plant: {
      around: () => {
        const prototype = replaced(['replay'])
        const { replay } = prototype.before
        Recovery.prototype.replay = function (logged) {
          Reflect.apply(replay, this, [logged])
          const { txn } = logged
          if (txn.type === OpCode.setData) {
            Reflect.apply(replay, this, [{ ...logged, txn: { ...txn, version: txn.version + 1 } }])
          }
        }
        return prototype.restore
      },
    },
  },
  'writes over replies that have not left': {
    breaks: [
      'well formed',
      'session order',
      'atomicity',
      'reads are of one state',
      'progress',
      'watch events',
      'events before data',
    ],
    plant: inside(({ driver }) => {
      const attach = driver.attach.bind(driver)
      driver.attach = (link, identities) => {
        const send = link.send.bind(link)
        link.send = (bytes) => {
          send(bytes)
          return true
        }
        return attach(link, identities)
      }
    }),
  },
  'asks no ACL': {
    breaks: ['permissions'],
    plant: inside(({ engine: { state } }) => void Object.assign(state.rules.authorization, { skipAcl: true })),
  },
  'holds a write against an ACL that the write before it has replaced': {
    breaks: ['permissions'],
    plant: inside(({ engine: { state } }) => (state.outstanding.setAcl = () => {})),
  },
  'tells of a znode whoever may not read it': {
    breaks: ['watch events'],
    plant: inside(({ engine: { state } }) => {
      for (const name of FIRES) {
        const fire = state.watches[name].bind(state.watches)
        state.watches[name] = (...events) =>
          fire(...events.map((event) => Object.assign(event ?? {}, { mayRead: () => true })))
      }
    }),
  },
  'enforces no quota': {
    breaks: ['quotas'],
    plant: inside(({ engine: { state } }) => (state.quotas.check = () => ErrorCode.OK)),
  },
  'miscounts what a quota limits': {
    breaks: ['quotas', 'reads are of one state'],
    plant: inside(({ engine: { state } }) => {
      const changed = state.quotas.changed.bind(state.quotas)
      let count = 0
      state.quotas.changed = (...change) => {
        if (++count % 5 !== 0) changed(...change)
      }
    }),
  },
  'purges a log that it still needs': {
    breaks: ['durability', 'only what is durable', 'log order', 'progress', 'digest'],
    plant: inside((core) => (core.purge = () => purgeTooMuch(core))),
  },
  'gives two sessions the same id after a restart': {
    breaks: [
      'atomicity',
      'once only',
      'ephemerals and sessions',
      'durability',
      'reads are of one state',
      'session timeout',
      'watch events',
    ],
    plant: inside(({ engine: { state } }) => {
      let next = 0x100000000000001n
      state.sessions.newId = () => next++
    }),
  },
}
