/** setACL: a new ACL for a znode (PrepRequestProcessor, DataTree.setACL). */
import type { Infer, SetAclTxn } from '@meerkat/protocol'
import { ErrorCode, OpCode, Permission, SetAclRequest, pathProblem } from '@meerkat/protocol'
import { resolveAcl } from '../authorization/resolveAcl.ts'
import { permits, type Author, type State } from '../state.ts'
import { NONE } from '../tree/tree.ts'
import { IntField } from '../tree/znodeRecords.ts'
import { writeOperation } from './operation.ts'
import { replyStat } from './setData.ts'

function prepare(state: State, request: Infer<typeof SetAclRequest>, author: Author): SetAclTxn | ErrorCode {
  const { outstanding, tree } = state
  const { path, version } = request
  if (pathProblem(path) !== undefined) return ErrorCode.BADARGUMENTS
  const acl = resolveAcl({ acl: request.acl, identities: author.identities, rules: state.rules.authorization })
  if (acl === null) return ErrorCode.INVALIDACL
  const current = outstanding.find(path)
  if (current === NONE) return ErrorCode.NONODE
  if (!permits(state, current, Permission.admin, author.identities)) return ErrorCode.NOAUTH
  const now = tree.records.int(current, IntField.aversion)
  if (version !== -1 && version !== now) return ErrorCode.BADVERSION

  const next = (now + 1) | 0
  const record = outstanding.edit(path, current, author.zxid)
  tree.records.setInt(record, IntField.aversion, next)
  outstanding.setAcl(record, tree.acls.intern(acl))
  outstanding.finish(record)
  return { type: OpCode.setACL, path, acl, version: next }
}

export function applySetAcl({ tree }: State, { path, acl, version }: SetAclTxn): void {
  const record = tree.find(path)
  if (record !== NONE) tree.setAcl(record, tree.acls.intern(acl), version)
}

export const setAcl = writeOperation({ decode: (input) => SetAclRequest.read(input), prepare, reply: replyStat })
