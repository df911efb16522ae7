/** Who a connection is: the `auth` and `sasl` packets, and what may be asked before them. */
import type { Authenticator as EngineAuthenticator, Connection, SaslStep } from '@meerkat/engine'
import { asBytes } from '@meerkat/protocol'
import { createAuthenticator, type AuthenticationRules } from './authenticator.ts'
import type { ConnectionFacts } from './connection.ts'
import { afterSaslFailure, mayProceed, type EnforcementRules } from './enforcement.ts'
import { createSaslServer, saslIdentities, type SaslServer } from './saslServer.ts'
import type { SaslUsers } from './saslUsers.ts'

export interface GateOptions {
  readonly rules: AuthenticationRules
  readonly enforcement: EnforcementRules
  /** Undefined where SASL is not configured. */
  readonly users: SaslUsers | undefined
  readonly superPassword: string | null
  readonly saslSuperUsers: ReadonlySet<string>
  readonly factsOf: (connection: Connection) => ConnectionFacts
  /** One line for each failure. */
  readonly onFailure: (connection: Connection, reason: string) => void
}

export function createGate(options: GateOptions): EngineAuthenticator {
  const authenticator = createAuthenticator(options.rules)
  const exchanges = new WeakMap<Connection, SaslServer>()
  const { enforcement, users, onFailure } = options
  const isOpen = enforcement.schemes.size === 0

  function saslFailure(connection: Connection, reason: string): SaslStep {
    onFailure(connection, reason)
    const { errorCode, close } = afterSaslFailure(enforcement)
    return { kind: 'failed', err: errorCode, close }
  }

  return {
    mayProceed: (connection, opcode) =>
      isOpen || mayProceed({ rules: enforcement, identities: connection.identities, opcode }),
    authenticate(connection, scheme, auth) {
      const result = authenticator.authenticate(scheme, auth, options.factsOf(connection))
      if ('identities' in result) return result.identities
      onFailure(connection, result.failure)
      return result.close === 'atOnce' ? 'refused' : 'failed'
    },
    sasl(connection, token) {
      // As Apache: where SASL is not configured the client hears so by an empty answer.
      if (users === undefined) return { kind: 'continue', token: null }
      let exchange = exchanges.get(connection)
      if (exchange === undefined) {
        exchange = createSaslServer({ users, superPassword: options.superPassword })
        exchanges.set(connection, exchange)
      }
      const result = exchange.step(token === null ? null : asBytes(token))
      if ('failure' in result) return saslFailure(connection, result.failure)
      if (!result.done) return { kind: 'continue', token: result.token }
      const identities = saslIdentities(result.authorizationId, options.saslSuperUsers)
      return { kind: 'done', token: result.token, identities }
    },
  }
}
