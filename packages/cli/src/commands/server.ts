/** `meerkat server FILE`: one server in the foreground, from a standard zoo.cfg. */
import { loadConfiguration, openLog, startServer, ConfigurationError, describe } from '@meerkat/server'
import { readFileSync } from 'node:fs'

export async function runServer(file: string): Promise<void> {
  const { configuration, notices } = loadConfiguration({
    file,
    text: readFileSync(file, 'utf8'),
    environment: process.env,
    readFile: (path) => readFileSync(path, 'utf8'),
  })
  const logging = openLog(configuration.logging)
  const log = logging.logger('server')
  for (const notice of notices) log.warn(describe(notice))
  const server = await startServer({ configuration, logging })
  log.info('serving', { ...server.clientAddress })
  const stop = (): void => {
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}
void ConfigurationError
