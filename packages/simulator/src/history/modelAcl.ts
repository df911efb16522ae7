/** Who may do what, as the programmer's guide says. It shares nothing with the engine. */
import { Permission, type Acl } from '@meerkat/protocol'

/** The digest ids that a connection has proved. */
export type Identities = readonly string[]

export const OPEN: readonly Acl[] = [{ perms: Permission.all, id: { scheme: 'world', id: 'anyone' } }]

/** `wanted` may be several permissions, of which any one is enough. */
export function mayDo(acl: readonly Acl[], wanted: number, identities: Identities): boolean {
  return acl.some(({ perms, id }) => {
    return (perms & wanted) !== 0 && (id.scheme === 'world' || identities.includes(id.id ?? ''))
  })
}

/** The ACL that is set: `auth` stands for everybody whom the connection has proved to be; undefined if that is nobody. */
export function settled(acl: readonly Acl[], identities: Identities): readonly Acl[] | undefined {
  const entries = acl.flatMap((entry) => {
    if (entry.id.scheme !== 'auth') return [entry]
    return identities.map((id) => ({ perms: entry.perms, id: { scheme: 'digest', id } }))
  })
  const isNobody = identities.length === 0 && acl.some(({ id }) => id.scheme === 'auth')
  return isNobody ? undefined : entries
}

/** What getACL tells: whoever may not change an ACL does not see the digests of passwords. */
export function shownTo(acl: readonly Acl[], identities: Identities): readonly Acl[] {
  if (mayDo(acl, Permission.admin, identities)) return sorted(acl)
  return sorted(
    acl.map(({ perms, id }) => {
      return id.scheme === 'digest' ? { perms, id: { scheme: 'digest', id: `${userOf(id.id)}:x` } } : { perms, id }
    }),
  )
}

function userOf(id: string | null): string {
  return id?.split(':')[0] ?? ''
}

/** Entries have no order of their own. */
export function sorted(acl: readonly Acl[]): readonly Acl[] {
  const keyOf = ({ perms, id }: Acl): string => `${id.scheme} ${id.id} ${perms}`
  return [...acl].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}
