/** What a write does to the model, and what its reply must say. */
import {
  CONTAINER_OWNER,
  CreateFlag,
  ErrorCode,
  EventType,
  Permission,
  sequenceSuffix,
  ttlOwner,
  type Acl,
} from '@meerkat/protocol'
import type { CreateRequest, DeleteRequest, MultiPart, Result, SetAclRequest, SetDataRequest } from './history.ts'
import { mayDo, OPEN, settled, type Identities } from './modelAcl.ts'
import type { Growth, Verdict } from './modelQuotas.ts'
import { splitPath, type ModelTree, type When } from './modelTree.ts'

/** A znode of this path came, went or changed; watches tell those of it who may read it, and its parent. */
export interface Change {
  readonly type: EventType
  readonly path: string
  readonly acl: readonly Acl[]
  readonly parentAcl: readonly Acl[]
}

export interface Outcome {
  readonly err: number
  readonly result: Result
  readonly changes: readonly Change[]
}

export interface Writer extends When {
  readonly session: bigint
  readonly identities: Identities
  /** Whether something passes a quota. */
  readonly quota: (path: string, growth: Growth) => Verdict
  /** What the log says came of the request, part by part: it decides where either would be right. */
  readonly told: readonly number[]
  /** The server may hold a write against an ACL that another write, not yet applied when this came, has replaced. */
  readonly mayUseFormerAcls: boolean
}

const { persistentSequential, ephemeral, ephemeralSequential, container } = CreateFlag
const { persistentWithTtl, persistentSequentialWithTtl } = CreateFlag
const SEQUENTIAL = new Set<number>([persistentSequential, ephemeralSequential, persistentSequentialWithTtl])
const EPHEMERAL = new Set<number>([ephemeral, ephemeralSequential])
const TIMED = new Set<number>([persistentWithTtl, persistentSequentialWithTtl])

export function failed(err: number): Outcome {
  return { err, result: {}, changes: [] }
}

export function perform(tree: ModelTree, request: MultiPart | SetAclRequest, writer: Writer): Outcome {
  switch (request.op) {
    case 'create':
      return create(tree, request, writer)
    case 'delete': {
      const err = deleteProblem(tree, request, writer)
      return err === ErrorCode.OK ? remove(tree, request.path, writer) : failed(err)
    }
    case 'setData':
      return setData(tree, request, writer)
    case 'setACL':
      return setAcl(tree, request, writer)
    case 'check': {
      const err = accessProblem(tree, { path: request.path, permission: Permission.read }, writer)
      return failed(err === ErrorCode.OK ? tree.versionProblem(request.path, request.version) : err)
    }
  }
}

/** Why there is nothing here for the writer to do, or OK. */
function accessProblem(
  tree: ModelTree,
  { path, permission }: { path: string; permission: number },
  { identities, mayUseFormerAcls, told }: Writer,
): ErrorCode {
  const znode = tree.get(path)
  if (znode === undefined) return ErrorCode.NONODE
  const acls = mayUseFormerAcls ? [znode.acl, ...znode.formerAcls] : [znode.acl]
  const answers = acls.map((acl) => mayDo(acl, permission, identities))
  const isEither = answers.includes(true) && answers.includes(false)
  return (isEither ? told[0] !== ErrorCode.NOAUTH : answers[0]) ? ErrorCode.OK : ErrorCode.NOAUTH
}

/** It is the parent that lets its children be deleted. */
function deleteProblem(tree: ModelTree, { path, version }: DeleteRequest, writer: Writer): ErrorCode {
  const barred = accessProblem(tree, { path: splitPath(path)[0], permission: Permission.delete }, writer)
  if (barred !== ErrorCode.OK) return barred
  const znode = tree.get(path)
  if (znode === undefined) return ErrorCode.NONODE
  const err = tree.versionProblem(path, version)
  if (err !== ErrorCode.OK) return err
  return znode.children.size > 0 ? ErrorCode.NOTEMPTY : ErrorCode.OK
}

function changeOf(tree: ModelTree, type: EventType, path: string): Change {
  const aclOf = (at: string): readonly Acl[] => tree.get(at)?.acl ?? []
  return { type, path, acl: aclOf(path), parentAcl: aclOf(splitPath(path)[0]) }
}

function statAt(tree: ModelTree, path: string): Result {
  const stat = tree.stat(path)
  return stat === undefined ? {} : { stat }
}

