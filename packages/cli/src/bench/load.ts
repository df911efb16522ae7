/** A load on a ZooKeeper server: pipelined connections, and the latency of every reply. */
import { performance } from 'node:perf_hooks'
import { errorName } from '@meerkat/protocol'
import { BenchConnection } from './connection.ts'
import { LatencyHistogram } from './histogram.ts'
import { requestFor, type Workload } from './workload.ts'

export interface LoadOptions extends Workload {
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly clients: number
  /** How many requests each connection keeps outstanding. */
  readonly depth: number
  readonly seconds: number
  readonly warmSeconds: number
}

export interface LoadResult {
  readonly op: string
  readonly clients: number
  readonly depth: number
  readonly size: number
  readonly seconds: number
  readonly ops: number
  readonly opsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
  readonly errors: number
  readonly lastError: string | undefined
}

/** How many creations of the keys are outstanding, over one connection. */
const SETUP_DEPTH = 500
/** Every server has caught up with the keys before a read is timed. */
const SETTLE_MS = 300

/** Makes the keys, warms up, measures, and removes nothing: the znodes are below `root`. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const connections = await Promise.all(
    Array.from({ length: options.clients }, (_, i) => {
      const server = options.hosts[i % options.hosts.length]
      if (server === undefined) throw new Error('no host was given')
      return BenchConnection.open(server)
    }),
  )
  try {
    await setUp(connections[0] as BenchConnection, options)
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    return await measure(connections, options)
  } finally {
    await Promise.all(connections.map((connection) => connection.close()))
  }
}

async function setUp(connection: BenchConnection, { root, size, keys, op }: LoadOptions): Promise<void> {
  await connection.all([connection.createOf(root, 0)], 1)
  if (op === 'create' || op === 'create-delete') return
  const creations = Array.from({ length: keys }, (_, key) => connection.createOf(`${root}/k${key}`, size))
  await connection.all(creations, SETUP_DEPTH)
}

async function measure(connections: readonly BenchConnection[], options: LoadOptions): Promise<LoadResult> {
  const latencies = new LatencyHistogram()
  let isMeasuring = false
  let isOver = false
  let ops = 0
  let errors = 0
  let lastError: number | undefined
  const finished = connections.map((connection, client) => {
    let sequence = 0
    return connection.keepBusy({
      depth: options.depth,
      next: (output, xid) => {
        if (isOver) return false
        requestFor(options, { client, sequence: sequence++ }, output, xid)
        return true
      },
      replied: (latencyMs, error) => {
        if (error !== 0) {
          errors++
          lastError = error
        } else if (isMeasuring) {
          ops++
          latencies.add(latencyMs)
        }
      },
    })
  })
  const broken = Promise.all(finished)
  await Promise.race([broken, sleep(options.warmSeconds)])
  isMeasuring = true
  const start = performance.now()
  await Promise.race([broken, sleep(options.seconds)])
  const seconds = (performance.now() - start) / 1000
  isMeasuring = false
  isOver = true
  await broken
  return {
    op: options.op,
    clients: options.clients,
    depth: options.depth,
    size: options.size,
    seconds,
    ops,
    opsPerSecond: Math.round(ops / seconds),
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
    p999Ms: latencies.quantile(0.999),
    maxMs: latencies.max,
    errors,
    lastError: lastError === undefined ? undefined : (errorName(lastError) ?? String(lastError)),
  }
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}
