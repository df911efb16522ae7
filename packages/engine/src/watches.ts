/**
 * Watches (server.watch.WatchManager): who is told of a change, once or always.
 *
 * Two tables, data (getData, exists) and child (getChildren). A persistent watch is in both, a recursive one in the data
 * table only, where it also hears of all descendants. Watches belong to the connection and go with it.
 */
import type { Zxid } from '@meerkat/protocol'
import { EventType, Output, REPLY_HEADER_SIZE, SYNC_CONNECTED, Xid, encodedLength, parentOf } from '@meerkat/protocol'
import type { Connection } from './connection.ts'

export const WatchMode = { standard: 1, persistent: 2, recursive: 4 } as const

type Watchers = Map<Connection, number>
type Table = Map<string, Watchers>

export interface Event {
  readonly type: EventType
  readonly path: string
  readonly zxid: Zxid
  /** Whether this connection may read the znode; others are not told. */
  readonly mayRead: (connection: Connection) => boolean
}

export class Watches {
  private readonly data: Table = new Map()
  private readonly child: Table = new Map()
  private recursive = 0
  private readonly event = new Output(512)
  /** Told how many watches a change has fired. */
  private readonly onFired: (type: EventType, watches: number) => void

  constructor(onFired: (type: EventType, watches: number) => void = () => undefined) {
    this.onFired = onFired
  }

  /** Registrations in both tables. */
  get count(): number {
    let count = 0
    for (const table of [this.data, this.child]) for (const watchers of table.values()) count += watchers.size
    return count
  }

  get isEmpty(): boolean {
    return this.data.size === 0 && this.child.size === 0
  }

  addData(path: string, connection: Connection, mode: number = WatchMode.standard): void {
    if (mode === WatchMode.recursive && (this.modes(this.data, path, connection) & WatchMode.recursive) === 0)
      this.recursive++
    add(this.data, path, connection, mode)
    connection.dataWatches.add(path)
  }

  addChild(path: string, connection: Connection, mode: number = WatchMode.standard): void {
    add(this.child, path, connection, mode)
    connection.childWatches.add(path)
  }

  addPersistent(path: string, connection: Connection): void {
    this.addData(path, connection, WatchMode.persistent)
    this.addChild(path, connection, WatchMode.persistent)
  }

  addRecursive(path: string, connection: Connection): void {
    this.addData(path, connection, WatchMode.recursive)
  }

  private modes(table: Table, path: string, connection: Connection): number {
    return table.get(path)?.get(connection) ?? 0
  }

  hasData(path: string, connection: Connection, mode: number): boolean {
    return (this.modes(this.data, path, connection) & mode) !== 0
  }

  hasChild(path: string, connection: Connection, mode: number): boolean {
    return (this.modes(this.child, path, connection) & mode) !== 0
  }

  /** Removes these modes; tells whether there was any. */
  removeData(path: string, connection: Connection, modes: number): boolean {
    const before = this.modes(this.data, path, connection)
    if ((before & modes & WatchMode.recursive) !== 0) this.recursive--
    return this.remove(this.data, connection.dataWatches, { path, connection, before, modes })
  }

  removeChild(path: string, connection: Connection, modes: number): boolean {
    const before = this.modes(this.child, path, connection)
    return this.remove(this.child, connection.childWatches, { path, connection, before, modes })
  }

  private remove(
    table: Table,
    paths: Set<string>,
    { path, connection, before, modes }: { path: string; connection: Connection; before: number; modes: number },
  ): boolean {
    if ((before & modes) === 0) return false
    const watchers = table.get(path)
    const rest = before & ~modes
    if (rest !== 0) watchers?.set(connection, rest)
    else {
      watchers?.delete(connection)
      if (watchers?.size === 0) table.delete(path)
      paths.delete(path)
    }
    return true
  }

  /** The connection is gone. */
  forget(connection: Connection): void {
    for (const path of connection.dataWatches) this.removeData(path, connection, ALL_MODES)
    for (const path of connection.childWatches) this.removeChild(path, connection, ALL_MODES)
  }

  // --- events ---

