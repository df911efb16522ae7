import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { digestMd5 } from '@meerkat/protocol'
import { createSaslDigestClient } from '../src/saslClient.ts'
import { missingPeer } from '../../../test/support/peers.ts'
import { javaSaslPeer } from '../../../test/support/saslPeer.ts'

const md5 = (input: Uint8Array): Buffer => createHash('md5').update(input).digest()
const CHALLENGE = digestMd5.formatChallenge({ realm: 'zk-sasl-md5', nonce: 'abc' })

test(
  "Java's server lets the client in, and the client believes the server",
  { skip: missingPeer('java') ?? false },
  async () => {
    for (const [username, password] of [
      ['bob', 'secret'],
      ['bob', 's\\é"c,=ret'],
    ] as const) {
      const server = javaSaslPeer('server', username, password)
      try {
        const client = createSaslDigestClient({ username, password })
        const challenge = await server.answer(client.start())
        assert.ok('token' in challenge && !challenge.done)
        const { token, done } = client.step(challenge.token)
        assert.ok(token !== null && !done)
        const answer = await server.answer(token)
        assert.ok('token' in answer && answer.done)
        assert.deepEqual(client.step(answer.token), { token: null, done: true })
      } finally {
        server.close()
      }
    }
  },
)

test("Java's server refuses a wrong password", { skip: missingPeer('java') ?? false }, async () => {
  const server = javaSaslPeer('server', 'bob', 'secret')
  try {
    const client = createSaslDigestClient({ username: 'bob', password: 'Secret' })
    const challenge = await server.answer(client.start())
    assert.ok('token' in challenge)
    assert.ok('failure' in (await server.answer(client.step(challenge.token).token ?? Buffer.alloc(0))))
  } finally {
    server.close()
  }
})

test('A server that does not know the password is not believed', () => {
  const client = createSaslDigestClient({ username: 'bob', password: 'secret' })
  client.step(CHALLENGE)
  const lie = digestMd5.formatResponseAuth('0'.repeat(32))
  assert.throws(() => client.step(lie), /could not prove that it knows the password/)
})

test('The client says nothing after the end', () => {
  const client = createSaslDigestClient({ username: 'bob', password: 'secret' })
  const { token } = client.step(CHALLENGE)
  assert.ok(token !== null)
  const response = digestMd5.parseResponse(token)
  assert.equal(response.authorizationId, 'bob')
  const answer = digestMd5.proofOf(response, { password: 'secret', side: 'server', md5 })
  assert.equal(client.step(digestMd5.formatResponseAuth(answer)).done, true)
  assert.throws(() => client.step(CHALLENGE), /complete/)
})
