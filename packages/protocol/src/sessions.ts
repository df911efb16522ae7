/** The password of a session (org.apache.zookeeper.server.SessionTrackerImpl and ZooKeeperServer.generatePasswd). */
import type { Bytes } from './bytes.ts'
import { allocate } from './bytes.ts'
import type { SessionId } from './identifiers.ts'
import { sessionIdOf } from './identifiers.ts'

const SUPER_SECRET = 0xb3415c00n
const LCG_MULTIPLIER = 0x5deece66dn
const LCG_MASK = (1n << 48n) - 1n

export const PASSWORD_LENGTH = 16

/**
 * The 16 bytes that java.util.Random gives for the seed `sessionId ^ secret`. Every server of an ensemble computes the
 * same ones, since any of them may check a client's password.
 */
export function sessionPassword(id: SessionId): Bytes {
  const password = allocate(PASSWORD_LENGTH)
  let state = (BigInt.asUintN(64, id ^ SUPER_SECRET) ^ LCG_MULTIPLIER) & LCG_MASK
  for (let at = 0; at < PASSWORD_LENGTH; at += 4) {
    state = (state * LCG_MULTIPLIER + 0xbn) & LCG_MASK
    const word = Number(state >> 16n)
    password[at] = word
    password[at + 1] = word >>> 8
    password[at + 2] = word >>> 16
    password[at + 3] = word >>> 24
  }
  return password
}

/**
 * The first session id of a server: its id in the top byte, 40 bits of time below it, a counter of 16 bits that starts at
 * zero. `elapsedMs` is monotonic.
 */
export function firstSessionId({ elapsedMs, serverId }: { elapsedMs: number; serverId: number }): SessionId {
  const time = BigInt.asUintN(64, BigInt(Math.floor(elapsedMs)) << 24n) >> 8n
  const id = sessionIdOf(time | (BigInt(serverId) << 56n))
  // The smallest long marks container znodes, so it cannot be a session.
  return id === CONTAINER_OWNER ? sessionIdOf(id + 1n) : id
}

/** The ephemeralOwner of a container (org.apache.zookeeper.server.EphemeralType). */
export const CONTAINER_OWNER = -(1n << 63n)

const TTL_MARK = 0xffn << 56n
const TTL_MASK = (1n << 40n) - 1n
export const MAX_TTL_MS = Number(TTL_MASK)

/** The ephemeralOwner of a znode with a time to live, in milliseconds. */
export function ttlOwner(ttlMs: number): bigint {
  return BigInt.asIntN(64, TTL_MARK | BigInt(ttlMs))
}

const SIGN = 1n << 63n

export type OwnerKind =
  | { readonly kind: 'persistent' }
  | { readonly kind: 'container' }
  | { readonly kind: 'ttl'; readonly ttlMs: number }
  | { readonly kind: 'ephemeral'; readonly session: SessionId }

export interface OwnerRules {
  /** zookeeper.extendedTypesEnabled: a top byte of 0xFF means a time to live. */
  readonly extendedTypes: boolean
  /** zookeeper.emulate353TTLNodes: any negative owner but a container's means a time to live, as in 3.5.3. */
  readonly emulate353Ttl: boolean
}

const PERSISTENT: OwnerKind = { kind: 'persistent' }
const CONTAINER: OwnerKind = { kind: 'container' }

/** What an ephemeralOwner means. */
export function ownerKind(owner: bigint, rules: OwnerRules): OwnerKind {
  if (owner === 0n) return PERSISTENT
  if (owner === CONTAINER_OWNER) return CONTAINER
  if (rules.extendedTypes) {
    const bits = BigInt.asUintN(64, owner)
    const isTtl = (bits & TTL_MARK) === TTL_MARK || (rules.emulate353Ttl && (bits & SIGN) !== 0n)
    if (isTtl) return { kind: 'ttl', ttlMs: Number(bits & TTL_MASK) }
  }
  return { kind: 'ephemeral', session: owner as SessionId }
}
