/** What clients read as the server does: JAAS files, key stores and trust stores. */
export { JaasError, parseJaas } from './authentication/jaasFile.ts'
export { TlsConfigurationError } from './tls/keyStore.ts'
export { readKeyStore, readTrustStore } from './tls/tlsContext.ts'
