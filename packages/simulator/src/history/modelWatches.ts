/** Which connection watches what, and what each must be told, as the programmer's guide says. */
import { EventType, Permission, type Acl } from '@meerkat/protocol'
import type { Watched } from './history.ts'
import { mayDo, type Identities } from './modelAcl.ts'
import { splitPath, type ModelTree } from './modelTree.ts'
import type { Change } from './modelWrites.ts'

/** `zxid` is what the event carries: -1 in the answer to setWatches. `atZxid` is when it became due. */
export interface DueEvent {
  readonly zxid: number
  readonly atZxid: number
  /** Replies to calls before this place among the entries say nothing of it. */
  readonly since: number
  readonly type: number
  readonly path: string
}

interface Rearmed {
  readonly connection: number
  readonly relativeZxid: number
  readonly watched: Watched
  readonly atZxid: number
  readonly since: number
}

export type Kind = 'data' | 'child' | 'persistent' | 'recursive'

export class ModelWatches {
  /** What each connection must be told, in order. */
  readonly due = new Map<number, DueEvent[]>()
  private readonly tables: Readonly<Record<Kind, Map<string, Set<number>>>> = {
    data: new Map(),
    child: new Map(),
    persistent: new Map(),
    recursive: new Map(),
  }
  private readonly identitiesOf: (connection: number) => Identities

  constructor(identitiesOf: (connection: number) => Identities) {
    this.identitiesOf = identitiesOf
  }

  add(kind: Kind, path: string, connection: number): void {
    const table = this.tables[kind]
    const watchers = table.get(path)
    if (watchers === undefined) table.set(path, new Set([connection]))
    else watchers.add(connection)
  }

  forget(connection: number): void {
    for (const table of Object.values(this.tables)) for (const watchers of table.values()) watchers.delete(connection)
  }

  tell(connection: number, event: DueEvent): void {
    const list = this.due.get(connection)
    if (list === undefined) this.due.set(connection, [event])
    else list.push(event)
  }

  changed({ type, path, acl, parentAcl }: Change, zxid: number): void {
    const told = this.watchersOf('data', path)
    if (type === EventType.nodeDeleted) for (const one of this.watchersOf('child', path)) told.add(one)
    for (const one of this.standing('persistent', path)) told.add(one)
    for (let at = path; ; [at] = splitPath(at)) {
      for (const one of this.standing('recursive', at)) told.add(one)
      if (at === '/') break
    }
    this.tellReaders(told, acl, { zxid, atZxid: zxid, since: 0, type, path })
    if (type !== EventType.nodeDataChanged) this.childrenChanged(splitPath(path)[0], parentAcl, zxid)
  }

  private childrenChanged(path: string, acl: readonly Acl[], zxid: number): void {
    const told = this.watchersOf('child', path)
    for (const one of this.standing('persistent', path)) told.add(one)
    const type = EventType.nodeChildrenChanged
    this.tellReaders(told, acl, { zxid, atZxid: zxid, since: 0, type, path })
  }

  /** A watch is spent also where its owner may not read the znode, and so hears nothing. */
  private tellReaders(watchers: ReadonlySet<number>, acl: readonly Acl[], event: DueEvent): void {
    for (const connection of watchers)
      if (mayDo(acl, Permission.read, this.identitiesOf(connection))) this.tell(connection, event)
  }

  /** Standard watches are gone once they fire. */
  private watchersOf(kind: 'data' | 'child', path: string): Set<number> {
    const watchers = this.tables[kind].get(path) ?? new Set()
    this.tables[kind].delete(path)
    return watchers
  }

  private standing(kind: 'persistent' | 'recursive', path: string): ReadonlySet<number> {
    return this.tables[kind].get(path) ?? NOBODY
  }

  /** A client that moved tells what it watches: it is told what it missed since `relativeZxid`, and watches the rest. */
  rearm(tree: ModelTree, request: Rearmed): void {
    const { connection, relativeZxid, watched, atZxid, since } = request
    const tell = (type: number, path: string): void => this.tell(connection, { zxid: -1, atZxid, since, type, path })
    for (const path of watched.data) {
      const znode = tree.get(path)
      if (znode === undefined) tell(EventType.nodeDeleted, path)
      else if (znode.mzxid > relativeZxid) tell(EventType.nodeDataChanged, path)
      else this.add('data', path, connection)
    }
    for (const path of watched.exist) {
      if (tree.get(path) === undefined) this.add('data', path, connection)
      else tell(EventType.nodeCreated, path)
    }
    for (const path of watched.child) {
      const znode = tree.get(path)
      if (znode === undefined) tell(EventType.nodeDeleted, path)
      else if (znode.pzxid > relativeZxid) tell(EventType.nodeChildrenChanged, path)
      else this.add('child', path, connection)
    }
    for (const path of watched.persistent) this.add('persistent', path, connection)
    for (const path of watched.recursive) this.add('recursive', path, connection)
  }
}

const NOBODY: ReadonlySet<number> = new Set()
