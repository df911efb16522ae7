export { startServer, type RunningServer, type ServerOptions } from './server.ts'
export { loadConfiguration, standaloneConfiguration } from './configuration/load.ts'
export { ConfigurationError, describe } from './configuration/problems.ts'
export { openLog } from './logging/openLog.ts'
