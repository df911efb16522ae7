/** multiRead: several reads, each with a result of its own (FinalRequestProcessor). */
import {
  ErrorCode,
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

/** The watch flags in the request mean nothing here. */
export const multiRead: ReadOperation = {
  kind: 'read',
  read(state, connection, input, output) {
    for (const { type, request } of readMultiReads(input)) {
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
