/** After a handshake: whether the client may stay, and the certificate that it proved to have. */
import type { X509Certificate } from 'node:crypto'
import { lookup, reverse } from 'node:dns/promises'
import type { TLSSocket } from 'node:tls'
import type { ClientRules } from './tlsContext.ts'

/** `certificate` is DER, null for a client that has shown none. `refusal` says why the connection is to be closed. */
export type ClientAdmission = { readonly certificate: Uint8Array | null } | { readonly refusal: string }

/**
 * OpenSSL has refused a missing or untrusted certificate already where clientAuth is need. Where it is want, an untrusted
 * one is refused here: a client may come without a certificate, but not with one that is not good.
 */
export async function admitTlsClient(socket: TLSSocket, rules: ClientRules): Promise<ClientAdmission> {
  if (rules.clientAuth === 'none') return { certificate: null }
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) {
    return rules.clientAuth === 'want' ? { certificate: null } : { refusal: 'the client has shown no certificate' }
  }
  if (!socket.authorized) {
    return { refusal: `the client's certificate is not trusted: ${String(socket.authorizationError)}` }
  }
  const address = socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, '') ?? ''
  if (rules.verifyHostname && !(await namesClient(certificate, address, rules.allowReverseDnsLookup))) {
    return { refusal: `the client's certificate names neither its address ${address} nor its host` }
  }
  return { certificate: certificate.raw }
}

/** The address first, then the names that DNS has for it, each of which must lead back to the address. */
async function namesClient(certificate: X509Certificate, address: string, allowReverse: boolean): Promise<boolean> {
  if (certificate.checkIP(address) !== undefined) return true
  if (!allowReverse) return false
  for (const host of await reverse(address).catch(() => [])) {
    if (certificate.checkHost(host) === undefined) continue
    const addresses = await lookup(host, { all: true }).catch(() => [])
    if (addresses.some((found) => found.address === address)) return true
  }
  return false
}
