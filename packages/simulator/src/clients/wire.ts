/** Requests and replies as bytes. */
import {
  AddWatchMode,
  AddWatchRequest,
  AuthPacket,
  bytesOf,
  Create2Response,
  CreateFlag,
  CreateRequest,
  CreateTtlRequest,
  DeleteRequest,
  ErrorCode,
  frameOf,
  GetAclResponse,
  GetChildren2Response,
  GetDataResponse,
  GetEphemeralsRequest,
  GetEphemeralsResponse,
  OpCode,
  PathRequest,
  PathWatchRequest,
  ReservedPath,
  readMultiResults,
  RequestHeader,
  SetAclRequest,
  SetDataRequest,
  SetWatches2Request,
  StatResponse,
  writeMulti,
  Xid,
  zxidOf,
  type Bytes,
  type Input,
  type MultiResult,
  type MultiWrite,
  type Output,
} from '@meerkat/protocol'
import type { CreateRequest as Create, MultiPart, Request, Result } from '../history/history.ts'
import { OPEN, sorted } from '../history/modelAcl.ts'
import type { User } from './users.ts'

const { container, persistentWithTtl, persistentSequentialWithTtl } = CreateFlag
const TIMED = new Set<number>([persistentWithTtl, persistentSequentialWithTtl])

export function encodeRequest(xid: number, request: Request): Bytes {
  return frameOf((output) => {
    RequestHeader.write(output, { xid, type: opcodeOf(request) })
    writeBody(output, request)
  })
}

export function encodeAuth({ name, password }: User): Bytes {
  return frameOf((output) => {
    RequestHeader.write(output, { xid: Xid.auth, type: OpCode.auth })
    AuthPacket.write(output, { type: 0, scheme: 'digest', auth: bytesOf(`${name}:${password}`) })
  })
}

function opcodeOf(request: Request): number {
  switch (request.op) {
    case 'create':
      return createOpcode(request)
    case 'getChildren':
      return OpCode.getChildren2
    case 'setWatches':
      return OpCode.setWatches2
    default:
      return OpCode[request.op]
  }
}

/** Quotas are made as zkCli makes them, without a stat: Apache's tells that of the counts from before it has counted. */
function createOpcode({ mode, path }: Create): 1 | 15 | 19 | 21 {
  if (path.startsWith(ReservedPath.quota)) return OpCode.create
  if (mode === container) return OpCode.createContainer
  return TIMED.has(mode) ? OpCode.createTTL : OpCode.create2
}

function writeBody(output: Output, request: Request): void {
  switch (request.op) {
    case 'create':
      return TIMED.has(request.mode)
        ? CreateTtlRequest.write(output, createBody(request))
        : CreateRequest.write(output, createBody(request))
    case 'delete':
      return DeleteRequest.write(output, request)
    case 'setData':
      return SetDataRequest.write(output, { ...request, data: bytesOf(request.data, 'latin1') })
    case 'setACL':
      return SetAclRequest.write(output, request)
    case 'multi':
      return writeMulti(output, request.parts.map(partOf))
    case 'closeSession':
      return
    case 'getData':
    case 'exists':
    case 'getChildren':
      return PathWatchRequest.write(output, request)
    case 'getEphemerals':
      return GetEphemeralsRequest.write(output, { prefixPath: '/' })
    case 'sync':
    case 'getACL':
      return PathRequest.write(output, request)
    case 'addWatch':
      return AddWatchRequest.write(output, {
        path: request.path,
        mode: request.mode === 'persistent' ? AddWatchMode.persistent : AddWatchMode.persistentRecursive,
      })
    case 'setWatches': {
      const { data, exist, child, persistent, recursive } = request.watched
      return SetWatches2Request.write(output, {
        relativeZxid: zxidOf(request.relativeZxid),
        dataWatches: [...data],
        existWatches: [...exist],
        childWatches: [...child],
        persistentWatches: [...persistent],
        persistentRecursiveWatches: [...recursive],
      })
    }
  }
}

function createBody({ path, data, mode, ttlMs, acl = OPEN }: Create) {
  return { path, data: bytesOf(data, 'latin1'), acl, flags: mode, ttl: ttlMs }
}

function partOf(part: MultiPart): MultiWrite {
  switch (part.op) {
    case 'create':
      return { type: createOpcode(part), request: createBody(part) }
    case 'delete':
      return { type: OpCode.delete, request: part }
    case 'setData':
      return { type: OpCode.setData, request: { ...part, data: bytesOf(part.data, 'latin1') } }
    case 'check':
      return { type: OpCode.check, request: part }
  }
}

/** The body of a reply without error. */
export function decodeResult(request: Request, input: Input): Result {
  switch (request.op) {
    case 'create':
      return Create2Response.read(input)
    case 'setData':
    case 'setACL':
    case 'exists':
      return StatResponse.read(input)
    case 'getData': {
      const { data, stat } = GetDataResponse.read(input)
      return { data: data?.toString('latin1') ?? '', stat }
    }
    case 'getChildren': {
      const { children, stat } = GetChildren2Response.read(input)
      return { children: [...children].sort(), stat }
    }
    case 'getACL': {
      const { acl, stat } = GetAclResponse.read(input)
      return { acl: sorted(acl), stat }
    }
    case 'getEphemerals':
      return { children: [...GetEphemeralsResponse.read(input).ephemerals].sort() }
    case 'multi':
      return { parts: readMultiResults(input).map(partResult) }
    case 'delete':
    case 'closeSession':
    case 'sync':
    case 'addWatch':
    case 'setWatches':
      return {}
  }
}

function partResult({ type, body }: MultiResult): Result & { err: number } {
  if (type === OpCode.error) return { err: body.err }
  const path = 'path' in body ? { path: body.path } : {}
  const stat = 'stat' in body ? { stat: body.stat } : {}
  return { err: ErrorCode.OK, ...path, ...stat }
}
