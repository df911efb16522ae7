/** multiRead: several reads, each with a result of its own (FinalRequestProcessor). */
import {
  ErrorCode,
  JuteError,
  MultiHeader,
  OpCode,
  Permission,
  readMultiReads,
  writeMultiEnd,
  writeMultiResult,
} from '@meerkat/protocol'
import { permits } from '../state.ts'
import { NONE } from '../tree/tree.ts'
import type { ReadOperation } from './operation.ts'

/** One request may name a large znode many times. Clients take no more than a few MiB. */
const MAX_REPLY_BYTES = 32 * 1024 * 1024

/** The watch flags in the request mean nothing here. */
export const multiRead: ReadOperation = {
  kind: 'read',
  read(state, connection, input, output) {
    const start = output.length
    for (const { type, request } of readMultiReads(input)) {
      if (output.length - start > MAX_REPLY_BYTES) throw new JuteError('a reply of multiRead has no room')
      const record = state.tree.find(request.path)
      const isThere = record !== NONE
      if (isThere && permits(state, record, Permission.read, connection.identities)) {
        MultiHeader.write(output, { type, done: false, err: ErrorCode.OK })
        if (type === OpCode.getChildren) state.tree.writeChildren(record, output)
        else {
          state.tree.writeData(record, output)
          state.tree.records.writeStat(record, output)
        }
      } else {
        const err = isThere ? ErrorCode.NOAUTH : ErrorCode.NONODE
        writeMultiResult(output, { type: OpCode.error, body: { err } })
      }
    }
    writeMultiEnd(output)
    return ErrorCode.OK
  },
}
