/** The `auth` packet (opcode 100): a client says who it is. */
import { createHash, getHashes } from 'node:crypto'
import type { Id } from '@meerkat/protocol'
import type { ConnectionFacts } from './connection.ts'
import { addressIdentity, certificateIdentities } from './connection.ts'

export interface AuthenticationRules {
  /** The schemes that have a provider on this server (AuthorizationRules.schemes); another one fails. */
  readonly schemes: ReadonlySet<string>
  /** `DigestAuthenticationProvider.digestAlg`, by Java's name: SHA1 (the default), SHA-256, SHA3-512, … */
  readonly digestAlgorithm: string
  /** `DigestAuthenticationProvider.superDigest`: `super:<base64>`. */
  readonly superDigest: string | null
  readonly x509SuperUser: string | null
  /** `ensembleAuthName`, split at its commas; null lets every name pass. */
  readonly ensembleNames: ReadonlySet<string> | null
}

/**
 * The ids to add to the connection (none for `ensemble`, which only asks whether the client means this ensemble), or a
 * failure. `close`: what the client gets, which is AuthFailed (-115) and a closed connection, or a closed connection
 * without a reply, upon which a client tries the next server.
 */
export type AuthenticationResult =
  { readonly identities: readonly Id[] } | { readonly failure: string; readonly close: 'afterAuthFailed' | 'atOnce' }

export interface Authenticator {
  /** `auth` is null if the packet has none. */
  authenticate(scheme: string, auth: Uint8Array | null, facts: ConnectionFacts): AuthenticationResult
}

type Provider = (auth: Uint8Array | null, facts: ConnectionFacts) => AuthenticationResult

/** @throws Error if this Node.js has no such digest algorithm */
export function createAuthenticator(rules: AuthenticationRules): Authenticator {
  const digest = createDigest(rules.digestAlgorithm)
  const providers: Readonly<Record<string, Provider>> = {
    digest: (auth) => (auth === null ? failed('no user and password') : digestIdentities(auth, digest, rules)),
    ip: (_auth, facts) => ({ identities: [addressIdentity(facts)] }),
    x509: (_auth, facts) => {
      const identities = certificateIdentities(facts, rules.x509SuperUser)
      return identities.length > 0 ? { identities } : failed('the connection has no client certificate')
    },
    sasl: () => failed('SASL has a request of its own'),
    ensemble: (auth) => checkEnsemble(auth, rules.ensembleNames),
  }
  return {
    authenticate(scheme, auth, facts) {
      const provider = rules.schemes.has(scheme) && Object.hasOwn(providers, scheme) ? providers[scheme] : undefined
      return provider?.(auth, facts) ?? failed(`no authentication provider for scheme ${scheme}`)
    },
  }
}

function failed(failure: string): AuthenticationResult {
  return { failure, close: 'afterAuthFailed' }
}

/** `user:password` in clear proves `user:base64(hash(user:password))`; any text at all is accepted. */
function digestIdentities(auth: Uint8Array, digest: Digest, rules: AuthenticationRules): AuthenticationResult {
  const text = Buffer.from(auth).toString('utf8')
  const id = `${text.split(':', 1)[0] ?? ''}:${digest(text)}`
  const identity = { scheme: 'digest', id }
  return { identities: id === rules.superDigest ? [{ scheme: 'super', id: '' }, identity] : [identity] }
}

function checkEnsemble(auth: Uint8Array | null, names: ReadonlySet<string> | null): AuthenticationResult {
  const name = Buffer.from(auth ?? []).toString('utf8')
  if (name === '' || names === null || names.has(name)) return { identities: [] }
  return { failure: `the client looks for ensemble ${JSON.stringify(name)}, and this is another`, close: 'atOnce' }
}

/** Text to base64 of its hash. */
type Digest = (text: string) => string

function createDigest(javaName: string): Digest {
  const algorithm = opensslName(javaName)
  if (!getHashes().includes(algorithm)) {
    throw new Error(
      `DigestAuthenticationProvider.digestAlg is ${JSON.stringify(javaName)}, which is no known digest algorithm; ` +
        'take one of SHA1, SHA-256, SHA-384, SHA-512, SHA3-256, SHA3-512',
    )
  }
  return (text) => createHash(algorithm).update(text, 'utf8').digest('base64')
}

/** SHA, SHA1 and SHA-1 are sha1; SHA-256 is sha256; SHA-512/256 is sha512-256; SHA3-256 is sha3-256. */
function opensslName(javaName: string): string {
  const name = javaName.toLowerCase()
  if (name === 'sha') return 'sha1'
  return name.replace(/^sha-/, 'sha').replace('/', '-')
}
