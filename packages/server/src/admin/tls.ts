/** HTTPS of the admin server, from the stores for the ports between servers, as Apache's has it. */
import type { TlsOptions } from 'node:tls'
import type { ServerConfiguration } from '../configuration/configuration.ts'
import { storeOf } from '../tls/settings.ts'
import { createTlsContext } from '../tls/tlsContext.ts'

export async function adminTlsOptions(admin: ServerConfiguration['admin']): Promise<TlsOptions> {
  const { serverOptions } = await createTlsContext({
    prefix: 'ssl.quorum',
    keyStore: storeOf(admin.keyStore),
    trustStore: storeOf(admin.trustStore),
    protocol: null,
    enabledProtocols: [],
    cipherSuites: [],
    clientAuth: admin.needClientAuth ? 'need' : 'none',
    crl: false,
    ocsp: false,
    hostnameVerification: false,
    clientHostnameVerification: false,
    allowReverseDnsLookup: false,
  })
  return serverOptions
}
