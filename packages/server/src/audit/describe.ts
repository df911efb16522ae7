/** The parts of an audit event in Apache's words. */
import { CreateFlag, Permission } from '@meerkat/protocol'
import type { Id, OperationName } from '@meerkat/protocol'
import type { AuditOperation } from './auditLog.ts'

/** What the audit log calls an operation; undefined for those that it leaves out. */
export function auditOperationOf(operation: OperationName): AuditOperation | undefined {
  return operations.get(operation)
}

const operations: ReadonlyMap<OperationName, AuditOperation> = new Map([
  ['create', 'create'],
  ['create2', 'create'],
  ['createContainer', 'create'],
  ['createTTL', 'create'],
  ['delete', 'delete'],
  ['deleteContainer', 'delete'],
  ['setData', 'setData'],
  ['setACL', 'setAcl'],
  ['multi', 'multiOperation'],
  ['reconfig', 'reconfig'],
])

/** The kind of znode that these flags of a request make. */
export function znodeTypeOf(flags: number): string | undefined {
  return znodeTypes.get(flags)
}

const znodeTypes: ReadonlyMap<number, string> = new Map([
  [CreateFlag.persistent, 'persistent'],
  [CreateFlag.ephemeral, 'ephemeral'],
  [CreateFlag.persistentSequential, 'persistent_sequential'],
  [CreateFlag.ephemeralSequential, 'ephemeral_sequential'],
  [CreateFlag.container, 'container'],
  [CreateFlag.persistentWithTtl, 'persistent_with_ttl'],
  [CreateFlag.persistentSequentialWithTtl, 'persistent_sequential_with_ttl'],
])

/** Who a session has shown to be, `127.0.0.1,alice`: of a digest the name alone. Undefined without any identity. */
export function usersForAudit(identities: readonly Id[]): string | undefined {
  if (identities.length === 0) return undefined
  return identities
    .map(({ scheme, id }) => (scheme === 'digest' ? (id ?? '').replace(/:.*$/s, '') : (id ?? '')))
    .join(',')
}

/** `world:anyone:cdrwa`; several entries follow each other without a separator, as Apache writes them. */
export function aclForAudit(acl: readonly { readonly perms: number; readonly id: Id }[]): string {
  return acl.map(({ perms, id: { scheme, id } }) => `${scheme ?? ''}:${id ?? ''}:${permissionLetters(perms)}`).join('')
}

function permissionLetters(perms: number): string {
  return letters
    .filter(([bit]) => (perms & bit) !== 0)
    .map(([, letter]) => letter)
    .join('')
}

const letters = [
  [Permission.create, 'c'],
  [Permission.delete, 'd'],
  [Permission.read, 'r'],
  [Permission.write, 'w'],
  [Permission.admin, 'a'],
] as const
