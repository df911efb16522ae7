/** The configuration of the TLS of clients in the form that TLS wants. */
import type { ServerConfiguration } from '../configuration/configuration.ts'
import type { StoreSettings } from './keyStore.ts'
import type { TlsSettings } from './tlsContext.ts'

export function clientTlsSettings({ tls }: ServerConfiguration): TlsSettings {
  return {
    prefix: 'ssl',
    keyStore: storeOf(tls.keyStore),
    trustStore: storeOf(tls.trustStore),
    protocol: null,
    enabledProtocols: tls.enabledProtocols,
    cipherSuites: tls.cipherSuites,
    clientAuth: tls.clientAuth ?? 'need',
    crl: tls.crl,
    ocsp: tls.ocsp,
    hostnameVerification: tls.hostnameVerification,
    clientHostnameVerification: tls.clientHostnameVerification,
    allowReverseDnsLookup: tls.allowReverseDnsLookup,
  }
}

/** Null where no file is named. */
export function storeOf({
  location,
  password,
  passwordPath,
  type,
}: ServerConfiguration['tls']['keyStore']): StoreSettings | null {
  if (location === undefined) return null
  return { location, password: password ?? '', passwordPath: passwordPath ?? null, type: type ?? null }
}
