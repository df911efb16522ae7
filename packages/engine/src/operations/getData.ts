/** getData: data and Stat of a znode (FinalRequestProcessor, DataTree.getData). The hottest path of the server. */
import { ErrorCode, JuteError, Permission, type Input } from '@meerkat/protocol'
import { permits, type State } from '../state.ts'
import { NONE } from '../tree/tree.ts'
import type { RecordId } from '../tree/znodeRecords.ts'
import type { ReadOperation } from './operation.ts'

/** The path that a request begins with, looked up without making a string of it. */
export function findPath(state: State, input: Input): RecordId {
  const length = input.length()
  if (length < 0) throw new JuteError('null where a path is expected')
  const start = input.take(length)
  return state.tree.findIn(input, start, start + length)
}

/** The watch byte of a request, and the path before it if it is set. */
export function watchedPath(input: Input, request: number): string | undefined {
  if (!input.boolean()) return undefined
  input.offset = request
  const path = input.string()
  input.offset++
  return path ?? ''
}

export const getData: ReadOperation = {
  kind: 'read',
  read(state, connection, input, output) {
    const request = input.offset
    const record = findPath(state, input)
    const watched = watchedPath(input, request)
    if (record === NONE) return ErrorCode.NONODE
    if (!permits(state, record, Permission.read, connection.identities)) return ErrorCode.NOAUTH
    if (watched !== undefined) state.watches.addData(watched, connection)
    state.tree.writeData(record, output)
    state.tree.records.writeStat(record, output)
    return ErrorCode.OK
  },
}
