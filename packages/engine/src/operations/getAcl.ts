/** getACL: without ADMIN the digests of passwords are not shown (FinalRequestProcessor). */
import { Acl, ErrorCode, Permission, vector } from '@meerkat/protocol'
import { maskDigests } from '../authorization/maskDigests.ts'
import { permits } from '../state.ts'
import { NONE } from '../tree/tree.ts'
import { findPath } from './getData.ts'
import type { ReadOperation } from './operation.ts'

const acls = vector(Acl)

export const getAcl: ReadOperation = {
  kind: 'read',
  read(state, { identities }, input, output) {
    const record = findPath(state, input)
    if (record === NONE) return ErrorCode.NONODE
    if (!permits(state, record, Permission.read | Permission.admin, identities)) return ErrorCode.NOAUTH
    const acl = state.tree.aclOf(record)
    const isAdmin = permits(state, record, Permission.admin, identities)
    acls.write(output, isAdmin ? acl : maskDigests(acl))
    state.tree.records.writeStat(record, output)
    return ErrorCode.OK
  },
}
