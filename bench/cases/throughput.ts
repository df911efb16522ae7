import { freshDirectory, startServer } from '../servers.ts'
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
 * Operations a second. One server process serves every load of the round; before the first it is warmed with gets and
 * sets, and each load runs a while more before it counts.
 */
export const throughput: Case = async (name, asked, options) => {
  const server = await startServer(name, await freshDirectory(name), { profile: options.profile })
  const zkload = async (load: Load, seconds: number): Promise<number> => {
    const { op, depth } = load
    const args = ['--hosts', `127.0.0.1:${String(server.port)}`, '--clients', 8, '--size', 128, '--op', op]
    const warm = options.seconds / 2
    return numberIn(
      await runTool('zkload', [...args, '--depth', depth, '--warm', warm, '--seconds', seconds]),
      'ops_per_s',
    )
  }
  const values: Record<string, number> = {}
  try {
    const loads = Object.entries(LOADS).filter(([row]) => asked.has(row))
    const warming: Load[] = loads.every(([, load]) => load.op === 'get')
      ? [{ op: 'get', depth: 64 }]
      : [
          { op: 'get', depth: 64 },
          { op: 'set', depth: 64 },
        ]
    for (const load of warming) await zkload(load, options.seconds)
    for (const [row, load] of loads) values[row] = await zkload(load, options.seconds)
  } finally {
    await server.stop()
  }
  return values
}
