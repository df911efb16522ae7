import { setTimeout as sleep } from 'node:timers/promises'
import { memoryOf } from '../memory.ts'
import { freshDirectory, startServer } from '../servers.ts'
import { median, megabytes, type Case } from './case.ts'

const STARTS = 5

/**
 * The time from spawning the process to the first reply, with nothing to recover but the empty tree of a first start,
 * and the memory of the last of these servers once it has done nothing for as long as one load runs.
 */
export const start: Case = async (name, asked, options) => {
  const directory = await freshDirectory(name)
  await (await startServer(name, directory, options)).stop()
  const startsMs: number[] = []
  const starts = asked.has('start') ? STARTS : 1
  for (let remaining = starts; ; remaining -= 1) {
    const server = await startServer(name, directory, options)
    try {
      startsMs.push(server.startMs)
      if (remaining > 1) continue
      await sleep(options.seconds * 1000)
      return { start: median(startsMs), 'memory-idle': megabytes((await memoryOf(server.pid)).now) }
    } finally {
      await server.stop()
    }
  }
}
