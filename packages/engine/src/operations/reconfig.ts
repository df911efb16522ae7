/** reconfig: a change of the ensemble's members. A server that stands alone has none (PrepRequestProcessor). */
import { ErrorCode, ReconfigRequest } from '@meerkat/protocol'
import { noBody, writeOperation } from './operation.ts'

export const reconfig = writeOperation({
  decode: (input) => ReconfigRequest.read(input),
  prepare: () => ErrorCode.RECONFIGDISABLED,
  reply: noBody,
})
