import { freshDirectory, startServer } from '../servers.ts'
import { numbersIn, runTool } from '../tools.ts'
import { median, type Case } from './case.ts'

const WARM_CHANGES = 5
const CHANGES = 10

/** The time from sending a set to the arrival of the last notification, each watcher on a connection of its own. */
export const watchers: Case = async (name, _asked, options) => {
  const server = await startServer(name, await freshDirectory(name), options)
  try {
    const told = await runTool('zkprobe', ['watchers', server.port, options.watchers, WARM_CHANGES, CHANGES])
    return { watchers: median(numbersIn(told, 'ms')) }
  } finally {
    await server.stop()
  }
}
