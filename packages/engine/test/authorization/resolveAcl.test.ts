import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Acl, Id } from '@meerkat/protocol'
import type { AuthorizationRules } from '../../src/authorization/rules.ts'
import { DEFAULT_AUTHORIZATION_RULES } from '../../src/authorization/rules.ts'
import { resolveAcl } from '../../src/authorization/resolveAcl.ts'

const RULES: AuthorizationRules = {
  ...DEFAULT_AUTHORIZATION_RULES,
  schemes: new Set(['ip', 'digest', 'x509', 'sasl', 'ensemble']),
}
const entry = (perms: number, scheme: string | null, id: string | null): Acl => ({ perms, id: { scheme, id } })
const who = (scheme: string, id: string): Id => ({ scheme, id })

function resolve(acl: readonly Acl[] | null, identities: readonly Id[] = [], rules = RULES): readonly Acl[] | null {
  return resolveAcl({ acl, identities, rules })
}

test('No ACL at all is invalid', () => {
  assert.equal(resolve(null), null)
  assert.equal(resolve([]), null)
})

test('Duplicates are dropped and the order of the rest is kept', () => {
  const acl = [
    entry(1, 'ip', '1.2.3.4'),
    entry(31, 'world', 'anyone'),
    entry(1, 'ip', '1.2.3.4'),
    entry(2, 'ip', '::1'),
  ]
  assert.deepEqual(resolve(acl), [acl[0], acl[1], acl[3]])
})

test('An ACL of tens of thousands of entries resolves promptly', () => {
  const acl = Array.from({ length: 60_000 }, (_, i) => entry(i, 'world', 'anyone'))
  const started = process.hrtime.bigint()
  assert.equal(resolve(acl)?.length, acl.length)
  assert.ok(process.hrtime.bigint() - started < 2_000_000_000n)
})

test('auth becomes one entry for each id that the connection has proved', () => {
  const identities = [
    who('ip', '1.2.3.4'),
    who('digest', 'bob:x'),
    who('super', ''),
    who('x509', 'CN=b'),
    who('sasl', 'b'),
  ]
  assert.deepEqual(resolve([entry(7, 'auth', '')], identities), [
    entry(7, 'digest', 'bob:x'),
    entry(7, 'x509', 'CN=b'),
    entry(7, 'sasl', 'b'),
  ])
})

test('auth without a proved id is invalid', () => {
  assert.equal(resolve([entry(7, 'auth', '')], [who('ip', '1.2.3.4'), who('super', '')]), null)
  assert.equal(resolve([entry(7, 'auth', '')], [who('sasl', 'b')], DEFAULT_AUTHORIZATION_RULES), null)
})

test('auth entries cannot multiply without bound', () => {
  const acl = Array.from({ length: 1000 }, (_, i) => entry(i, 'auth', ''))
  const identities = Array.from({ length: 1000 }, (_, i) => who('digest', `user${String(i)}:x`))
  assert.equal(resolve(acl, identities), null)
})

/** Each word is scheme and id. */
function entries(words: string): Acl[] {
  return words.split(' ').map((word) => {
    const colon = word.indexOf(':')
    return entry(1, word.slice(0, colon), word.slice(colon + 1))
  })
}

test('Each id is judged by its scheme', () => {
  const valid = [
    ...entries('world:anyone digest:bob:x digest::x digest:a:b:: ip:10.0.0.0/8 x509:CN=bob'),
    ...entries('sasl: sasl:a/b sasl:zk/host@REALM sasl:bob@'),
    entry(64, 'world', 'anyone'),
  ]
  const invalid = [
    ...entries('world:everyone digest:bob digest:bob: digest:a:b:c digest:: digest: ip:10.0.0.0/33 x509:bob'),
    ...entries('sasl:a@b@c sasl:a/b/c@d super: ensemble:e kerberos:bob :'),
    entry(1, null, 'bob'),
    entry(1, 'digest', null),
  ]
  for (const one of valid) assert.deepEqual(resolve([one]), [one], JSON.stringify(one))
  for (const one of invalid) {
    assert.equal(resolve([one]), null, JSON.stringify(one))
    assert.equal(resolve([entry(31, 'world', 'anyone'), one]), null, JSON.stringify(one))
  }
})

test('A scheme without a provider on this server cannot be set', () => {
  assert.equal(resolve([entry(1, 'sasl', 'bob')], [], DEFAULT_AUTHORIZATION_RULES), null)
})
