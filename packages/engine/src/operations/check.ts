/** check, a part of multi: the znode has this version (PrepRequestProcessor). */
import type { CheckTxn, Infer } from '@meerkat/protocol'
import { type CheckVersionRequest, ErrorCode, OpCode, Permission, pathProblem } from '@meerkat/protocol'
import { permits, type Author, type State } from '../state.ts'
import { NONE } from '../tree/tree.ts'
import { IntField } from '../tree/znodeRecords.ts'

export function prepareCheck(
  state: State,
  { path, version }: Infer<typeof CheckVersionRequest>,
  author: Author,
): CheckTxn | ErrorCode {
  if (pathProblem(path) !== undefined) return ErrorCode.BADARGUMENTS
  const record = state.outstanding.find(path)
  if (record === NONE) return ErrorCode.NONODE
  if (!permits(state, record, Permission.read, author.identities)) return ErrorCode.NOAUTH
  const now = state.tree.records.int(record, IntField.version)
  if (version !== -1 && version !== now) return ErrorCode.BADVERSION
  return { type: OpCode.check, path, version: (now + 1) | 0 }
}
