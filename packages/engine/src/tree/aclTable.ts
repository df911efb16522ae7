/** Distinct ACLs, each stored once (server.ReferenceCountedACLCache); a znode holds a number. */
import type { Acl } from '@meerkat/protocol'
import { OPEN_ACL, Permission } from '@meerkat/protocol'

export type AclId = number

/** Of the open ACL, which is never in the table, nor in a snapshot's. */
export const OPEN_ACL_ID: AclId = -1

/** Permits nothing to anybody but the super user. */
export const NO_ACCESS: readonly Acl[] = [{ perms: 0, id: { scheme: 'world', id: 'anyone' } }]

interface Entry {
  readonly key: string
  readonly acl: readonly Acl[]
  count: number
}

export class AclTable {
  private readonly byId = new Map<AclId, Entry>()
  private readonly byKey = new Map<string, AclId>()
  private last = 0

  /** The number of an ACL; counts one more use. */
  intern(acl: readonly Acl[]): AclId {
    if (isOpen(acl)) return OPEN_ACL_ID
    const key = JSON.stringify(acl.map(({ perms, id }) => [perms, id.scheme, id.id]))
    const known = this.byKey.get(key)
    if (known !== undefined) {
      this.use(known)
      return known
    }
    const id = ++this.last
    this.byId.set(id, { key, acl: structuredCopy(acl), count: 1 })
    this.byKey.set(key, id)
    return id
  }

  use(id: AclId): void {
    const entry = this.byId.get(id)
    if (entry !== undefined) entry.count++
  }

  release(id: AclId): void {
    const entry = this.byId.get(id)
    if (entry === undefined || --entry.count > 0) return
    this.byId.delete(id)
    this.byKey.delete(entry.key)
  }

  /** Takes an entry of a snapshot. Its uses are counted as its znodes come; `dropUnused` removes the rest. */
  load(id: AclId, acl: readonly Acl[]): void {
    const key = JSON.stringify(acl.map(({ perms, id: { scheme, id: name } }) => [perms, scheme, name]))
    this.byId.set(id, { key, acl, count: 0 })
    this.byKey.set(key, id)
    this.last = Math.max(this.last, id)
  }

  dropUnused(): void {
    for (const [id, entry] of this.byId) if (entry.count === 0) this.release(id)
  }

  /** A number that is not there permits nothing: the log will say what it should be (see `lastId`). */
  get(id: AclId): readonly Acl[] {
    return id === OPEN_ACL_ID ? OPEN_ACL : (this.byId.get(id)?.acl ?? NO_ACCESS)
  }

  /**
   * The largest number so far. A snapshot stores the table first and the znodes later, while both change; a znode whose
   * ACL came after the table is stored with `lastId + 1`, and the transaction that gave it the ACL follows in the log.
   */
  get lastId(): AclId {
    return this.last
  }

  /** What a snapshot stores. */
  *entries(): Iterable<readonly [AclId, readonly Acl[]]> {
    for (const [id, { acl }] of this.byId) yield [id, acl]
  }
}

function isOpen(acl: readonly Acl[]): boolean {
  if (acl === OPEN_ACL) return true
  const [only] = acl
  return (
    acl.length === 1 &&
    only !== undefined &&
    only.perms === Permission.all &&
    only.id.scheme === 'world' &&
    only.id.id === 'anyone'
  )
}

/** Records decoded from a request keep no part of it alive. */
function structuredCopy(acl: readonly Acl[]): readonly Acl[] {
  return acl.map(({ perms, id }) => ({ perms, id: { scheme: id.scheme, id: id.id } }))
}
