/** sync: answered once every write before it is applied; the engine holds it back until then. */
import { ErrorCode, PathRequest } from '@meerkat/protocol'
import type { ReadOperation } from './operation.ts'

export const sync: ReadOperation = {
  kind: 'read',
  read(_state, _connection, input, output) {
    output.string(PathRequest.read(input).path)
    return ErrorCode.OK
  },
}
