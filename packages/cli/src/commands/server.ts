/** `meerkat server FILE`: one server in the foreground, from a standard zoo.cfg. */
import { ConfigurationError, describe, loadConfiguration, openLog } from '@meerkat/server'
import { readFileSync } from 'node:fs'
import { serveUntilStopped } from './serving.ts'

/** Returns the exit code. */
export async function runServer(file: string): Promise<number> {
  const loaded = load(file)
  if (typeof loaded === 'number') return loaded
  const { configuration, notices } = loaded
  const logging = openLog(configuration.logging)
  const log = logging.logger('configuration')
  for (const notice of notices) log[notice.level === 'warning' ? 'warn' : 'info'](describe(notice))
  return serveUntilStopped({
    configuration,
    logging,
    onServing: ({ plain, secure }) =>
      logging
        .logger('server')
        .info('serving', { plain: plain?.port, secure: secure?.port, dataDir: configuration.dataDir }),
  })
}

function load(file: string): ReturnType<typeof loadConfiguration> | number {
  try {
    const readFile = (path: string): string => readFileSync(path, 'utf8')
    return loadConfiguration({ file, text: readFile(file), environment: process.env, readFile })
  } catch (error) {
    const text =
      error instanceof ConfigurationError ? error.message : `cannot read ${file}: ${(error as Error).message}`
    process.stderr.write(`meerkat: ${text}\n`)
    // Apache's code for a configuration that is not valid.
    return 2
  }
}
