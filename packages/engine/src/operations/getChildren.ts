/** getChildren and getChildren2: the names below a znode, in order of creation (FinalRequestProcessor). */
import { ErrorCode, Permission, type Input, type Output } from '@meerkat/protocol'
import type { Connection } from '../connection.ts'
import { permits, type State } from '../state.ts'
import { NONE } from '../tree/tree.ts'
import type { RecordId } from '../tree/znodeRecords.ts'
import { findPath, watchedPath } from './getData.ts'
import type { ReadOperation } from './operation.ts'

function children(
  { state, connection, input, output }: { state: State; connection: Connection; input: Input; output: Output },
  finish: (record: RecordId) => void,
): ErrorCode {
  const request = input.offset
  const record = findPath(state, input)
  const watched = watchedPath(input, request)
  if (record === NONE) return ErrorCode.NONODE
  if (!permits(state, record, Permission.read, connection.identities)) return ErrorCode.NOAUTH
  if (watched !== undefined) state.watches.addChild(watched, connection)
  state.tree.writeChildren(record, output)
  finish(record)
  return ErrorCode.OK
}

export const getChildren: ReadOperation = {
  kind: 'read',
  read: (state, connection, input, output) => children({ state, connection, input, output }, () => undefined),
}

export const getChildren2: ReadOperation = {
  kind: 'read',
  read: (state, connection, input, output) =>
    children({ state, connection, input, output }, (record) => state.tree.records.writeStat(record, output)),
}
