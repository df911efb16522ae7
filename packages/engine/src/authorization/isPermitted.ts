/** May somebody with these ids do this to a znode with this ACL? (ZooKeeperServer.checkACL) */
import type { Acl, Id } from '@meerkat/protocol'
import type { AuthorizationRules } from './rules.ts'
import { SUPER_SCHEME, isWorldAnyone } from './rules.ts'
import { providerOf } from './schemes.ts'

export interface PermissionCheck {
  /** The znode's ACL; none at all permits everything. */
  readonly acl: readonly Acl[] | null
  /** The wanted bit of Permission; of several bits, any one suffices (getACL asks for read or admin). */
  readonly permission: number
  readonly identities: readonly Id[]
  readonly rules: AuthorizationRules
}

/**
 * Permitted if ACLs are switched off, or the znode has none, or the asker is the super user, or any one entry with the
 * bit is for anyone or for one of the asker's ids. Any of these is enough, so the cheapest is asked first: the open ACL
 * costs two comparisons and allocates nothing.
 */
export function isPermitted({ acl, permission, identities, rules }: PermissionCheck): boolean {
  if (acl === null || acl.length === 0 || rules.skipAcl) return true
  for (const entry of acl) {
    if ((entry.perms & permission) !== 0 && isWorldAnyone(entry.id)) return true
  }
  for (const identity of identities) {
    if (identity.scheme === SUPER_SCHEME) return true
  }
  for (const entry of acl) {
    if ((entry.perms & permission) !== 0 && isForAnyOf(entry.id, identities, rules)) return true
  }
  return false
}

function isForAnyOf(wanted: Id, identities: readonly Id[], rules: AuthorizationRules): boolean {
  if (wanted.scheme === null || wanted.id === null) return false
  const provider = providerOf(wanted.scheme, rules)
  if (provider === undefined) return false
  for (const { scheme, id } of identities) {
    if (scheme === wanted.scheme && id !== null && provider.matches(id, wanted.id, rules)) return true
  }
  return false
}
