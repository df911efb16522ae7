/** The ACL that a create or setACL really sets (PrepRequestProcessor.fixupACL). */
import type { Acl, Id } from '@meerkat/protocol'
import { OPEN_ACL } from '@meerkat/protocol'
import type { AuthorizationRules } from './rules.ts'
import { isWorldAnyone } from './rules.ts'
import { providerOf } from './schemes.ts'

export interface AclRequest {
  readonly acl: readonly Acl[] | null
  readonly identities: readonly Id[]
  readonly rules: AuthorizationRules
}

/**
 * More entries than a request of jute.maxbuffer's default can hold. Only `auth` makes a list grow, by each id of the
 * connection for each of its entries; a list that would outgrow this is refused as invalid.
 */
const MAX_ENTRIES = 100_000

/**
 * Duplicates go, `auth` becomes one entry for each id that the connection has proved, everything else must be valid by
 * its scheme.
 *
 * @returns null for InvalidACL (-114)
 */
export function resolveAcl({ acl, identities, rules }: AclRequest): readonly Acl[] | null {
  if (acl === OPEN_ACL) return acl
  if (acl === null || acl.length === 0) return null
  const resolved: Acl[] = []
  for (const entry of withoutDuplicates(acl)) {
    if (entry.id.scheme !== 'auth') {
      if (!isValid(entry.id, rules)) return null
      resolved.push(entry)
      continue
    }
    const proved = identities.filter((identity) => isProved(identity, rules))
    if (proved.length === 0 || resolved.length + proved.length > MAX_ENTRIES) return null
    for (const id of proved) resolved.push({ perms: entry.perms, id })
  }
  return resolved
}

/** Keyed, not compared pairwise: a megabyte of entries must not take seconds. */
function withoutDuplicates(acl: readonly Acl[]): readonly Acl[] {
  if (acl.length === 1) return acl
  const unique = new Map<string, Acl>()
  for (const entry of acl) {
    const key = JSON.stringify([entry.perms, entry.id.scheme, entry.id.id])
    if (!unique.has(key)) unique.set(key, entry)
  }
  return [...unique.values()]
}

function isValid(id: Id, rules: AuthorizationRules): boolean {
  if (id.scheme === null || id.id === null) return false
  return isWorldAnyone(id) || (providerOf(id.scheme, rules)?.isValid(id.id) ?? false)
}

function isProved(identity: Id, rules: AuthorizationRules): boolean {
  return identity.scheme !== null && (providerOf(identity.scheme, rules)?.isAuthenticated ?? false)
}
