/** What a read must say, of the tree as it is. */
import { ErrorCode, Permission } from '@meerkat/protocol'
import type { ReadRequest, Result } from './history.ts'
import { shownTo, type Identities } from './modelAcl.ts'
import type { ModelTree } from './modelTree.ts'

export interface Reader {
  readonly session: bigint
  readonly identities: Identities
}

export interface Seen {
  readonly err: number
  readonly result: Result
}

export function seen(tree: ModelTree, request: ReadRequest, { session, identities }: Reader): Seen {
  switch (request.op) {
    case 'getData':
    case 'exists':
    case 'getChildren':
    case 'getACL':
      return seenAt(tree, request, identities)
    case 'getEphemerals':
      return { err: ErrorCode.OK, result: { children: tree.ephemeralsOf(session) } }
    case 'sync':
    case 'addWatch':
    case 'setWatches':
      return { err: ErrorCode.OK, result: {} }
  }
}

/** Whoever may change an ACL may also look at it. */
const WANTED = {
  getData: Permission.read,
  exists: Permission.read,
  getChildren: Permission.read,
  getACL: Permission.read | Permission.admin,
}

function seenAt(
  tree: ModelTree,
  { op, path }: ReadRequest & { op: keyof typeof WANTED },
  identities: Identities,
): Seen {
  const znode = tree.get(path)
  const stat = tree.stat(path)
  if (znode === undefined || stat === undefined) return { err: ErrorCode.NONODE, result: {} }
  if (!tree.permits(path, WANTED[op], identities)) return { err: ErrorCode.NOAUTH, result: {} }
  switch (op) {
    case 'exists':
      return { err: ErrorCode.OK, result: { stat } }
    case 'getChildren':
      return { err: ErrorCode.OK, result: { stat, children: tree.children(path) } }
    case 'getData':
      return { err: ErrorCode.OK, result: { stat, data: znode.data } }
    case 'getACL':
      return { err: ErrorCode.OK, result: { stat, acl: shownTo(znode.acl, identities) } }
  }
}
