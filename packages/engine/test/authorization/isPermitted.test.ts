import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Acl, Id } from '@meerkat/protocol'
import { Permission } from '@meerkat/protocol'
import type { AuthorizationRules } from '../../src/authorization/rules.ts'
import { DEFAULT_AUTHORIZATION_RULES } from '../../src/authorization/rules.ts'
import { isPermitted } from '../../src/authorization/isPermitted.ts'

const EVERY_SCHEME = new Set(['ip', 'digest', 'x509', 'sasl', 'ensemble'])
const RULES: AuthorizationRules = { ...DEFAULT_AUTHORIZATION_RULES, schemes: EVERY_SCHEME }

const entry = (perms: number, scheme: string | null, id: string | null): Acl => ({ perms, id: { scheme, id } })
const who = (scheme: string, id: string): Id => ({ scheme, id })

function permits(acl: readonly Acl[] | null, permission: number, identities: readonly Id[], rules = RULES): boolean {
  return isPermitted({ acl, permission, identities, rules })
}

test('A znode without an ACL is open', () => {
  assert.ok(permits(null, Permission.admin, []))
  assert.ok(permits([], Permission.admin, []))
})

test('world:anyone grants its own bits to everybody, and no others', () => {
  const acl = [entry(Permission.read, 'world', 'anyone')]
  assert.ok(permits(acl, Permission.read, []))
  assert.ok(!permits(acl, Permission.write, [who('ip', '127.0.0.1')]))
})

test('Of several wanted bits one suffices', () => {
  const acl = [entry(Permission.admin, 'world', 'anyone')]
  assert.ok(permits(acl, Permission.read | Permission.admin, []))
})

test('skipACL and the super user pass every ACL', () => {
  const acl = [entry(Permission.all, 'digest', 'bob:x')]
  assert.ok(permits(acl, Permission.write, [], { ...RULES, skipAcl: true }))
  assert.ok(permits(acl, Permission.write, [who('ip', '1.2.3.4'), who('super', '')]))
  assert.ok(permits([entry(0, 'world', 'anyone')], Permission.write, [who('super', 'CN=root')]))
})

test('A digest must be equal, under the same scheme', () => {
  const acl = [entry(Permission.read, 'digest', 'bob:x')]
  assert.ok(permits(acl, Permission.read, [who('ip', '1.2.3.4'), who('digest', 'bob:x')]))
  assert.ok(!permits(acl, Permission.read, [who('digest', 'bob:y')]))
  assert.ok(!permits(acl, Permission.read, [who('sasl', 'bob:x')]))
  assert.ok(!permits(acl, Permission.write, [who('digest', 'bob:x')]))
})

test('Entries are alternatives', () => {
  const acl = [entry(Permission.read, 'digest', 'bob:x'), entry(Permission.write, 'ip', '10.0.0.0/8')]
  assert.ok(permits(acl, Permission.write, [who('ip', '10.9.9.9')]))
  assert.ok(!permits(acl, Permission.write, [who('ip', '11.0.0.1'), who('digest', 'bob:x')]))
})

test('The x509 super user matches every x509 entry, but only those', () => {
  const rules = { ...RULES, x509SuperUser: 'CN=root' }
  const acl = [entry(Permission.read, 'x509', 'CN=bob')]
  assert.ok(permits(acl, Permission.read, [who('x509', 'CN=bob')], rules))
  assert.ok(permits(acl, Permission.read, [who('x509', 'CN=root')], rules))
  assert.ok(!permits(acl, Permission.read, [who('x509', 'CN=root')]))
  assert.ok(!permits([entry(Permission.read, 'digest', 'a:b')], Permission.read, [who('x509', 'CN=root')], rules))
})

test('The SASL user "super" matches every sasl entry, and letAnySaslUserDoX opens one entry to all SASL users', () => {
  const acl = [entry(Permission.read, 'sasl', 'public')]
  assert.ok(permits(acl, Permission.read, [who('sasl', 'public')]))
  assert.ok(permits(acl, Permission.read, [who('sasl', 'super')]))
  assert.ok(!permits(acl, Permission.read, [who('sasl', 'bob')]))
  const rules = { ...RULES, letAnySaslUserDoX: 'public' }
  assert.ok(permits(acl, Permission.read, [who('sasl', 'bob')], rules))
  assert.ok(!permits(acl, Permission.read, [who('digest', 'bob:x')], rules))
})

test('An entry whose scheme has no provider here grants nothing', () => {
  const acl = [entry(Permission.read, 'x509', 'CN=bob'), entry(Permission.read, 'kerberos', 'bob')]
  const identities = [who('x509', 'CN=bob'), who('kerberos', 'bob')]
  assert.ok(!permits(acl, Permission.read, identities, DEFAULT_AUTHORIZATION_RULES))
})

test('Null schemes and ids, and ensemble ids, match nobody', () => {
  const acl = [entry(Permission.read, null, 'a'), entry(Permission.read, 'digest', null), entry(1, 'ensemble', 'a')]
  const identities: Id[] = [{ scheme: null, id: 'a' }, { scheme: 'digest', id: null }, who('ensemble', 'a')]
  assert.ok(!permits(acl, Permission.read, identities))
})
