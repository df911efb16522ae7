import type { Id } from '@meerkat/protocol'

/**
 * What the configuration says about authorization.
 *
 * A connection carries a list of ids (who somebody is); a znode carries a list of ACL entries, each of which names one id
 * and what it may do.
 */
export interface AuthorizationRules {
  /** `skipACL=yes`: every operation is permitted. */
  readonly skipAcl: boolean
  /**
   * The schemes that have an authentication provider on this server, e.g. ip, digest, x509, sasl. An ACL entry of
   * another scheme cannot be set (except world and auth) and grants nothing.
   */
  readonly schemes: ReadonlySet<string>
  /** `X509AuthenticationProvider.superUser`: the subject that matches every x509 entry. */
  readonly x509SuperUser: string | null
  /** `letAnySaslUserDoX`: an entry with this sasl id is open to whoever logged in by SASL. */
  readonly letAnySaslUserDoX: string | null
}

/** The rules of a server without any such configuration. */
export const DEFAULT_AUTHORIZATION_RULES: AuthorizationRules = {
  skipAcl: false,
  schemes: new Set(['ip', 'digest']),
  x509SuperUser: null,
  letAnySaslUserDoX: null,
}

/** The super user's scheme: the server adds such an id to a connection, and no znode's ACL can name it. */
export const SUPER_SCHEME = 'super'

export function isWorldAnyone(id: Id): boolean {
  return id.scheme === 'world' && id.id === 'anyone'
}
