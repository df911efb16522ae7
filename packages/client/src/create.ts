/** What a create asks for: data, mode, ACL. */
import {
  asBytes,
  bytesOf,
  CreateFlag,
  OpCode,
  OPEN_ACL,
  type Acl,
  type Bytes,
  type MultiWrite,
} from '@meerkat/protocol'

/** The data of a znode; null is no data at all, which differs from empty. */
export type Data = Uint8Array | string | null

export type CreateMode = keyof typeof CreateFlag

export interface CreateOptions {
  /** `persistent` unless given. */
  readonly mode?: CreateMode
  /** Everybody may do everything, unless given. */
  readonly acl?: readonly Acl[]
  /** For the modes with a time to live, in milliseconds. */
  readonly ttlMs?: number
}

export type CreateCall = Extract<MultiWrite, { type: 1 | 15 | 19 | 21 }>

/** The operation for a mode: containers and znodes with a time to live have operations of their own. */
export function createRequest(path: string, data: Data, options: CreateOptions, withStat: boolean): CreateCall {
  const { mode = 'persistent', acl = OPEN_ACL, ttlMs = 0 } = options
  const request = { path, data: toBytes(data), acl, flags: CreateFlag[mode] }
  switch (mode) {
    case 'container':
      return { type: OpCode.createContainer, request }
    case 'persistentWithTtl':
    case 'persistentSequentialWithTtl':
      return { type: OpCode.createTTL, request: { ...request, ttl: ttlMs } }
    default:
      return { type: withStat ? OpCode.create2 : OpCode.create, request }
  }
}

export function toBytes(data: Data): Bytes | null {
  if (data === null) return null
  return typeof data === 'string' ? bytesOf(data) : asBytes(data)
}
