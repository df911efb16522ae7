/** What a write does to the model, and what its reply must say. */
import { CONTAINER_OWNER, CreateFlag, ErrorCode, EventType, sequenceSuffix, ttlOwner } from '@meerkat/protocol'
import type { CreateRequest, MultiPart, Result } from './history.ts'
import { splitPath, type ModelTree, type When } from './modelTree.ts'

/** A znode of this path came, went or changed; watches tell of it. */
export interface Change {
  readonly type: EventType
  readonly path: string
}

export interface Outcome {
  readonly err: number
  readonly result: Result
  readonly changes: readonly Change[]
}

export interface Writer extends When {
  readonly session: bigint
}

const { persistentSequential, ephemeral, ephemeralSequential, container } = CreateFlag
const { persistentWithTtl, persistentSequentialWithTtl } = CreateFlag
const SEQUENTIAL = new Set<number>([persistentSequential, ephemeralSequential, persistentSequentialWithTtl])
const EPHEMERAL = new Set<number>([ephemeral, ephemeralSequential])
const TIMED = new Set<number>([persistentWithTtl, persistentSequentialWithTtl])

export function failed(err: number): Outcome {
  return { err, result: {}, changes: [] }
}

export function perform(tree: ModelTree, request: MultiPart, writer: Writer): Outcome {
  switch (request.op) {
    case 'create':
      return create(tree, request, writer)
    case 'delete': {
      const err = tree.deleteProblem(request.path, request.version)
      return err === ErrorCode.OK ? remove(tree, request.path, writer) : failed(err)
    }
    case 'setData': {
      const err = tree.versionProblem(request.path, request.version)
      if (err !== ErrorCode.OK) return failed(err)
      tree.edit(request.path, (znode) => {
        znode.data = request.data
        znode.version++
        znode.mzxid = writer.zxid
        znode.mtime = writer.time
      })
      return done(tree, { stat: request.path }, { type: EventType.nodeDataChanged, path: request.path })
    }
    case 'check':
      return { ...failed(tree.versionProblem(request.path, request.version)) }
  }
}

function done(tree: ModelTree, of: { path?: string; stat?: string }, change: Change): Outcome {
  const stat = of.stat === undefined ? undefined : tree.stat(of.stat)
  const path = of.path === undefined ? {} : { path: of.path }
  return { err: ErrorCode.OK, result: { ...path, ...(stat === undefined ? {} : { stat }) }, changes: [change] }
}

function create(tree: ModelTree, { path: asked, data, mode, ttlMs }: CreateRequest, writer: Writer): Outcome {
  const [parent] = splitPath(asked)
  const above = tree.get(parent)
  if (above === undefined) return failed(ErrorCode.NONODE)
  const path = SEQUENTIAL.has(mode) ? asked + sequenceSuffix(above.created) : asked
  if (tree.get(path) !== undefined) return failed(ErrorCode.NODEEXISTS)
  if (tree.isEphemeral(parent)) return failed(ErrorCode.NOCHILDRENFOREPHEMERALS)
  tree.add(path, { data, owner: ownerOf(mode, ttlMs, writer.session), zxid: writer.zxid, time: writer.time })
  return done(tree, { path, stat: path }, { type: EventType.nodeCreated, path })
}

function ownerOf(mode: number, ttlMs: number, session: bigint): bigint {
  if (EPHEMERAL.has(mode)) return session
  if (mode === container) return CONTAINER_OWNER
  return TIMED.has(mode) ? ttlOwner(ttlMs) : 0n
}

export function remove(tree: ModelTree, path: string, { zxid }: When): Outcome {
  tree.remove(path, zxid)
  return done(tree, {}, { type: EventType.nodeDeleted, path })
}

/** All parts, or none: then each says why, or that it was not tried. */
export function multi(tree: ModelTree, parts: readonly MultiPart[], writer: Writer): Outcome {
  const outcomes: Outcome[] = []
  const isWhole = tree.attempt(() => {
    for (const part of parts) {
      const outcome = perform(tree, part, writer)
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