function create(tree: ModelTree, request: CreateRequest, writer: Writer): Outcome {
  const { path: asked, data, mode, ttlMs } = request
  const acl = settled(request.acl ?? OPEN, writer.identities)
  if (acl === undefined) return failed(ErrorCode.INVALIDACL)
  const [parent] = splitPath(asked)
  const barred = accessProblem(tree, { path: parent, permission: Permission.create }, writer)
  const above = tree.get(parent)
  if (barred !== ErrorCode.OK || above === undefined) return failed(barred)
  const path = SEQUENTIAL.has(mode) ? asked + sequenceSuffix(above.created) : asked
  if (tree.get(path) !== undefined) return failed(ErrorCode.NODEEXISTS)
  if (tree.isEphemeral(parent)) return failed(ErrorCode.NOCHILDRENFOREPHEMERALS)
  if (isRefused(writer, path, { count: 1, bytes: data.length })) return failed(ErrorCode.QUOTAEXCEEDED)
  tree.add(path, { data, owner: ownerOf(mode, ttlMs, writer.session), acl, zxid: writer.zxid, time: writer.time })
  const result = { path, ...statAt(tree, path) }
  return { err: ErrorCode.OK, result, changes: [changeOf(tree, EventType.nodeCreated, path)] }
}

function ownerOf(mode: number, ttlMs: number, session: bigint): bigint {
  if (EPHEMERAL.has(mode)) return session
  if (mode === container) return CONTAINER_OWNER
  return TIMED.has(mode) ? ttlOwner(ttlMs) : 0n
}

function isRefused({ quota, told }: Writer, path: string, growth: Growth): boolean {
  const verdict = quota(path, growth)
  return verdict === 'over' || (verdict === 'either' && told[0] === ErrorCode.QUOTAEXCEEDED)
}

function setData(tree: ModelTree, { path, data, version }: SetDataRequest, writer: Writer): Outcome {
  const barred = accessProblem(tree, { path, permission: Permission.write }, writer)
  if (barred !== ErrorCode.OK) return failed(barred)
  const growth = { count: 0, bytes: data.length - (tree.get(path)?.data.length ?? 0) }
  if (isRefused(writer, path, growth)) return failed(ErrorCode.QUOTAEXCEEDED)
  const err = tree.versionProblem(path, version)
  if (err !== ErrorCode.OK) return failed(err)
  tree.edit(path, (znode) => {
    znode.data = data
    znode.version++
    znode.mzxid = writer.zxid
    znode.mtime = writer.time
  })
  return {
    err: ErrorCode.OK,
    result: statAt(tree, path),
    changes: [changeOf(tree, EventType.nodeDataChanged, path)],
  }
}

/** Nobody is told of a new ACL. */
function setAcl(tree: ModelTree, { path, acl: asked, version }: SetAclRequest, writer: Writer): Outcome {
  const acl = settled(asked, writer.identities)
  if (acl === undefined) return failed(ErrorCode.INVALIDACL)
  const barred = accessProblem(tree, { path, permission: Permission.admin }, writer)
  if (barred !== ErrorCode.OK) return failed(barred)
  if (version !== -1 && version !== tree.get(path)?.aversion) return failed(ErrorCode.BADVERSION)
  tree.edit(path, (znode) => {
    znode.formerAcls = [...znode.formerAcls, znode.acl]
    znode.acl = acl
    znode.aversion++
  })
  return { err: ErrorCode.OK, result: statAt(tree, path), changes: [] }
}

export function remove(tree: ModelTree, path: string, { zxid }: When): Outcome {
  const change = changeOf(tree, EventType.nodeDeleted, path)
  tree.remove(path, zxid)
  return { err: ErrorCode.OK, result: {}, changes: [change] }
}

/** All parts, or none: then each says why, or that it was not tried. */
export function multi(tree: ModelTree, parts: readonly MultiPart[], writer: Writer): Outcome {
  const outcomes: Outcome[] = []
  const isWhole = tree.attempt(() => {
    for (const [index, part] of parts.entries()) {
      const outcome = perform(tree, part, { ...writer, told: writer.told.slice(index) })
      outcomes.push(outcome)
      if (outcome.err !== ErrorCode.OK) return false
    }
    return true
  })
  const results = parts.map((_part, index) => partResult(outcomes[index], isWhole))
  return {
    err: ErrorCode.OK,
    result: { parts: results },
    changes: isWhole ? outcomes.flatMap(({ changes }) => changes) : [],
  }
}

function partResult(outcome: Outcome | undefined, isWhole: boolean): Result & { err: number } {
  if (isWhole && outcome !== undefined) return { err: ErrorCode.OK, ...outcome.result }
  return { err: outcome === undefined ? ErrorCode.RUNTIMEINCONSISTENCY : outcome.err }
}