  created(event: Omit<Event, 'type'>, parent: Omit<Event, 'type'>): void {
    this.report(EventType.nodeCreated, this.fireData({ ...event, type: EventType.nodeCreated }))
    this.childrenChanged(parent)
  }

  private childrenChanged(event: Omit<Event, 'type'>): void {
    this.report(EventType.nodeChildrenChanged, this.fireChild({ ...event, type: EventType.nodeChildrenChanged }))
  }

  changed(event: Omit<Event, 'type'>): void {
    this.report(EventType.nodeDataChanged, this.fireData({ ...event, type: EventType.nodeDataChanged }))
  }

  /** One connection gets one NodeDeleted, though it watches data and children. */
  deleted(event: Omit<Event, 'type'>, parent: Omit<Event, 'type'>): void {
    const told = new Set<Connection>()
    const gone = { ...event, type: EventType.nodeDeleted }
    this.report(gone.type, this.fireData(gone, told) + this.fireChild(gone, told))
    this.childrenChanged(parent)
  }

  private report(type: EventType, watches: number): void {
    if (watches > 0) this.onFired(type, watches)
  }

  private fireData(event: Event, told?: Set<Connection>): number {
    if (this.recursive > 0) told ??= new Set()
    let fired = this.fireAt(this.data, event, told)
    if (this.recursive > 0 && told !== undefined) {
      for (let path = parentOf(event.path); path !== undefined; path = parentOf(path)) {
        fired += this.fireRecursive(path, event, told)
      }
    }
    return fired
  }

  private fireChild(event: Event, told?: ReadonlySet<Connection>): number {
    const watchers = this.child.get(event.path)
    if (watchers === undefined) return 0
    this.encode(event)
    let fired = 0
    for (const [connection, modes] of watchers) {
      if ((modes & WatchMode.standard) !== 0) this.removeChild(event.path, connection, WatchMode.standard)
      if (told?.has(connection) !== true && this.deliver(connection, event)) fired++
    }
    return fired
  }

  private fireAt(table: Table, event: Event, told: Set<Connection> | undefined): number {
    const watchers = table.get(event.path)
    if (watchers === undefined) {
      if (this.recursive > 0) this.encode(event)
      return 0
    }
    this.encode(event)
    let fired = 0
    for (const [connection, modes] of watchers) {
      if ((modes & WatchMode.standard) !== 0) this.removeData(event.path, connection, WatchMode.standard)
      told?.add(connection)
      if (this.deliver(connection, event)) fired++
    }
    return fired
  }

  private fireRecursive(path: string, event: Event, told: Set<Connection>): number {
    let fired = 0
    for (const [connection, modes] of this.data.get(path) ?? []) {
      if ((modes & WatchMode.recursive) === 0 || told.has(connection)) continue
      told.add(connection)
      if (this.deliver(connection, event)) fired++
    }
    return fired
  }

  private deliver(connection: Connection, event: Event): boolean {
    if (!event.mayRead(connection)) return false
    connection.writable().raw(this.event.bytes, 0, this.event.length)
    connection.counters.sent++
    return true
  }

  /** Encodes an event once for all that are told of it. */
  private encode(event: Event): void {
    this.event.length = 0
    writeEvent(this.event, event)
  }

  // --- what operators see: data watches only, as in Apache's commands ---

  byPath(): Iterable<readonly [string, Iterable<Connection>]> {
    return [...this.data].map(([path, watchers]) => [path, watchers.keys()] as const)
  }
}

const ALL_MODES = WatchMode.standard | WatchMode.persistent | WatchMode.recursive

function add(table: Table, path: string, connection: Connection, mode: number): void {
  const watchers = table.get(path)
  if (watchers === undefined) table.set(path, new Map([[connection, mode]]))
  else watchers.set(connection, (watchers.get(connection) ?? 0) | mode)
}

/** Appends the frame of a notification: header with xid -1, then WatcherEvent. */
export function writeEvent(
  output: Output,
  { type, path, zxid }: { type: EventType; path: string; zxid: number },
): void {
  output.int(REPLY_HEADER_SIZE + 12 + encodedLength(path))
  output.int(Xid.notification)
  output.number(zxid)
  output.int(0)
  output.int(type)
  output.int(SYNC_CONNECTED)
  output.string(path)
}
