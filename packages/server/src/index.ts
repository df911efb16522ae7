export type { JaasModule } from './authentication/jaasFile.ts'
export { startServer, type RunningServer, type ServerOptions } from './server.ts'
export { Core, type CoreEvents, type CoreOptions, type World } from './core.ts'
export type { Client, ClientLink } from './client.ts'
export { engineRules } from './engineRules.ts'
export type { ServerConfiguration } from './configuration/configuration.ts'
export { loadConfiguration, standaloneConfiguration } from './configuration/load.ts'
export { ConfigurationError, describe } from './configuration/problems.ts'
export { Logging, type LoggingOptions } from './logging/logging.ts'
export type { Logger } from './logging/logger.ts'
export { openLog } from './logging/openLog.ts'
export type { StoreSettings, StoreType } from './tls/keyStore.ts'

/** Loads what reads JAAS files and stores: a server that needs neither does not pay for the memory. */
export const credentials = () => import('./credentials.ts')
