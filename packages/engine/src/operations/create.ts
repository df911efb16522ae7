/** create, create2, createContainer, createTTL: a new znode (PrepRequestProcessor.pRequest2TxnCreate, DataTree.createNode). */
import type {
  Bytes,
  CreateContainerTxn,
  CreateTtlTxn,
  CreateTxn,
  Infer,
  Input,
  Output,
  TxnHeader,
} from '@meerkat/protocol'
import {
  CONTAINER_OWNER,
  CreateFlag,
  CreateRequest,
  CreateTtlRequest,
  ErrorCode,
  MAX_TTL_MS,
  OpCode,
  Permission,
  pathProblem,
  sequenceSuffix,
  ttlOwner,
} from '@meerkat/protocol'
import { resolveAcl } from '../authorization/resolveAcl.ts'
import { isBelowQuota } from '../quotas.ts'
import { readersOf, permits, type Author, type State } from '../state.ts'
import { NONE, type NewZnode } from '../tree/tree.ts'
import { IntField, LongField, type RecordId } from '../tree/znodeRecords.ts'
import { writeOperation } from './operation.ts'

export type AnyCreateTxn = CreateTxn | CreateContainerTxn | CreateTtlTxn
type Request = Infer<typeof CreateRequest> & { ttl?: number }
type CreateOpCode = 1 | 15 | 19 | 21

interface Mode {
  readonly ephemeral: boolean
  readonly sequential: boolean
  readonly container: boolean
  readonly ttl: boolean
}

function mode(flags: Partial<Mode>): Mode {
  return { ephemeral: false, sequential: false, container: false, ttl: false, ...flags }
}

const MODES: Readonly<Record<number, Mode>> = {
  [CreateFlag.persistent]: mode({}),
  [CreateFlag.ephemeral]: mode({ ephemeral: true }),
  [CreateFlag.persistentSequential]: mode({ sequential: true }),
  [CreateFlag.ephemeralSequential]: mode({ ephemeral: true, sequential: true }),
  [CreateFlag.container]: mode({ container: true }),
  [CreateFlag.persistentWithTtl]: mode({ ttl: true }),
  [CreateFlag.persistentSequentialWithTtl]: mode({ ttl: true, sequential: true }),
}

const NO_TTL = -1

export function prepareCreate(opcode: CreateOpCode) {
  return (state: State, request: Request, author: Author): AnyCreateTxn | ErrorCode => {
    const { outstanding, tree } = state
    const flags = MODES[request.flags]
    const ttl = request.ttl ?? NO_TTL
    const invalid = modeProblem(state, { flags, ttl, opcode })
    if (flags === undefined || invalid !== ErrorCode.OK) return invalid
    const parentPath = parentPathOf(request.path)
    if (parentPath === undefined) return ErrorCode.BADARGUMENTS
    const acl = resolveAcl({ acl: request.acl, identities: author.identities, rules: state.rules.authorization })
    if (acl === null) return ErrorCode.INVALIDACL
    const parent = outstanding.find(parentPath)
    if (parent === NONE) return ErrorCode.NONODE
    if (!permits(state, parent, Permission.create, author.identities)) return ErrorCode.NOAUTH
    const parentCversion = tree.records.int(parent, IntField.storedCversion)
    const path = flags.sequential ? request.path + sequenceSuffix(parentCversion) : request.path
    if (pathProblem(path) !== undefined) return ErrorCode.BADARGUMENTS
    if (outstanding.find(path) !== NONE) return ErrorCode.NODEEXISTS
    if (tree.records.isEphemeral(parent)) return ErrorCode.NOCHILDRENFOREPHEMERALS
    const quota = state.quotas.check(path, { count: 1, bytes: request.data?.length ?? 0 })
    if (quota !== ErrorCode.OK) return quota

    const txn = makeTxn({ opcode, flags, path, data: request.data, acl, parentCVersion: (parentCversion + 1) | 0, ttl })
    noteParent(state, { parentPath, parent, parentCversion: txn.parentCVersion, author })
    outstanding.create(parent, {
      path,
      data: request.data,
      acl: tree.acls.intern(acl),
      owner: ownerOf(txn, author.sessionId),
      zxid: author.zxid,
      time: author.time,
    })
    return txn
  }
}

/** createTTL with other flags is refused; Apache's server ends over it. */
function modeProblem(
  state: State,
  { flags, ttl, opcode }: { flags: Mode | undefined; ttl: number; opcode: CreateOpCode },
): ErrorCode {
  if (flags === undefined) return ErrorCode.BADARGUMENTS
  if (!flags.ttl) return opcode === OpCode.createTTL || ttl >= 0 ? ErrorCode.BADARGUMENTS : ErrorCode.OK
  if (!state.rules.extendedTypes) return ErrorCode.UNIMPLEMENTED
  return ttl > 0 && ttl <= MAX_TTL_MS ? ErrorCode.OK : ErrorCode.BADARGUMENTS
}

