import type { Acl } from '@meerkat/protocol'

/** From each colon to the end of its line; Java's `.` ends a line at all of these. */
const AFTER_COLON = /:[^\n\r\u0085\u2028\u2029]*/g

/**
 * The ACL as getACL shows it to somebody without ADMIN: the digests of passwords are replaced by `x`
 * (FinalRequestProcessor, getACL).
 */
export function maskDigests(acl: readonly Acl[]): Acl[] {
  return acl.map((entry) => {
    const { scheme, id } = entry.id
    if (scheme !== 'digest' || id === null) return entry
    return { perms: entry.perms, id: { scheme, id: id.replace(AFTER_COLON, ':x') } }
  })
}
