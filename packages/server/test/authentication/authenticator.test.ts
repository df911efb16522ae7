import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuthenticationResult, AuthenticationRules } from '../../src/authentication/authenticator.ts'
import { createAuthenticator } from '../../src/authentication/authenticator.ts'

const RULES: AuthenticationRules = {
  schemes: new Set(['ip', 'digest', 'x509', 'sasl', 'ensemble']),
  digestAlgorithm: 'SHA1',
  superDigest: null,
  x509SuperUser: null,
  ensembleNames: null,
}
const FACTS = { remoteAddress: '::ffff:10.0.0.7', clientCertificate: null }

function authenticate(
  scheme: string,
  auth: string | null,
  rules: Partial<AuthenticationRules> = {},
): AuthenticationResult {
  const bytes = auth === null ? null : Buffer.from(auth)
  return createAuthenticator({ ...RULES, ...rules }).authenticate(scheme, bytes, FACTS)
}

function idsOf(result: AuthenticationResult): readonly unknown[] {
  assert.ok('identities' in result, JSON.stringify(result))
  return result.identities.map(({ scheme, id }) => `${String(scheme)}:${String(id)}`)
}

function assertFails(result: AuthenticationResult, reason: RegExp): void {
  assert.ok('failure' in result)
  assert.match(result.failure, reason)
  assert.equal(result.close, 'afterAuthFailed')
}

test('digest proves the user and the hash of user and password', () => {
  assert.deepEqual(idsOf(authenticate('digest', 'super:test')), ['digest:super:D/InIHSb7yEEbrWz8b9l71RjZJU='])
})

test('digest accepts any text, with or without a colon', () => {
  assert.match(String(idsOf(authenticate('digest', 'bob'))[0]), /^digest:bob:[A-Za-z0-9+/]{27}=$/)
  assert.match(String(idsOf(authenticate('digest', ''))[0]), /^digest::[A-Za-z0-9+/]{27}=$/)
  assert.match(String(idsOf(authenticate('digest', 'a:b:c'))[0]), /^digest:a:[A-Za-z0-9+/]{27}=$/)
  assertFails(authenticate('digest', null), /no user and password/)
})

test('The digest algorithm goes by its Java name', () => {
  const sha1 = idsOf(authenticate('digest', 'super:test'))
  for (const digestAlgorithm of ['SHA', 'SHA-1', 'sha1']) {
    assert.deepEqual(idsOf(authenticate('digest', 'super:test', { digestAlgorithm })), sha1)
  }
  const lengths = { 'SHA-256': 44, 'SHA-512': 88, 'SHA-512/256': 44, 'SHA3-256': 44, MD5: 24 }
  for (const [digestAlgorithm, length] of Object.entries(lengths)) {
    const [id] = idsOf(authenticate('digest', 'u:p', { digestAlgorithm }))
    assert.equal(String(id).length, 'digest:u:'.length + length)
  }
  assert.throws(() => authenticate('digest', 'u:p', { digestAlgorithm: 'SHA-9' }), /digestAlg is "SHA-9"/)
})

test('The super digest makes a super user', () => {
  const superDigest = 'super:D/InIHSb7yEEbrWz8b9l71RjZJU='
  assert.deepEqual(idsOf(authenticate('digest', 'super:test', { superDigest })), ['super:', `digest:${superDigest}`])
  assert.equal(idsOf(authenticate('digest', 'super:tesT', { superDigest })).length, 1)
})

test('ip proves the address of the connection, whatever the packet says', () => {
  assert.deepEqual(idsOf(authenticate('ip', '192.0.2.1')), ['ip:10.0.0.7'])
})

test('x509 needs a certificate, and sasl has a request of its own', () => {
  assertFails(authenticate('x509', ''), /no client certificate/)
  assertFails(authenticate('sasl', 'bob'), /request of its own/)
})

test('ensemble lets pass who means this ensemble, and sends away the others without a reply', () => {
  const ensembleNames = new Set(['east', 'west'])
  assert.deepEqual(idsOf(authenticate('ensemble', 'east', { ensembleNames })), [])
  assert.deepEqual(idsOf(authenticate('ensemble', '', { ensembleNames })), [])
  assert.deepEqual(idsOf(authenticate('ensemble', null, { ensembleNames })), [])
  assert.deepEqual(idsOf(authenticate('ensemble', 'north')), [])
  const result = authenticate('ensemble', 'north', { ensembleNames })
  assert.ok('failure' in result)
  assert.equal(result.close, 'atOnce')
})

test('A scheme without a provider fails', () => {
  for (const scheme of ['world', 'auth', 'super', 'kerberos', '', 'toString', '__proto__']) {
    assertFails(
      authenticate(scheme, 'anyone', { schemes: new Set([...RULES.schemes, scheme]) }),
      /no authentication provider/,
    )
  }
  assertFails(
    authenticate('digest', 'u:p', { schemes: new Set(['ip']) }),
    /no authentication provider for scheme digest/,
  )
})
