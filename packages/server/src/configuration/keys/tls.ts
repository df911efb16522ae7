import { boolean, choice, ensemble, int, java, list, path, secret, string } from './key.ts'
import type { Key } from './key.ts'

const storeTypes = ['JKS', 'PEM', 'PKCS12', 'BCFKS'] as const
const storeTypeDefault = { defaultText: 'by the end of the file name' }

/** The keys of one TLS endpoint: `whose` begins the sentences of the reference page. */
const endpointKeys = {
  protocol: (whose: string) =>
    string(`TLS version of ${whose} when \`enabledProtocols\` is not set.`, { default: 'TLSv1.3' }),
  enabledProtocols: (whose: string) => list(`TLS versions that ${whose} accepts.`, { defaultText: '`protocol`' }),
  ciphersuites: (whose: string) =>
    list(`Cipher suites that ${whose} accepts, by their IANA or OpenSSL names.`, { defaultText: 'those of Node.js' }),
  'keyStore.location': (whose: string) => path(`File with key and certificate of ${whose}.`),
  'keyStore.password': (whose: string) => secret(`Password of the key store of ${whose}.`),
  'keyStore.passwordPath': (whose: string) =>
    path(`File with the password of the key store of ${whose}; it goes before the password itself.`),
  'keyStore.type': (whose: string) => choice(`Format of the key store of ${whose}.`, storeTypes, storeTypeDefault),
  'trustStore.location': (whose: string) =>
    path(`File with the authorities that sign the certificates ${whose} trusts.`),
  'trustStore.password': (whose: string) => secret(`Password of the trust store of ${whose}.`),
  'trustStore.passwordPath': (whose: string) =>
    path(`File with the password of the trust store of ${whose}; it goes before the password itself.`),
  'trustStore.type': (whose: string) => choice(`Format of the trust store of ${whose}.`, storeTypes, storeTypeDefault),
  'context.supplier.class': (whose: string) =>
    java('string', 'none', `Java class that makes the TLS context of ${whose}.`, 'Java classes cannot be loaded here'),
  hostnameVerification: (whose: string) =>
    boolean(`Whether ${whose} compares the peer's host name with its certificate.`, { default: true }),
  clientHostnameVerification: (whose: string) =>
    boolean(`Whether ${whose} compares a connecting client's host name with its certificate.`, { default: false }),
  allowReverseDnsLookup: (whose: string) =>
    boolean(`Whether ${whose} may look up a peer's name by its address for that comparison.`, { default: false }),
  crl: (whose: string) => boolean(`Whether ${whose} checks revocation lists.`, { default: false }),
  ocsp: (whose: string) => boolean(`Whether ${whose} asks OCSP responders.`, { default: false }),
  clientAuth: (whose: string) =>
    choice(`Whether ${whose} asks for a client certificate, and whether it insists.`, ['none', 'want', 'need'], {
      default: 'need',
    }),
  handshakeDetectionTimeoutMillis: (whose: string) =>
    int(`Time to wait for the first bytes that tell TLS from clear text at ${whose}.`, {
      default: 5000,
      min: 1,
      unit: 'ms',
    }),
} as const satisfies Record<string, (whose: string) => Key<unknown>>

type EndpointKeys = typeof endpointKeys
export type TlsKeys<P extends string> = {
  readonly [K in keyof EndpointKeys as `${P}.${K}`]: ReturnType<EndpointKeys[K]>
}

/** The keys of the TLS endpoint that the prefix names. */
export function tlsKeys<const P extends string>(prefix: P, whose: string): TlsKeys<P> {
  const named = Object.entries(endpointKeys).map(([name, make]) => [`${prefix}.${name}`, make(whose)])
  return Object.fromEntries(named) as TlsKeys<P>
}

/** The same for the ports between servers: without an ensemble only the stores matter, since the admin server uses them. */
export function quorumTlsKeys<const P extends string>(prefix: P, whose: string): TlsKeys<P> {
  const keys: Readonly<Record<string, Key<unknown>>> = tlsKeys(prefix, whose)
  const named = Object.entries(keys).map(([name, key]) => [
    name,
    key.status === 'java' || /Store\./.test(name) ? key : ensemble(key),
  ])
  return Object.fromEntries(named) as TlsKeys<P>
}
