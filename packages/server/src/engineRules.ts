/** What the configuration says to the engine. */
import type { EngineRules } from '@meerkat/engine'
import type { ServerConfiguration } from './configuration/configuration.ts'

/** The id that a server has which stands alone. */
const STANDALONE_ID = 1

export function engineRules(configuration: ServerConfiguration): EngineRules {
  const { authentication, containers, sessions, tree } = configuration
  return {
    authorization: {
      skipAcl: authentication.skipAcl,
      schemes: new Set(authentication.schemes),
      x509SuperUser: authentication.x509.superUser ?? null,
      letAnySaslUserDoX: authentication.sasl.letAnyUserDo ?? null,
    },
    tickMs: configuration.tickTimeMs,
    minSessionTimeoutMs: sessions.minTimeoutMs,
    maxSessionTimeoutMs: sessions.maxTimeoutMs,
    serverId: STANDALONE_ID,
    extendedTypes: tree.extendedTypesEnabled,
    emulate353Ttl: tree.emulate353TtlNodes,
    digestEnabled: tree.digestEnabled,
    enforceQuota: tree.enforceQuota,
    closeSessionTxnEnabled: sessions.closeSessionTxnEnabled,
    containers,
  }
}
