/** ACLs as people write them: `scheme:id:perms`, several with commas between them. */
import { ZooKeeperError } from '@meerkat/client'
import { ErrorCode, Permission, type Acl } from '@meerkat/protocol'

const LETTERS: Record<string, number> = {
  r: Permission.read,
  w: Permission.write,
  c: Permission.create,
  d: Permission.delete,
  a: Permission.admin,
}

/** What cannot be read is reported and left out; an ACL of which nothing is left is not valid. */
export function parseAcl(text: string, report: (problem: string) => void): Acl[] {
  const acl: Acl[] = []
  for (const entry of text.split(',')) {
    const first = entry.indexOf(':')
    const last = entry.lastIndexOf(':')
    if (first === last) {
      report(`${entry} does not have the form scheme:id:perm`)
      continue
    }
    const id = { scheme: entry.slice(0, first), id: entry.slice(first + 1, last) }
    acl.push({ perms: parsePermissions(entry.slice(last + 1), report), id })
  }
  if (acl.length === 0) throw new ZooKeeperError(ErrorCode.INVALIDACL)
  return acl
}

function parsePermissions(letters: string, report: (problem: string) => void): number {
  let perms = 0
  for (const letter of letters) {
    const bit = LETTERS[letter]
    if (bit === undefined) report(`Unknown perm type: ${letter}`)
    else perms |= bit
  }
  return perms
}
