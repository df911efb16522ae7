/** Which requests a connection may make before it has said who it is (org.apache.zookeeper.server.AuthenticationHelper). */
import type { Id } from '@meerkat/protocol'
import { ErrorCode, OpCode } from '@meerkat/protocol'

export interface EnforcementRules {
  /** One of these must be among the schemes of a connection's ids; nothing is enforced if there are none. */
  readonly schemes: ReadonlySet<string>
  /** `allowSaslFailedClients` */
  readonly allowSaslFailedClients: boolean
}

export interface Attempt {
  readonly rules: EnforcementRules
  readonly identities: readonly Id[]
  readonly opcode: number
}

/**
 * Whether a request may go on. If not, the client gets SESSIONCLOSEDREQUIRESASLAUTH and the connection is closed, whatever
 * the request was, a ping included.
 */
export function mayProceed({ rules: { schemes }, identities, opcode }: Attempt): boolean {
  if (schemes.size === 0 || opcode === OpCode.auth || opcode === OpCode.sasl) return true
  return identities.some(({ scheme }) => scheme !== null && schemes.has(scheme))
}

/** What a client gets whose SASL exchange failed; in each case its token is null. */
export function afterSaslFailure({ schemes, allowSaslFailedClients }: EnforcementRules): {
  readonly errorCode: ErrorCode
  readonly close: boolean
} {
  if (schemes.has('sasl')) return { errorCode: ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH, close: true }
  if (allowSaslFailedClients) return { errorCode: ErrorCode.OK, close: false }
  return { errorCode: ErrorCode.AUTHFAILED, close: true }
}
