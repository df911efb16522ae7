/** The watches that a session has set, for delivery and for setting them again after a reconnect. */
import { encodedLength, EventType, parentOf, type Zxid } from '@meerkat/protocol'

export type WatchKind = 'data' | 'exists' | 'children' | 'persistent' | 'persistentRecursive'

/** What happened to a znode. The removed types come from the client itself, when a watch is taken away. */
export type NodeEventType =
  | 'nodeCreated'
  | 'nodeDeleted'
  | 'nodeDataChanged'
  | 'nodeChildrenChanged'
  | 'dataWatchRemoved'
  | 'childWatchRemoved'
  | 'persistentWatchRemoved'

export interface WatchEvent {
  readonly type: NodeEventType
  readonly path: string
  /** The zxid of the change; -1 where the server does not tell (before 3.9). */
  readonly zxid: number
}

export type Watcher = (event: WatchEvent) => void

/** The bytes of paths in one setWatches; the frame stays far below jute.maxbuffer. */
export const SET_WATCHES_BYTES = 128 * 1024

const KINDS: readonly WatchKind[] = ['data', 'exists', 'children', 'persistent', 'persistentRecursive']

const EVENT_NAMES: Record<number, NodeEventType> = {
  [EventType.nodeCreated]: 'nodeCreated',
  [EventType.nodeDeleted]: 'nodeDeleted',
  [EventType.nodeDataChanged]: 'nodeDataChanged',
  [EventType.nodeChildrenChanged]: 'nodeChildrenChanged',
}

/** The name of a type on the wire, or undefined for one that is not about a znode. */
export function eventName(type: number): NodeEventType | undefined {
  return EVENT_NAMES[type]
}

/** The watches that fire once and are gone, for each event. */
const ONE_SHOT: Partial<Record<NodeEventType, readonly WatchKind[]>> = {
  nodeCreated: ['data', 'exists'],
  nodeDataChanged: ['data', 'exists'],
  nodeChildrenChanged: ['children'],
  nodeDeleted: ['data', 'exists', 'children'],
}

const REMOVED_EVENT: Record<WatchKind, NodeEventType> = {
  data: 'dataWatchRemoved',
  exists: 'dataWatchRemoved',
  children: 'childWatchRemoved',
  persistent: 'persistentWatchRemoved',
  persistentRecursive: 'persistentWatchRemoved',
}

export class WatchRegistry {
  private readonly kinds: Record<WatchKind, Map<string, Set<Watcher>>> = {
    data: new Map(),
    exists: new Map(),
    children: new Map(),
    persistent: new Map(),
    persistentRecursive: new Map(),
  }

  add(kind: WatchKind, path: string, watcher: Watcher): void {
    const watchers = this.kinds[kind].get(path)
    if (watchers === undefined) this.kinds[kind].set(path, new Set([watcher]))
    else watchers.add(watcher)
  }

  has(kind: WatchKind, path: string): boolean {
    return this.kinds[kind].has(path)
  }

  /** Takes the watchers that an event is for: those that fire once are removed. */
  take(type: NodeEventType, path: string): Set<Watcher> {
    const taken = new Set<Watcher>()
    for (const kind of ONE_SHOT[type] ?? []) {
      for (const watcher of this.kinds[kind].get(path) ?? []) taken.add(watcher)
      this.kinds[kind].delete(path)
    }
    for (const watcher of this.kinds.persistent.get(path) ?? []) taken.add(watcher)
    if (type === 'nodeChildrenChanged') return taken
    for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) {
      for (const watcher of this.kinds.persistentRecursive.get(at) ?? []) taken.add(watcher)
    }
    return taken
  }

  /** Removes the watches of `kinds` on `path`, or only those of one watcher; tells who lost which. */
  remove(kinds: readonly WatchKind[], path: string, only?: Watcher): { watchers: Watcher[]; event: NodeEventType }[] {
    const removed: { watchers: Watcher[]; event: NodeEventType }[] = []
    for (const kind of kinds) {
      const set = this.kinds[kind].get(path)
      if (set === undefined) continue
      const watchers = [...set].filter((watcher) => only === undefined || watcher === only)
      for (const watcher of watchers) set.delete(watcher)
      if (set.size === 0) this.kinds[kind].delete(path)
      if (watchers.length > 0) removed.push({ watchers, event: REMOVED_EVENT[kind] })
    }
    return removed
  }

  clear(): void {
    for (const kind of KINDS) this.kinds[kind].clear()
  }

  /** The records that set every watch again, each with at most SET_WATCHES_BYTES of paths. */
  *renewals(relativeZxid: Zxid): Generator<WatchRenewal> {
    let batch = emptyRenewal(relativeZxid)
    let size = 0
    for (const kind of KINDS) {
      for (const path of this.kinds[kind].keys()) {
        const length = 4 + encodedLength(path)
        if (size > 0 && size + length > SET_WATCHES_BYTES) {
          yield batch
          batch = emptyRenewal(relativeZxid)
          size = 0
        }
        batch[RENEWAL_FIELD[kind]].push(path)
        size += length
      }
    }
    if (size > 0) yield batch
  }
}

export interface WatchRenewal {
  relativeZxid: Zxid
  dataWatches: string[]
  existWatches: string[]
  childWatches: string[]
  persistentWatches: string[]
  persistentRecursiveWatches: string[]
}

const RENEWAL_FIELD = {
  data: 'dataWatches',
  exists: 'existWatches',
  children: 'childWatches',
  persistent: 'persistentWatches',
  persistentRecursive: 'persistentRecursiveWatches',
} as const satisfies Record<WatchKind, keyof WatchRenewal>

function emptyRenewal(relativeZxid: Zxid): WatchRenewal {
  return {
    relativeZxid,
    dataWatches: [],
    existWatches: [],
    childWatches: [],
    persistentWatches: [],
    persistentRecursiveWatches: [],
  }
}
