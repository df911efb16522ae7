import type { Values } from './keys.ts'
import type { Setting } from './settings.ts'

/** Apache's classes of authentication providers and their schemes. */
const schemesByClass: ReadonlyMap<string, string> = new Map([
  ['org.apache.zookeeper.server.auth.X509AuthenticationProvider', 'x509'],
  ['org.apache.zookeeper.server.auth.SASLAuthenticationProvider', 'sasl'],
  ['org.apache.zookeeper.server.auth.DigestAuthenticationProvider', 'digest'],
  ['org.apache.zookeeper.server.auth.IPAuthenticationProvider', 'ip'],
  ['org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider', 'ensemble'],
])

export function schemeOfClass(className: string): string | undefined {
  return schemesByClass.get(className)
}

/**
 * The schemes that clients may authenticate with: `ip` always, `digest` unless it is switched off, those whose provider
 * an `authProvider.N` key names, `x509` where there is a secure client port, `sasl` where there is Meerkat's users file.
 */
export function availableSchemes(values: Values, providers: readonly Setting[]): readonly string[] {
  const schemes = new Set(['ip'])
  if (values['DigestAuthenticationProvider.enabled']) schemes.add('digest')
  for (const { value } of providers) {
    const scheme = schemeOfClass(value)
    if (scheme !== undefined) schemes.add(scheme)
  }
  if (values.secureClientPort !== undefined && values['ssl.authProvider'] === 'x509') schemes.add('x509')
  if (values['meerkat.users.file'] !== undefined) schemes.add('sasl')
  return [...schemes]
}

/**
 * The schemes of which a client must have passed one before anything else; none where nothing is asked of it.
 * `sessionRequireClientSASLAuth` goes before `enforce.auth.*`, as in Apache's AuthenticationHelper.
 */
export function enforcedSchemes(values: Values): readonly string[] {
  if (values.sessionRequireClientSASLAuth) return ['sasl']
  return values['enforce.auth.enabled'] ? values['enforce.auth.schemes'] : []
}
