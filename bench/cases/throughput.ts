import type { Options } from '../options.ts'
import { freshDirectory, startServer, type Server } from '../servers.ts'
import { numberIn, runTool } from '../tools.ts'
import type { Case } from './case.ts'

interface Load {
  readonly op: 'get' | 'set' | 'create' | 'mixed'
  readonly depth: number
}

/** In the order they run: creates come last, because what they leave in memory would slow the others. */
const LOADS: Readonly<Record<string, Load>> = {
  get64: { op: 'get', depth: 64 },
  get1: { op: 'get', depth: 1 },
  set64: { op: 'set', depth: 64 },
  set1: { op: 'set', depth: 1 },
  mixed64: { op: 'mixed', depth: 64 },
  create64: { op: 'create', depth: 64 },
}

/**
 * Operations a second, with the percentiles of the latency beside them. One server process serves every load of the
 * round; before the first it is warmed with gets and sets, and each load runs a while more before it counts.
 */
export const throughput: Case = async (name, asked, options) => {
  const server = await startServer(name, await freshDirectory(name), options)
  const loads = Object.entries(LOADS).filter(([row]) => asked.has(row))
  const writes = loads.some(([, load]) => load.op !== 'get')
  const values: Record<string, number> = {}
  try {
    await zkload(server, { op: 'get', depth: 64 }, options)
    if (writes) await zkload(server, { op: 'set', depth: 64 }, options)
    for (const [row, load] of loads) {
      const result = await zkload(server, load, options)
      values[row] = numberIn(result, 'ops_per_s')
      for (const latency of ['p50_ms', 'p99_ms', 'p999_ms']) values[`${row}_${latency}`] = numberIn(result, latency)
    }
  } finally {
    await server.stop()
  }
  return values
}

async function zkload(server: Server, { op, depth }: Load, { seconds }: Options): Promise<unknown> {
  const address = `127.0.0.1:${String(server.port)}`
  const times = ['--warm', seconds / 2, '--seconds', seconds]
  return runTool('zkload', ['--hosts', address, '--clients', 8, '--depth', depth, '--size', 128, '--op', op, ...times])
}
