/**
 * The server's half of SASL DIGEST-MD5 on one connection (ZooKeeperSaslServer with SaslServerCallbackHandler and the JDK's
 * mechanism).
 *
 * Apache's server offers DIGEST-MD5 whatever `fips-mode` says; only its client refuses, unless fips-mode is false.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { isKerberosName } from '@meerkat/engine'
import type { Bytes, Id } from '@meerkat/protocol'
import { digestMd5, NO_BYTES } from '@meerkat/protocol'

export interface SaslServerOptions {
  readonly users: { passwordOf(username: string): string | undefined }
  /** `SASLAuthenticationProvider.superPassword`: takes the place of the password that the file has for user `super`. */
  readonly superPassword: string | null
}

/** `token` goes to the client. Once `done`, the client is `authorizationId`. After a failure the exchange is over. */
export type SaslResult =
  | { readonly token: Bytes; readonly done: false }
  | { readonly token: Bytes; readonly done: true; readonly authorizationId: string }
  | { readonly failure: string }

export interface SaslServer {
  /** Takes the token of a sasl request; the first one must be empty. */
  step(token: Bytes | null): SaslResult
}

const REALM = 'zk-sasl-md5'
const DIGEST_URI = `zookeeper/${REALM}`

const md5 = (input: Uint8Array): Bytes => createHash('md5').update(input).digest()

export function createSaslServer({ users, superPassword }: SaslServerOptions): SaslServer {
  const nonce = randomBytes(30).toString('base64')
  let stage: 'start' | 'challenged' | 'over' = 'start'

  function challenge(token: Bytes): SaslResult {
    if (token.length > 0) return { failure: 'the first token is not empty' }
    stage = 'challenged'
    return { token: digestMd5.formatChallenge({ realm: REALM, nonce }), done: false }
  }

  /** A user whom the file does not have cannot log in, not even `super` with a superPassword. */
  function passwordOf(username: string): string | undefined {
    const password = users.passwordOf(username)
    return password !== undefined && username === 'super' ? (superPassword ?? password) : password
  }

  function verify(token: Bytes): SaslResult {
    const response = digestMd5.parseResponse(token)
    const { username, realm, digestUri } = response
    if (response.nonce !== nonce) return { failure: 'the nonce is not that of the challenge' }
    if (realm !== REALM) return { failure: `realm ${JSON.stringify(realm)} instead of ${REALM}` }
    if (digestUri.toLowerCase() !== DIGEST_URI) {
      return { failure: `digest-uri ${JSON.stringify(digestUri)} instead of ${DIGEST_URI}` }
    }
    // Apache drops the connection of such a user.
    if (!isKerberosName(username)) return { failure: `user ${JSON.stringify(username)} is no valid Kerberos name` }
    const password = passwordOf(username)
    if (password === undefined) return { failure: `there is no user ${JSON.stringify(username)}` }
    const expected = digestMd5.proofOf(response, { password, side: 'client', md5 })
    if (!timingSafeEqual(Buffer.from(expected), Buffer.from(response.response))) {
      return { failure: `wrong password for user ${JSON.stringify(username)}` }
    }
    const answer = digestMd5.proofOf(response, { password, side: 'server', md5 })
    // Whom the client wants to act as does not count: it is who it proved to be.
    return { token: digestMd5.formatResponseAuth(answer), done: true, authorizationId: username }
  }

  return {
    step(token) {
      const given = stage
      stage = 'over'
      try {
        if (given === 'start') return challenge(token ?? NO_BYTES)
        return given === 'challenged' ? verify(token ?? NO_BYTES) : { failure: 'the exchange is over already' }
      } catch (error) {
        if (error instanceof digestMd5.DigestMd5Error) return { failure: error.message }
        throw error
      }
    },
  }
}

/** The ids of a client that SASL has authenticated; `superUsers` are the values of `superUser` and `superUser.*`. */
export function saslIdentities(authorizationId: string, superUsers: ReadonlySet<string>): Id[] {
  const identity = { scheme: 'sasl', id: authorizationId }
  const isSuper = authorizationId !== '' && superUsers.has(authorizationId)
  return isSuper ? [identity, { scheme: 'super', id: '' }] : [identity]
}
