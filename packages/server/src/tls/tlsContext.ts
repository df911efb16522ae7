/**
 * From the `ssl.*` keys of a configuration to what Node's TLS server needs.
 *
 *   1. Read the key store; order each key's chain.
 *   2. Read the trust store.
 *   3. Translate protocols and cipher suites.
 *   4. Let OpenSSL accept it all, so that a mistake shows now and not at the first connection.
 */
import { constants, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { SecureContextOptions, SecureVersion, TlsOptions } from 'node:tls'
import { orderedChain } from './chain.ts'
import { opensslCipherName } from './cipherSuites.ts'
import type { StoreSettings } from './keyStore.ts'
import { messageOf, readStore, storeFiles, TlsConfigurationError } from './keyStore.ts'

export type ClientAuth = 'none' | 'want' | 'need'

export interface TlsSettings {
  /** What the keys of the configuration begin with, `ssl` or `ssl.quorum`: for messages. */
  readonly prefix: string
  readonly keyStore: StoreSettings | null
  readonly trustStore: StoreSettings | null
  /** `protocol`: the one version that counts if `enabledProtocols` is empty; null for TLS 1.2 and 1.3. */
  readonly protocol: string | null
  readonly enabledProtocols: readonly string[]
  /** By IANA's or OpenSSL's names; empty for those of Node.js. */
  readonly cipherSuites: readonly string[]
  readonly clientAuth: ClientAuth
  readonly crl: boolean
  readonly ocsp: boolean
  readonly hostnameVerification: boolean
  readonly clientHostnameVerification: boolean
  readonly allowReverseDnsLookup: boolean
}

export interface ClientRules {
  readonly clientAuth: ClientAuth
  /** Whether a client's certificate must name the client's address, or its host. */
  readonly verifyHostname: boolean
  readonly allowReverseDnsLookup: boolean
}

export interface TlsContext {
  /** For `server.setSecureContext` on renewal, or `tls.createSecureContext`. */
  readonly secureContextOptions: SecureContextOptions
  /** For `tls.createServer` or `new TLSSocket`: the above with requestCert and rejectUnauthorized. */
  readonly serverOptions: TlsOptions
  /** For `admitTlsClient` after each handshake. */
  readonly clientRules: ClientRules
}

/** @throws TlsConfigurationError that names the key of the configuration, and the file where one is the cause */
export async function createTlsContext(settings: TlsSettings): Promise<TlsContext> {
  refuseRevocationChecks(settings)
  const secureContextOptions: SecureContextOptions = {
    ...(await readIdentities(settings)),
    ...(await readTrusted(settings)),
    ...protocolOptions(settings),
    ...cipherOptions(settings),
    honorCipherOrder: true,
  }
  checkContext(secureContextOptions, settings)
  const { clientAuth, hostnameVerification, clientHostnameVerification, allowReverseDnsLookup } = settings
  return {
    secureContextOptions,
    serverOptions: {
      ...secureContextOptions,
      requestCert: clientAuth !== 'none',
      rejectUnauthorized: clientAuth === 'need',
    },
    clientRules: {
      clientAuth,
      verifyHostname: hostnameVerification && clientHostnameVerification,
      allowReverseDnsLookup,
    },
  }
}

/** The files whose renewal matters. */
export function tlsFiles({ prefix, keyStore, trustStore }: TlsSettings): string[] {
  return [
    ...(keyStore === null ? [] : storeFiles(keyStore, `${prefix}.keyStore`)),
    ...(trustStore === null ? [] : storeFiles(trustStore, `${prefix}.trustStore`)),
  ]
}

/** Silently leaving out a check that somebody asked for would be worse than not to start. */
function refuseRevocationChecks({ prefix, crl, ocsp }: TlsSettings): void {
  const key = crl ? 'crl' : ocsp ? 'ocsp' : null
  if (key === null) return
  throw new TlsConfigurationError(
    `${prefix}.${key} is true, but this server cannot ask whether certificates were revoked; ` +
      `set it to false, and replace the authority or let certificates live shortly instead`,
  )
}

async function readIdentities({ prefix, keyStore }: TlsSettings): Promise<SecureContextOptions> {
  const name = `${prefix}.keyStore`
  if (keyStore === null)
    throw new TlsConfigurationError(`${name}.location is not set; TLS needs a key and a certificate`)
  return readKeyStore(keyStore, name)
}

/**
 * The keys of a store, each with its chain of certificates, in PEM.
 *
 * @throws TlsConfigurationError that names the key of the configuration, `name` and what follows, and the file
 */
export async function readKeyStore(keyStore: StoreSettings, name: string): Promise<{ key: string[]; cert: string[] }> {
  const { identities } = await readStore(keyStore, name)
  const fault = (text: string): TlsConfigurationError =>
    new TlsConfigurationError(`${name}.location ${keyStore.location}: ${text}`)
  if (identities.length === 0) throw fault('there is no private key')
  const key: string[] = []
  const cert: string[] = []
  const keyTypes = new Set<string | undefined>()
  for (const identity of identities) {
    // TLS picks among one key of each type; of several, the first in the store counts.
    if (keyTypes.has(identity.key.asymmetricKeyType)) continue
    keyTypes.add(identity.key.asymmetricKeyType)
    const chain = orderedChain(identity)
    if (chain === null) throw fault('there is no certificate that belongs to the private key')
    key.push(identity.key.export({ format: 'pem', type: 'pkcs8' }).toString())
    cert.push(chain.join(''))
  }
  return { key, cert }
}

async function readTrusted({ prefix, trustStore, clientAuth }: TlsSettings): Promise<SecureContextOptions> {
  const name = `${prefix}.trustStore`
  if (trustStore === null) {
    if (clientAuth !== 'need') return { ca: [] }
    throw new TlsConfigurationError(
      `${prefix}.clientAuth is need, but ${name}.location is not set, so no client could connect; ` +
        `name a trust store, or set ${prefix}.clientAuth to none`,
    )
  }
  return readTrustStore(trustStore, name)
}

/**
 * The certificates that a store trusts, in PEM.
 *
 * @throws TlsConfigurationError that names the key of the configuration, `name` and what follows, and the file
 */
export async function readTrustStore(trustStore: StoreSettings, name: string): Promise<{ ca: string[] }> {
  const { trusted } = await readStore(trustStore, name)
  if (trusted.length === 0) {
    throw new TlsConfigurationError(`${name}.location ${trustStore.location}: there is no trusted certificate`)
  }
  return { ca: trusted.map((der) => new X509Certificate(der).toString()) }
}

/** From the oldest to the newest, with the option that forbids it. */
const VERSIONS: readonly { readonly version: SecureVersion; readonly forbid: number }[] = [
  { version: 'TLSv1', forbid: constants.SSL_OP_NO_TLSv1 },
  { version: 'TLSv1.1', forbid: constants.SSL_OP_NO_TLSv1_1 },
  { version: 'TLSv1.2', forbid: constants.SSL_OP_NO_TLSv1_2 },
  { version: 'TLSv1.3', forbid: constants.SSL_OP_NO_TLSv1_3 },
]

function protocolOptions({ prefix, protocol, enabledProtocols }: TlsSettings): SecureContextOptions {
  const key = enabledProtocols.length > 0 ? 'enabledProtocols' : 'protocol'
  const single = protocol === null ? ['TLSv1.2', 'TLSv1.3'] : [protocol]
  const wanted = new Set<string>(enabledProtocols.length > 0 ? enabledProtocols : single)
  for (const name of wanted) {
    if (VERSIONS.some(({ version }) => version === name)) continue
    const known = VERSIONS.map(({ version }) => version).join(', ')
    throw new TlsConfigurationError(`${prefix}.${key}: ${JSON.stringify(name)} is none of ${known}`)
  }
  const enabled = VERSIONS.filter(({ version }) => wanted.has(version))
  const forbidden = VERSIONS.filter(({ version }) => !wanted.has(version))
  const [oldest, newest] = [enabled[0], enabled.at(-1)]
  return {
    ...(oldest === undefined ? {} : { minVersion: oldest.version }),
    ...(newest === undefined ? {} : { maxVersion: newest.version }),
    secureOptions: forbidden.reduce((options, { forbid }) => options | forbid, 0),
  }
}

function cipherOptions({ prefix, cipherSuites }: TlsSettings): SecureContextOptions {
  if (cipherSuites.length === 0) return {}
  const names = cipherSuites.map((suite) => {
    const name = opensslCipherName(suite)
    if (name !== undefined) return name
    throw new TlsConfigurationError(`${prefix}.ciphersuites: this Node.js has no cipher suite ${JSON.stringify(suite)}`)
  })
  return { ciphers: names.join(':') }
}

function checkContext(options: SecureContextOptions, { prefix }: TlsSettings): void {
  try {
    createSecureContext(options)
  } catch (cause) {
    throw new TlsConfigurationError(`${prefix}.*: OpenSSL refuses these settings: ${messageOf(cause)}`, { cause })
  }
}
