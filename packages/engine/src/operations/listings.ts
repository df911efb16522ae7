/** getEphemerals, getAllChildrenNumber, whoAmI: small reads about what there is (FinalRequestProcessor). */
import {
  ErrorCode,
  GetAllChildrenNumberResponse,
  GetEphemeralsRequest,
  GetEphemeralsResponse,
  Permission,
  WhoAmIResponse,
} from '@meerkat/protocol'
import { permits } from '../state.ts'
import { NONE, ROOT } from '../tree/tree.ts'
import { findPath } from './getData.ts'
import type { ReadOperation } from './operation.ts'

/** Of the asking session only; no ACL is asked. */
export const getEphemerals: ReadOperation = {
  kind: 'read',
  read({ tree }, { sessionId }, input, output) {
    const prefix = GetEphemeralsRequest.read(input).prefixPath ?? ''
    const all = [...tree.ephemeralsOf(sessionId)].map((record) => tree.pathOf(record))
    const ephemerals = prefix.trim() === '' || prefix === '/' ? all : all.filter((path) => path.startsWith(prefix))
    GetEphemeralsResponse.write(output, { ephemerals })
    return ErrorCode.OK
  },
}

export const getAllChildrenNumber: ReadOperation = {
  kind: 'read',
  read(state, { identities }, input, output) {
    const record = findPath(state, input)
    if (record === NONE) return ErrorCode.NONODE
    if (!permits(state, record, Permission.read, identities)) return ErrorCode.NOAUTH
    const totalNumber = record === ROOT ? state.tree.count - 1 : state.tree.descendants(record)
    GetAllChildrenNumberResponse.write(output, { totalNumber })
    return ErrorCode.OK
  },
}

/** Of each identity the user alone: a digest's password hash is not told. */
export const whoAmI: ReadOperation = {
  kind: 'read',
  read(_state, { identities }, _input, output) {
    const clientInfo = identities.map(({ scheme, id }) => ({
      authScheme: scheme,
      user: scheme === 'digest' ? (id?.split(':')[0] ?? null) : id,
    }))
    WhoAmIResponse.write(output, { clientInfo })
    return ErrorCode.OK
  },
}
