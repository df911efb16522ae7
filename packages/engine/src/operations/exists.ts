/** exists: the Stat of a znode; a watch is left also where there is none (FinalRequestProcessor). */
import { ErrorCode, Permission, type Input } from '@meerkat/protocol'
import { permits } from '../state.ts'
import { NONE } from '../tree/tree.ts'
import { findPath, watchedPath } from './getData.ts'
import type { ReadOperation } from './operation.ts'

export const exists: ReadOperation = {
  kind: 'read',
  read(state, connection, input, output) {
    const request = input.offset
    const record = findPath(state, input)
    const watched = watchedPath(input, request)
    if (record === NONE && hasNul(input, request)) return ErrorCode.BADARGUMENTS
    if (record !== NONE && !permits(state, record, Permission.read, connection.identities)) return ErrorCode.NOAUTH
    if (watched !== undefined) state.watches.addData(watched, connection)
    if (record === NONE) return ErrorCode.NONODE
    state.tree.records.writeStat(record, output)
    return ErrorCode.OK
  },
}

/** Apache refuses such a path here, though nowhere else among the reads; no watch is left. */
function hasNul({ bytes, offset }: Input, request: number): boolean {
  return bytes.subarray(request + 4, offset - 1).includes(0)
}