/** The parent in a request's path, whose last name may be empty before a sequence number comes. */
function parentPathOf(path: string): string | undefined {
  const slash = path.lastIndexOf('/')
  if (slash < 0 || path.includes('\0')) return undefined
  return slash === 0 ? '/' : path.slice(0, slash)
}

/** What is asked for decides, not the flags: createContainer makes a container, create with a container's flag does not. */
function makeTxn(parts: {
  opcode: CreateOpCode
  flags: Mode
  path: string
  data: Bytes | null
  acl: CreateTxn['acl']
  parentCVersion: number
  ttl: number
}): AnyCreateTxn {
  const { opcode, flags, ttl, ...common } = parts
  switch (opcode) {
    case OpCode.create:
    case OpCode.create2:
      return { type: opcode, ...common, ephemeral: flags.ephemeral }
    case OpCode.createContainer:
      return { type: opcode, ...common }
    case OpCode.createTTL:
      return { type: opcode, ...common, ttl }
  }
}

/** The parent as it will be. Its cversion only grows, so after 2^31 - 1 it stays, as Apache's tree has it. */
function noteParent(
  state: State,
  {
    parentPath,
    parent,
    parentCversion,
    author,
  }: { parentPath: string; parent: RecordId; parentCversion: number; author: Author },
): void {
  const { records } = state.tree
  const record = state.outstanding.edit(parentPath, parent, author.zxid)
  const stored = records.int(record, IntField.storedCversion)
  records.setChildren(record, Math.max(parentCversion, stored), records.int(record, IntField.numChildren) + 1)
  if (parentCversion > stored) records.setLong(record, LongField.pzxid, author.zxid)
  state.outstanding.finish(record)
}

function ownerOf(txn: AnyCreateTxn, sessionId: bigint): bigint {
  if (txn.type === OpCode.createContainer) return CONTAINER_OWNER
  if (txn.type === OpCode.createTTL) return ttlOwner(txn.ttl)
  return txn.ephemeral ? sessionId : 0n
}

/** In a replay over a fuzzy snapshot the parent may be gone, or the znode there already; neither is an error. */
export function applyCreate(state: State, txn: AnyCreateTxn, header: TxnHeader): void {
  const { tree } = state
  const parent = tree.findParent(txn.path)
  if (parent === NONE) return
  const znode: NewZnode = {
    path: txn.path,
    data: txn.data,
    acl: tree.acls.intern(txn.acl),
    owner: ownerOf(txn, header.sessionId),
    zxid: header.zxid,
    time: header.time,
    parentCversion: txn.parentCVersion,
  }
  const existing = state.isReplaying ? tree.find(txn.path) : NONE
  if (existing !== NONE) return repairExisting(state, existing, parent, znode)
  const record = tree.create(parent, znode)
  tellCreated(state, { record, parent, path: txn.path, header, bytes: txn.data?.length ?? 0 })
}

/** A snapshot taken while this was applied holds the znode already, perhaps without what else the transaction did. */
function repairExisting(state: State, existing: RecordId, parent: RecordId, znode: NewZnode): void {
  const { tree } = state
  const stored = tree.records.int(parent, IntField.storedCversion)
  const cversion = znode.parentCversion === -1 ? stored : znode.parentCversion
  if (cversion > stored) tree.raiseCversion(parent, cversion, znode.zxid)
  tree.setAcl(existing, znode.acl)
}

function tellCreated(
  state: State,
  {
    record,
    parent,
    path,
    header,
    bytes,
  }: { record: RecordId; parent: RecordId; path: string; header: TxnHeader; bytes: number },
): void {
  if (isBelowQuota(path)) state.quotas.quotaCreated(path)
  state.quotas.changed(path, { count: 1, bytes })
  if (state.watches.isEmpty) return
  const { zxid } = header
  state.watches.created(
    { path, zxid, mayRead: readersOf(state, record) },
    { path: state.tree.pathOf(parent), zxid, mayRead: readersOf(state, parent) },
  )
}

function replyPath(_state: State, txn: AnyCreateTxn, output: Output): void {
  output.string(txn.path)
}

export function replyPathAndStat(state: State, txn: AnyCreateTxn, output: Output): void {
  output.string(txn.path)
  const record = state.tree.find(txn.path)
  state.tree.records.writeStat(record, output)
}

const decode = (input: Input): Infer<typeof CreateRequest> => CreateRequest.read(input)

export const create = writeOperation({ decode, prepare: prepareCreate(OpCode.create), reply: replyPath })
export const create2 = writeOperation({ decode, prepare: prepareCreate(OpCode.create2), reply: replyPathAndStat })
export const createContainer = writeOperation({
  decode,
  prepare: prepareCreate(OpCode.createContainer),
  reply: replyPathAndStat,
})
export const createTTL = writeOperation({
  decode: (input) => CreateTtlRequest.read(input),
  prepare: prepareCreate(OpCode.createTTL),
  reply: replyPathAndStat,
})
