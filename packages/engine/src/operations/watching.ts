/** addWatch, removeWatches, checkWatches, setWatches, setWatches2 (FinalRequestProcessor, DataTree.setWatches). */
import {
  AddWatchMode,
  AddWatchRequest,
  ErrorCode,
  EventType,
  SetWatches2Request,
  SetWatchesRequest,
  WatcherRequest,
  WatcherType,
  type Infer,
} from '@meerkat/protocol'
import type { Connection } from '../connection.ts'
import type { State } from '../state.ts'
import { NONE } from '../tree/tree.ts'
import { LongField } from '../tree/znodeRecords.ts'
import { WatchMode, writeEvent } from '../watches.ts'
import type { ReadOperation } from './operation.ts'

export const addWatch: ReadOperation = {
  kind: 'read',
  read({ watches }, connection, input, output) {
    const { path, mode } = AddWatchRequest.read(input)
    if (mode === AddWatchMode.persistent) watches.addPersistent(path, connection)
    else if (mode === AddWatchMode.persistentRecursive) watches.addRecursive(path, connection)
    else return ErrorCode.MARSHALLINGERROR
    output.int(0)
    return ErrorCode.OK
  },
}

const { standard, persistent, recursive } = WatchMode
const ANY = standard | persistent | recursive

/** Which modes a type of watcher means, in which tables. */
const TYPES: Readonly<Record<number, { readonly data: number; readonly child: number }>> = {
  [WatcherType.children]: { data: 0, child: standard },
  [WatcherType.data]: { data: standard, child: 0 },
  [WatcherType.any]: { data: ANY, child: ANY },
  [WatcherType.persistent]: { data: persistent, child: persistent },
  [WatcherType.persistentRecursive]: { data: recursive, child: 0 },
}

export const checkWatches: ReadOperation = {
  kind: 'read',
  read({ watches }, connection, input) {
    const { path, type } = WatcherRequest.read(input)
    const modes = TYPES[type]
    if (modes === undefined) return ErrorCode.MARSHALLINGERROR
    const has = watches.hasData(path, connection, modes.data) || watches.hasChild(path, connection, modes.child)
    return has ? ErrorCode.OK : ErrorCode.NOWATCHER
  },
}

export const removeWatches: ReadOperation = {
  kind: 'read',
  read({ watches }, connection, input) {
    const { path, type } = WatcherRequest.read(input)
    const modes = TYPES[type]
    if (modes === undefined) return ErrorCode.MARSHALLINGERROR
    const data = watches.removeData(path, connection, modes.data)
    const child = watches.removeChild(path, connection, modes.child)
    return data || child ? ErrorCode.OK : ErrorCode.NOWATCHER
  },
}

type Rearmed = Infer<typeof SetWatches2Request>

/** After a reconnect: what was missed is told at once (with zxid -1), the rest is watched again. */
function rearm(state: State, connection: Connection, request: Rearmed): void {
  const { tree, watches } = state
  const tell = (type: EventType, path: string): void => {
    connection.counters.sent++
    writeEvent(connection.writable(), { type, path, zxid: -1 })
  }
  for (const path of request.dataWatches) {
    const record = tree.find(path)
    if (record === NONE) tell(EventType.nodeDeleted, path)
    else if (tree.records.long(record, LongField.mzxid) > request.relativeZxid) tell(EventType.nodeDataChanged, path)
    else watches.addData(path, connection)
  }
  for (const path of request.existWatches) {
    if (tree.find(path) === NONE) watches.addData(path, connection)
    else tell(EventType.nodeCreated, path)
  }
  for (const path of request.childWatches) {
    const record = tree.find(path)
    if (record === NONE) tell(EventType.nodeDeleted, path)
    else if (tree.records.long(record, LongField.pzxid) > request.relativeZxid)
      tell(EventType.nodeChildrenChanged, path)
    else watches.addChild(path, connection)
  }
  for (const path of request.persistentWatches) watches.addPersistent(path, connection)
  for (const path of request.persistentRecursiveWatches) watches.addRecursive(path, connection)
}

export const setWatches: ReadOperation = {
  kind: 'read',
  before(state, connection, input) {
    const request = SetWatchesRequest.read(input)
    rearm(state, connection, { ...request, persistentWatches: [], persistentRecursiveWatches: [] })
  },
  read: () => ErrorCode.OK,
}

export const setWatches2: ReadOperation = {
  kind: 'read',
  before(state, connection, input) {
    rearm(state, connection, SetWatches2Request.read(input))
  },
  read: () => ErrorCode.OK,
}
