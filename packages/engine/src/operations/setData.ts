/** setData: new data for a znode (PrepRequestProcessor, DataTree.setData). */
import type { Infer, Output, SetDataTxn, TxnHeader } from '@meerkat/protocol'
import { ErrorCode, OpCode, Permission, SetDataRequest, pathProblem } from '@meerkat/protocol'
import { permits, readersOf, type Author, type State } from '../state.ts'
import { NONE } from '../tree/tree.ts'
import { IntField, LongField } from '../tree/znodeRecords.ts'
import { writeOperation } from './operation.ts'

export function prepareSetData(
  state: State,
  { path, data, version }: Infer<typeof SetDataRequest>,
  author: Author,
): SetDataTxn | ErrorCode {
  const { outstanding, tree } = state
  const current = path === '' ? NONE : outstanding.find(path)
  // A path that has a znode is valid.
  if (current === NONE) return pathProblem(path) === undefined ? ErrorCode.NONODE : ErrorCode.BADARGUMENTS
  if (!permits(state, current, Permission.write, author.identities)) return ErrorCode.NOAUTH
  const bytes = (data?.length ?? 0) - tree.records.int(current, IntField.dataLength)
  const quota = state.quotas.check(path, { count: 0, bytes })
  if (quota !== ErrorCode.OK) return quota
  const now = tree.records.int(current, IntField.version)
  if (version !== -1 && version !== now) return ErrorCode.BADVERSION

  const next = (now + 1) | 0
  const record = outstanding.edit(path, current, author.zxid)
  tree.records.setInt(record, IntField.version, next)
  tree.records.setLong(record, LongField.mzxid, author.zxid)
  tree.records.setLong(record, LongField.mtime, author.time)
  outstanding.setData(record, data)
  outstanding.finish(record)
  return { type: OpCode.setData, path, data, version: next }
}

export function applySetData(state: State, { path, data, version }: SetDataTxn, { zxid, time }: TxnHeader): void {
  const { outstanding, tree } = state
  const record = outstanding.findCommitted(path)
  if (record === NONE) return
  const before = tree.records.int(record, IntField.dataLength)
  tree.setData(record, { data, version, zxid, time })
  state.quotas.changed(path, { count: 0, bytes: (data?.length ?? 0) - before })
  if (!state.watches.isEmpty) state.watches.changed({ path, zxid, mayRead: readersOf(state, record) })
}

export function replyStat(state: State, { path }: { path: string }, output: Output): void {
  state.tree.records.writeStat(state.tree.find(path), output)
}

export const setData = writeOperation({
  decode: (input) => SetDataRequest.read(input),
  prepare: prepareSetData,
  reply: replyStat,
})
