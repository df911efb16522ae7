import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { Bytes } from '@meerkat/protocol'
import { digestMd5, NO_BYTES } from '@meerkat/protocol'
import type { SaslResult, SaslServer, SaslServerOptions } from '../../src/authentication/saslServer.ts'
import { createSaslServer, saslIdentities } from '../../src/authentication/saslServer.ts'
import { missingPeer, requirePeer } from '../../../../test/support/peers.ts'
import type { SaslPeer } from '../../../../test/support/saslPeer.ts'
import { javaSaslPeer, pureSaslClient } from '../../../../test/support/saslPeer.ts'

const USERS = new Map([
  ['bob', 'secret'],
  ['super', 'from the file'],
  ['zk/host@REALM', 'kerberos'],
  ['a@b@c', 'secret'],
])

function serverFor(more: Partial<SaslServerOptions> = {}): SaslServer {
  return createSaslServer({ users: { passwordOf: (user) => USERS.get(user) }, superPassword: null, ...more })
}

/** The whole exchange between a client in another process and our server. */
async function logIn(client: SaslPeer, server: SaslServer): Promise<{ result: SaslResult; clientIsContent: boolean }> {
  try {
    const challenge = server.step(NO_BYTES)
    assert.ok('token' in challenge)
    const response = await client.answer(challenge.token)
    assert.ok('token' in response)
    const result = server.step(response.token)
    if (!('token' in result)) return { result, clientIsContent: false }
    const end = await client.answer(result.token)
    return { result, clientIsContent: 'token' in end && end.done }
  } finally {
    client.close()
  }
}

test("Java's client logs in, and believes the server", { skip: missingPeer('java') ?? false }, async () => {
  const { result, clientIsContent } = await logIn(javaSaslPeer('client', 'bob', 'secret'), serverFor())
  assert.ok('done' in result && result.done)
  assert.equal(result.authorizationId, 'bob')
  assert.ok(clientIsContent)
})

test("Java's client is refused with a wrong password", { skip: missingPeer('java') ?? false }, async () => {
  const { result } = await logIn(javaSaslPeer('client', 'bob', 'wrong'), serverFor())
  assert.deepEqual(result, { failure: 'wrong password for user "bob"' })
})

test("kazoo's library logs in", async (context) => {
  const packages = requirePeer(context, 'kazoo')
  if (packages === undefined) return
  const { result, clientIsContent } = await logIn(pureSaslClient(packages, 'bob', 'secret'), serverFor())
  assert.ok('done' in result && result.done)
  assert.equal(result.authorizationId, 'bob')
  assert.ok(clientIsContent)
})

const md5 = (input: Uint8Array): Bytes => createHash('md5').update(input).digest()

interface Login extends Partial<Omit<digestMd5.DigestResponse, 'response'>> {
  readonly password?: string
}

/** What the server says to a client that answers its challenge honestly except for what is given. */
function attempt({ password = 'secret', ...given }: Login, server = serverFor()): SaslResult {
  const challenge = server.step(NO_BYTES)
  assert.ok('token' in challenge)
  const { nonce } = digestMd5.parseChallenge(challenge.token)
  const honest = {
    username: 'bob',
    realm: 'zk-sasl-md5',
    digestUri: 'zookeeper/zk-sasl-md5',
    cnonce: 'c',
    isUtf8: true,
  }
  const response = { ...honest, nonce, authorizationId: null, ...given }
  const proof = digestMd5.proofOf(response, { password, side: 'client', md5 })
  return server.step(digestMd5.formatResponse({ ...response, response: proof }))
}

function userOf(result: SaslResult): string | null {
  return 'done' in result && result.done ? result.authorizationId : null
}

function failureOf(result: SaslResult): string {
  assert.ok('failure' in result)
  return result.failure
}

test('A client is who it proved to be, whomever it wants to act as', () => {
  assert.equal(userOf(attempt({})), 'bob')
  assert.equal(userOf(attempt({ authorizationId: 'super' })), 'bob')
  assert.equal(userOf(attempt({ username: 'zk/host@REALM', password: 'kerberos' })), 'zk/host@REALM')
  assert.equal(userOf(attempt({ digestUri: 'ZooKeeper/ZK-sasl-md5' })), 'bob')
})

test('superPassword replaces the password of user super, who must be in the file', () => {
  const login = { username: 'super', password: 'the other' }
  assert.equal(userOf(attempt(login, serverFor({ superPassword: 'the other' }))), 'super')
  assert.match(failureOf(attempt(login)), /wrong password/)
  assert.equal(userOf(attempt({ username: 'super', password: 'from the file' })), 'super')
  const users = { passwordOf: () => undefined }
  assert.match(failureOf(attempt(login, serverFor({ users, superPassword: 'the other' }))), /there is no user "super"/)
  assert.match(
    failureOf(attempt({ password: 'the other' }, serverFor({ superPassword: 'the other' }))),
    /wrong password/,
  )
})

test('A response that does not fit the challenge is refused with the reason', () => {
  assert.match(failureOf(attempt({ nonce: 'other' })), /nonce/)
  assert.match(failureOf(attempt({ realm: 'other' })), /realm "other" instead of zk-sasl-md5/)
  assert.match(failureOf(attempt({ digestUri: 'zookeeper/localhost' })), /digest-uri "zookeeper\/localhost"/)
  assert.match(failureOf(attempt({ username: 'eve' })), /there is no user "eve"/)
  assert.match(failureOf(attempt({ username: 'a@b@c' })), /Kerberos name/)
})

test('Each server takes one exchange, in its order', () => {
  const first = serverFor()
  assert.match(failureOf(first.step(Buffer.from('hello'))), /not empty/)
  assert.match(failureOf(first.step(NO_BYTES)), /over already/)
  const second = serverFor()
  assert.ok('token' in second.step(null))
  assert.match(failureOf(second.step(Buffer.from('nonsense'))), /directive/)
  assert.match(failureOf(second.step(NO_BYTES)), /over already/)
  const third = serverFor()
  attempt({}, third)
  assert.match(failureOf(third.step(NO_BYTES)), /over already/)
})

test('Two challenges never have the same nonce', () => {
  const nonces = Array.from({ length: 50 }, () => {
    const challenge = serverFor().step(NO_BYTES)
    assert.ok('token' in challenge)
    return digestMd5.parseChallenge(challenge.token).nonce
  })
  assert.equal(new Set(nonces).size, nonces.length)
})

test('A SASL user who is named as a super user is one', () => {
  assert.deepEqual(saslIdentities('bob', new Set(['root'])), [{ scheme: 'sasl', id: 'bob' }])
  const root = [
    { scheme: 'sasl', id: 'root' },
    { scheme: 'super', id: '' },
  ]
  assert.deepEqual(saslIdentities('root', new Set(['root'])), root)
  assert.deepEqual(saslIdentities('', new Set([''])), [{ scheme: 'sasl', id: '' }])
})
