/** delete, deleteContainer: a znode goes (PrepRequestProcessor, DataTree.deleteNode). */
import type { DeleteTxn, Infer, TxnHeader } from '@meerkat/protocol'
import {
  DeleteContainerRequest,
  DeleteRequest,
  ErrorCode,
  JuteError,
  OpCode,
  ownerKind,
  Permission,
  ReservedPath,
  parentOf,
} from '@meerkat/protocol'
import { isBelowQuota } from '../quotas.ts'
import { permits, readersOf, type Author, type State } from '../state.ts'
import { NONE } from '../tree/tree.ts'
import { IntField, LongField, type RecordId } from '../tree/znodeRecords.ts'
import { noBody, writeOperation } from './operation.ts'

const SPECIAL = new Set<string>(['/', ReservedPath.zookeeper, ReservedPath.quota, ReservedPath.config])

export function prepareDelete(
  state: State,
  { path, version }: Infer<typeof DeleteRequest>,
  author: Author,
): DeleteTxn | ErrorCode {
  const { outstanding, tree } = state
  const parentPath = parentOf(path)
  if (parentPath === undefined || SPECIAL.has(path) || path.includes('\0')) return ErrorCode.BADARGUMENTS
  const parent = outstanding.find(parentPath)
  if (parent === NONE) return ErrorCode.NONODE
  if (!permits(state, parent, Permission.delete, author.identities)) return ErrorCode.NOAUTH
  const record = outstanding.find(path)
  if (record === NONE) return ErrorCode.NONODE
  if (version !== -1 && version !== tree.records.int(record, IntField.version)) return ErrorCode.BADVERSION
  if (tree.records.int(record, IntField.numChildren) > 0) return ErrorCode.NOTEMPTY
  noteDeleted(state, { path, record, parentPath, parent }, author)
  return { type: OpCode.delete, path }
}

/** The container manager's delete: no permission is asked, and what has come alive again stays. */
export function prepareDeleteContainer(
  state: State,
  request: Infer<typeof DeleteContainerRequest>,
  author: Author,
): DeleteTxn | ErrorCode {
  const { outstanding, tree } = state
  const path = request.path?.toString()
  const parentPath = path === undefined ? undefined : parentOf(path)
  if (path === undefined || parentPath === undefined || SPECIAL.has(path)) return ErrorCode.BADARGUMENTS
  const parent = outstanding.find(parentPath)
  if (parent === NONE) return ErrorCode.NONODE
  const record = outstanding.find(path)
  if (record === NONE) return ErrorCode.NONODE
  if (tree.records.int(record, IntField.numChildren) > 0) return ErrorCode.NOTEMPTY
  if (!isUnneeded(state, record, author.time)) return ErrorCode.BADVERSION
  noteDeleted(state, { path, record, parentPath, parent }, author)
  return { type: OpCode.deleteContainer, path }
}

/**
 * Whether an empty znode is one that the server may remove of itself. Between the container manager's look and this request
 * the znode may have been written to, or replaced by another kind.
 */
function isUnneeded({ tree, rules }: State, record: RecordId, time: number): boolean {
  const owner = ownerKind(tree.records.owner(record), rules)
  if (owner.kind !== 'ttl') return owner.kind === 'container'
  return time - tree.records.long(record, LongField.mtime) > owner.ttlMs
}

interface Place {
  readonly path: string
  readonly record: RecordId
  readonly parentPath: string
  readonly parent: RecordId
}

/** The tree without the znode, as it will be. */
export function noteDeleted(
  state: State,
  { path, record, parentPath, parent }: Place,
  { zxid }: Pick<Author, 'zxid'>,
): void {
  const { outstanding, tree } = state
  outstanding.delete(path, record, zxid)
  const edited = outstanding.edit(parentPath, parent, zxid)
  tree.records.setChildren(
    edited,
    tree.records.int(edited, IntField.storedCversion),
    tree.records.int(edited, IntField.numChildren) - 1,
  )
  tree.records.setLong(edited, LongField.pzxid, zxid)
  outstanding.finish(edited)
}

export function applyDelete(state: State, { path }: { path: string }, header: TxnHeader): void {
  const { tree, watches } = state
  const { zxid } = header
  const record = tree.find(path)
  if (record === NONE) {
    // The fuzzy snapshot was taken after the delete; its parent may still be as before.
    const parent = tree.find(parentOf(path) ?? '')
    if (parent !== NONE) tree.childDeleted(parent, zxid)
    return
  }
  if (tree.records.int(record, IntField.numChildren) > 0) applyDeletesBelow(state, record, header)
  const parent = tree.parentOf(record)
  const bytes = tree.records.int(record, IntField.dataLength)
  const mayRead = watches.isEmpty ? undefined : readersOf(state, record)
  tree.delete(record, zxid)
  if (isBelowQuota(path)) state.quotas.quotaDeleted(path)
  state.quotas.changed(path, { count: -1, bytes: -bytes })
  if (mayRead === undefined) return
  watches.deleted({ path, zxid, mayRead }, { path: tree.pathOf(parent), zxid, mayRead: readersOf(state, parent) })
}

/**
 * A fuzzy snapshot of Apache's may hold a later znode of the same path with what was made below it. All of that goes; the
 * log makes it again.
 */
function applyDeletesBelow(state: State, top: RecordId, header: TxnHeader): void {
  const { tree } = state
  const below: string[] = []
  for (let at = tree.following(top, top); at !== NONE; at = tree.following(at, top)) below.push(tree.pathOf(at))
  for (const path of below.reverse()) applyDelete(state, { path }, header)
}

export const deleteZnode = writeOperation({
  decode: (input) => DeleteRequest.read(input),
  prepare: prepareDelete,
  reply: noBody,
})

export const deleteContainer = writeOperation({
  decode: (input) => {
    const request = DeleteContainerRequest.read(input)
    if (request.path === null) throw new JuteError('deleteContainer without a path')
    return request
  },
  prepare: prepareDeleteContainer,
  reply: noBody,
})
