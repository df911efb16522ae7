/** The client's half of SASL DIGEST-MD5 towards a ZooKeeper server. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Bytes } from '@meerkat/protocol'
import { digestMd5, NO_BYTES } from '@meerkat/protocol'

const { DigestMd5Error, formatResponse, parseChallenge, parseResponseAuth, proofOf } = digestMd5

export interface SaslCredentials {
  readonly username: string
  readonly password: string
  /** The service's name in the digest-uri; `zookeeper` unless a server was built otherwise. */
  readonly service?: string
  /** The server's name, `zk-sasl-md5` for every ZooKeeper server (`zookeeper.clientName` of Java's client). */
  readonly serverName?: string
}

export interface SaslStep {
  /** To be sent in the next sasl request; null once nothing more is to be said. */
  readonly token: Bytes | null
  readonly done: boolean
}

export interface SaslDigestClient {
  /** The first token, which is empty: the server speaks first. */
  start(): Bytes
  /**
   * Answers a token of the server.
   *
   * @throws DigestMd5Error if the server's token cannot be read, or the server does not know the password
   */
  step(challenge: Bytes): SaslStep
}

const md5 = (input: Uint8Array): Bytes => createHash('md5').update(input).digest()

export function createSaslDigestClient(credentials: SaslCredentials): SaslDigestClient {
  const { username, password, service = 'zookeeper', serverName = 'zk-sasl-md5' } = credentials
  /** What the server must answer to our response; null before that was made. */
  let expectedAnswer: string | null = null
  let isDone = false

  function respond(token: Bytes): SaslStep {
    const { realms, nonce } = parseChallenge(token)
    const response = {
      username,
      realm: realms[0] ?? '',
      nonce,
      cnonce: randomBytes(30).toString('base64'),
      digestUri: `${service}/${serverName}`,
      authorizationId: username,
      isUtf8: true,
    }
    expectedAnswer = proofOf(response, { password, side: 'server', md5 })
    const proof = proofOf(response, { password, side: 'client', md5 })
    return { token: formatResponse({ ...response, response: proof }), done: false }
  }

  function finish(token: Bytes, expected: string): SaslStep {
    const answer = Buffer.from(parseResponseAuth(token))
    const wanted = Buffer.from(expected)
    if (answer.length !== wanted.length || !timingSafeEqual(answer, wanted)) {
      throw new DigestMd5Error('the server could not prove that it knows the password')
    }
    isDone = true
    return { token: null, done: true }
  }

  return {
    start: () => NO_BYTES,
    step(challenge) {
      if (isDone) throw new DigestMd5Error('the server goes on after the exchange is complete')
      return expectedAnswer === null ? respond(challenge) : finish(challenge, expectedAnswer)
    },
  }
}
