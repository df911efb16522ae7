/** A load on a ZooKeeper server: pipelined connections, and the latency of every reply. */
import { performance } from 'node:perf_hooks'
import { ZooKeeper, type ServerAddress } from '@meerkat/client'
import { errorName } from '@meerkat/protocol'
import { BenchConnection, type WriteRequest } from './connection.ts'
import { LatencyHistogram } from './histogram.ts'
import { requestFor, writeCreate, writeDelete, type Workload } from './workload.ts'

export interface LoadOptions extends Workload {
  readonly hosts: readonly ServerAddress[]
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

/** How many requests that make or remove the znodes are outstanding, over one connection. */
const SETUP_DEPTH = 500
/** Every server has caught up with the keys before a read is timed. */
const SETTLE_MS = 300
/** The list of all znodes that were created can be long. */
const MAX_LIST_BYTES = 1024 * 1024 * 1024

/** Makes the keys, warms up, measures, and removes what it made. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const connections = await Promise.all(
    Array.from({ length: options.clients }, (_, i) => BenchConnection.open(hostOf(options, i))),
  )
  try {
    const first = connections[0] as BenchConnection
    await first.all(creations(options), SETUP_DEPTH)
    await sleep(SETTLE_MS / 1000)
    const result = await measure(connections, options)
    await first.all(await deletions(options), SETUP_DEPTH)
    return result
  } finally {
    await Promise.all(connections.map((connection) => connection.close()))
  }
}

function hostOf({ hosts }: LoadOptions, client: number): ServerAddress {
  const host = hosts[client % hosts.length]
  if (host === undefined) throw new Error('no host was given')
  return host
}

function* creations({ root, size, keys, op }: LoadOptions): Generator<WriteRequest> {
  yield (output, xid) => writeCreate(output, xid, root, 0)
  if (op === 'create' || op === 'create-delete') return
  for (let key = 0; key < keys; key++) yield (output, xid) => writeCreate(output, xid, `${root}/k${key}`, size)
}

/** The deletions of what is below the root, and of the root. */
async function deletions(options: LoadOptions): Promise<Iterable<WriteRequest>> {
  const { root } = options
  const { host, port } = hostOf(options, 0)
  const client = await ZooKeeper.connect({ servers: `[${host}]:${port}`, maxBuffer: MAX_LIST_BYTES })
  const children = await client.getChildren(root)
  await client.close()
  return (function* (): Generator<WriteRequest> {
    for (const child of children) yield (output, xid) => writeDelete(output, xid, `${root}/${child}`)
    yield (output, xid) => writeDelete(output, xid, root)
  })()
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
