/** createSession and closeSession (PrepRequestProcessor, DataTree.killSession). */
import type { CloseSessionTxn, CreateSessionTxn, TxnHeader } from '@meerkat/protocol'
import { OpCode, parentOf } from '@meerkat/protocol'
import type { Author, State } from '../state.ts'
import { NONE } from '../tree/tree.ts'
import { applyDelete, noteDeleted } from './delete.ts'
import { noBody, writeOperation } from './operation.ts'

export function applyCreateSession(state: State, { timeOut }: CreateSessionTxn, { sessionId }: TxnHeader): void {
  state.sessions.add(sessionId, timeOut, state.elapsedMs)
}

/** From here on the session is closing; its ephemerals, also those in flight, go with it. */
export function prepareCloseSession(state: State, _request: unknown, author: Author): CloseSessionTxn {
  const { outstanding, sessions } = state
  const session = sessions.get(author.sessionId)
  if (session !== undefined) session.closing = true
  const paths = outstanding.ephemeralsOf(author.sessionId)
  for (const path of paths) {
    const parentPath = parentOf(path) ?? '/'
    const parent = outstanding.find(parentPath)
    const record = outstanding.find(path)
    if (parent !== NONE && record !== NONE) noteDeleted(state, { path, record, parentPath, parent }, author)
  }
  return { type: OpCode.closeSession, paths: state.rules.closeSessionTxnEnabled ? paths : undefined }
}

/** An old transaction names no paths: then the session's ephemerals of the moment go. */
export function applyCloseSession(state: State, txn: CloseSessionTxn, header: TxnHeader): void {
  const { tree } = state
  for (const path of txn.paths ?? []) applyDelete(state, { path }, header)
  for (const record of [...tree.ephemeralsOf(header.sessionId)])
    applyDelete(state, { path: tree.pathOf(record) }, header)
  state.sessions.remove(header.sessionId)
}

export const closeSession = writeOperation({ decode: () => undefined, prepare: prepareCloseSession, reply: noBody })
