/** The schemes of ids in ACLs: one table of what makes an id valid and when a connection's id matches an entry's. */
import { isDistinguishedName } from './distinguishedName.ts'
import { isKerberosName } from './kerberosName.ts'
import type { AuthorizationRules } from './rules.ts'
import { SUPER_SCHEME } from './rules.ts'
import { isInRange, parseAddressRange } from './internetAddress.ts'

export interface Scheme {
  readonly scheme: string
  /** Whether an id of this scheme proves who somebody is, so that an ACL's `auth` stands for it. */
  readonly isAuthenticated: boolean
  /** Whether the id may stand in an ACL that is being set. */
  isValid(id: string): boolean
  /** Whether a connection's id satisfies an ACL entry's; both are of this scheme. */
  matches(identityId: string, aclId: string, rules: AuthorizationRules): boolean
}

const never = (): boolean => false

/**
 * org.apache.zookeeper.server.auth: IPAuthenticationProvider, DigestAuthenticationProvider, X509AuthenticationProvider,
 * SASLAuthenticationProvider (with KerberosName), EnsembleAuthenticationProvider. `world`, `auth` and `super` have no
 * provider there: world:anyone and auth are seen to by the check and the fix-up themselves.
 */
const TABLE: readonly Scheme[] = [
  { scheme: 'world', isAuthenticated: false, isValid: (id) => id === 'anyone', matches: never },
  { scheme: 'auth', isAuthenticated: false, isValid: never, matches: never },
  { scheme: SUPER_SCHEME, isAuthenticated: false, isValid: never, matches: never },
  { scheme: 'ensemble', isAuthenticated: false, isValid: never, matches: never },
  {
    scheme: 'ip',
    isAuthenticated: false,
    isValid: (id) => parseAddressRange(id) !== null,
    matches: (address, aclId) => {
      const range = parseAddressRange(aclId)
      return range !== null && isInRange(address, range)
    },
  },
  {
    scheme: 'digest',
    isAuthenticated: true,
    isValid: hasTwoParts,
    matches: (identityId, aclId) => identityId === aclId,
  },
  {
    scheme: 'x509',
    isAuthenticated: true,
    isValid: isDistinguishedName,
    matches: (subject, aclId, rules) => subject === aclId || subject === rules.x509SuperUser,
  },
  {
    scheme: 'sasl',
    isAuthenticated: true,
    isValid: isKerberosName,
    matches: (user, aclId, rules) => user === 'super' || user === aclId || aclId === rules.letAnySaslUserDoX,
  },
]

const SCHEMES: ReadonlyMap<string, Scheme> = new Map(TABLE.map((scheme) => [scheme.scheme, scheme]))

/** The scheme, if this server has a provider of it. */
export function providerOf(scheme: string, rules: AuthorizationRules): Scheme | undefined {
  return rules.schemes.has(scheme) ? SCHEMES.get(scheme) : undefined
}

/** `user:digest`. Java's split drops empty parts at the end, so `user:digest:` has two parts and `user:` has one. */
function hasTwoParts(id: string): boolean {
  let end = id.length
  while (id[end - 1] === ':') end--
  const colon = id.indexOf(':')
  return colon >= 0 && colon < end && id.lastIndexOf(':', end - 1) === colon
}
