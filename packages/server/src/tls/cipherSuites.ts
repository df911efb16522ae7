/** The names of cipher suites: Java has IANA's (TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256), Node.js OpenSSL's. */
import { getCiphers } from 'node:tls'

/**
 * @returns OpenSSL's name of a suite given by either name; names of TLS 1.3 are the same in both. `undefined` if this
 *   Node.js has no such suite.
 */
export function opensslCipherName(name: string): string | undefined {
  const candidate = name.startsWith('TLS_') && name.includes('_WITH_') ? translated(name) : name
  return getCiphers().includes(candidate.toLowerCase()) ? candidate : undefined
}

/** TLS_<key exchange>_WITH_<cipher>[_<hash>]; OpenSSL leaves out a key exchange of plain RSA, CBC, and what follows from the cipher. */
function translated(name: string): string {
  const [keyExchange = '', cipher = ''] = name.slice('TLS_'.length).split('_WITH_')
  const exchange = keyExchange === 'RSA' ? [] : keyExchange.split('_')
  const rest = cipher
    .replace(/^(AES|CAMELLIA)_(128|256)/, '$1$2')
    .replace('_CBC', '')
    .replace('CCM_8', 'CCM8')
    .replace('CHACHA20_POLY1305_SHA256', 'CHACHA20_POLY1305')
  return [...exchange, ...rest.split('_')].join('-')
}
