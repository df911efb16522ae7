import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesOf } from '../src/bytes.ts'
import type { DigestResponse } from '../src/digestMd5.ts'
import {
  DigestMd5Error,
  formatChallenge,
  formatResponse,
  formatResponseAuth,
  parseChallenge,
  parseResponse,
  parseResponseAuth,
  proofOf,
} from '../src/digestMd5.ts'

const md5 = (input: Uint8Array): Buffer => createHash('md5').update(input).digest()

/** What Java's client (SASL of JDK 17) sent to Java's server for user and password, and what that server answered. */
const JAVA_EXCHANGES = [
  {
    password: 'sécret',
    response:
      'charset=utf-8,username="bob",realm="zk-sasl-md5",nonce="1Yi5G6ogZJwNV5IYGmEi9bvpZCgEmdK7Ehnh/wFO",nc=00000001,' +
      'cnonce="J07NRmbffM1RPeWUkjKhxU0sQH2KbXLTwpuTYwBI",digest-uri="zookeeper/zk-sasl-md5",maxbuf=65536,' +
      'response=fbf397e7f765a3a65f6d82e6d7485c9f,qop=auth',
    answer: 'rspauth=c891d644f8fe3ee3813f1816bada93c6',
  },
  {
    password: 'sécret',
    response:
      'charset=utf-8,username="bob",realm="zk-sasl-md5",nonce="EcVU1FOoVENn/AuTVKSxN/TSRHKK7BOrtRl9Z5QG",nc=00000001,' +
      'cnonce="K8BO+ETJx6Cvt8VAcIhYJ4GjHWDU+/Z3rddt+5wj",digest-uri="zookeeper/zk-sasl-md5",maxbuf=65536,' +
      'response=1c931ce6716e08f24eed93e6c37301b8,qop=auth,authzid="other"',
    answer: 'rspauth=dfa84497871081184eca45a4f635e64b',
  },
  {
    password: 'sécret',
    response:
      'charset=utf-8,username="bób",realm="zk-sasl-md5",nonce="D9C8ejpVpaDW8FWY3QPgh6VE16+UFJr4ll4NvOaN",nc=00000001,' +
      'cnonce="WOIuXd2Oqx6BIef3/10z0DCGRGsxIlVVkZHPdqOY",digest-uri="zookeeper/zk-sasl-md5",maxbuf=65536,' +
      'response=49200d82b09d292751ec0cd694e9ccd8,qop=auth',
    answer: 'rspauth=573ebce07fc109c9a4c07a729180700d',
  },
]

test("Java's own exchanges compute to the same proofs, and format to the same bytes", () => {
  for (const { password, response: token, answer } of JAVA_EXCHANGES) {
    const response = parseResponse(bytesOf(token))
    assert.equal(proofOf(response, { password, side: 'client', md5 }), response.response)
    assert.equal(formatResponse(response).toString(), token)
    const serverProof = proofOf(response, { password, side: 'server', md5 })
    assert.equal(formatResponseAuth(serverProof).toString(), answer)
    assert.equal(parseResponseAuth(bytesOf(answer)), serverProof)
  }
})

test("RFC 2831's own example gives its proofs", () => {
  const response = {
    username: 'chris',
    realm: 'elwood.innosoft.com',
    nonce: 'OA6MG9tEQGm2hh',
    cnonce: 'OA6MHXh6VqTrRk',
    digestUri: 'imap/elwood.innosoft.com',
    authorizationId: null,
    isUtf8: true,
  }
  assert.equal(proofOf(response, { password: 'secret', side: 'client', md5 }), 'd388dad90d4bbd760a152321f2143af7')
  assert.equal(proofOf(response, { password: 'secret', side: 'server', md5 }), 'ea40f60335c427b5527b84dbabcdfffd')
})

test("A challenge has the form of Java's server", () => {
  const challenge = formatChallenge({ realm: 'zk-sasl-md5', nonce: 'abc' })
  assert.equal(challenge.toString(), 'realm="zk-sasl-md5",nonce="abc",charset=utf-8,algorithm=md5-sess')
  assert.deepEqual(parseChallenge(challenge), { realms: ['zk-sasl-md5'], nonce: 'abc' })
})

test('A challenge may have spaces, several realms and several qops', () => {
  const token = bytesOf('realm="a", realm="b,\\"c", nonce="n" ,qop="auth-int,auth", algorithm=md5-sess, charset=utf-8')
  assert.deepEqual(parseChallenge(token), { realms: ['a', 'b,"c'], nonce: 'n' })
})

test('Any response reads back as it was written', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((s) => s.isWellFormed())
  const response = fc.constant('0123456789abcdef0123456789abcdef')
  const names = { username: text, realm: text, nonce: text, cnonce: text, digestUri: text }
  const responses: fc.Arbitrary<DigestResponse> = fc.record(
    { ...names, authorizationId: fc.option(text), isUtf8: fc.constant(true), response },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(responses, (response) => {
      assert.deepEqual(parseResponse(formatResponse(response)), response)
    }),
  )
})

test('Without a charset the text is ISO 8859-1', () => {
  const response = parseResponse(
    bytesOf(
      'username="b\xf3b",nonce="n",cnonce="c",nc=00000001,digest-uri="a/b",response=0123456789abcdef0123456789abcdef',
      'latin1',
    ),
  )
  assert.equal(response.username, 'bób')
  assert.equal(response.realm, '')
})

test('A bad token is refused with the reason', () => {
  const good = JAVA_EXCHANGES[0]?.response ?? ''
  const refusals: readonly [token: string, reason: RegExp][] = [
    [good.replace('nc=00000001', 'nc=00000002'), /nonce count/],
    [good.replace('qop=auth', 'qop=auth-conf'), /qop/],
    [good.replace('username="bob",', ''), /username is missing/],
    [good.replace('username="bob"', 'username=""'), /username is missing/],
    [good.replace('charset=utf-8', 'charset=utf-16'), /charset/],
    [`${good},username="eve"`, /username is given 2 times/],
    [good.replace(/response=\w+/, 'response=12'), /32 hexadecimal/],
    [good.replace('realm="zk', 'realm=zk'), /byte/],
    ['', /missing/],
    ['"', /byte 0/],
    [`username="${'x'.repeat(5000)}"`, /bytes/],
  ]
  for (const [token, reason] of refusals) {
    assert.throws(
      () => parseResponse(bytesOf(token)),
      (error) => error instanceof DigestMd5Error && reason.test(error.message),
      token,
    )
  }
  assert.throws(() => parseChallenge(bytesOf('nonce="a",algorithm=md5')), /algorithm/)
  assert.throws(() => parseChallenge(bytesOf('nonce="a",algorithm=md5-sess,qop="auth-conf"')), /qop/)
})

test('No bytes at all make the parser do anything but answer or refuse', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        parseResponse(Buffer.from(bytes))
      } catch (error) {
        assert.ok(error instanceof DigestMd5Error)
      }
    }),
  )
})
