import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { memoryOf } from '../memory.ts'
import type { Options } from '../options.ts'
import { freshDirectory, startServer, type Server } from '../servers.ts'
import { nextSnapshot, type Span } from '../snapshots.ts'
import { runTool, startTool } from '../tools.ts'
import { median, megabytes, type Case, type Values } from './case.ts'

/** Outstanding reads a connection while the snapshot is taken, by row. */
const READ_DEPTHS: Readonly<Record<string, number>> = { 'snapshot-get64': 64, 'snapshot-get1': 1 }
const STARTS = 3
/** Parents of the znodes created before each start: less than half of Apache's snapCount, so that they stay in the log. */
const PARENTS_TO_REPLAY = 40

/**
 * What a million znodes cost: 1. create them and look at the memory, 2. read while a snapshot of them is taken, 3. kill
 * the server and time its start from a snapshot and a log.
 */
export const million: Case = async (name, asked, options) => {
  const directory = await freshDirectory(name)
  const values: Record<string, number> = {}
  let server = await startServer(name, directory, options)
  try {
    Object.assign(values, await memoryWithAMillion(server, options))
    for (const [row, depth] of Object.entries(READ_DEPTHS)) {
      if (asked.has(row)) Object.assign(values, await readsDuringSnapshot(server, row, depth, options))
    }
    await server.stop()
    if (!asked.has('recover') && !asked.has('memory-recovered')) return values
    server = await startServer(name, directory, options)
    const startsMs: number[] = []
    for (let round = 0; round < STARTS; round += 1) {
      await fill(server, `/later-${String(round)}`, PARENTS_TO_REPLAY, options)
      await server.kill()
      server = await startServer(name, directory, options)
      startsMs.push(server.startMs)
    }
    await sleep(options.seconds * 1000)
    return { ...values, recover: median(startsMs), 'memory-recovered': megabytes((await memoryOf(server.pid)).now) }
  } finally {
    await server.stop()
  }
}

async function memoryWithAMillion(server: Server, options: Options): Promise<Values> {
  await fill(server, '/bench', options.znodes.parents, options)
  await sleep(options.seconds * 1000)
  const memory = await memoryOf(server.pid)
  return { 'memory-million': megabytes(memory.now), 'memory-million-peak': megabytes(memory.peak) }
}

async function fill(server: Server, root: string, parents: number, options: Options): Promise<void> {
  await runTool('zkprobe', ['fill', server.port, root, parents, options.znodes.childrenOfEach, 128])
}

/**
 * The p99.9 in milliseconds of those reads that were under way while the snapshot was written. A second load of sets on
 * one connection triggers the snapshot by snapCount and goes on meanwhile, as in life.
 */
async function readsDuringSnapshot(server: Server, row: string, depth: number, options: Options): Promise<Values> {
  // A snapshot that still goes on from what was written before would be taken for this one.
  await sleep(options.seconds * 1000)
  const samples = join(server.directory, 'reads.f64')
  const { parents, childrenOfEach } = options.znodes
  const hosts = `127.0.0.1:${String(server.port)}`
  const reader = startTool('zkprobe', ['reads', server.port, parents, childrenOfEach, depth, samples])
  const writes = ['--op', 'set', '--clients', 1, '--depth', 64, '--size', 128, '--seconds', 3600]
  const writer = startTool('zkload', ['--hosts', hosts, ...writes])
  try {
    const broken = Promise.all([reader.result, writer.result]).then(() =>
      Promise.reject(new Error('a load ended early')),
    )
    const span = await Promise.race([nextSnapshot(server.versionDirectory), broken])
    reader.process.stdin?.end()
    await reader.result
    const latencies = within(span, await readSamples(samples))
    return {
      [row]: latencyAt(0.999, latencies),
      [`${row}_max_ms`]: latencyAt(1, latencies),
      [`${row}_reads`]: latencies.length,
      [`${row}_lasted_ms`]: span.to - span.from,
    }
  } finally {
    reader.process.kill('SIGKILL')
    writer.process.kill('SIGKILL')
  }
}

async function readSamples(file: string): Promise<Float64Array> {
  const bytes = await readFile(file)
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8)
}

/** The latencies of the samples (pairs: sent at, in seconds; took, in milliseconds) that overlap the span. */
export function within(span: Span, samples: Float64Array): Float64Array {
  const latencies = new Float64Array(samples.length / 2)
  let count = 0
  for (let index = 0; index + 1 < samples.length; index += 2) {
    const sent = (samples[index] ?? 0) * 1000
    const took = samples[index + 1] ?? 0
    if (sent <= span.to && sent + took >= span.from) latencies[count++] = took
  }
  return latencies.subarray(0, count)
}

/** By the rule that zkload's percentiles follow. */
export function latencyAt(quantile: number, latencies: Float64Array): number {
  const value = latencies.toSorted()[Math.floor((latencies.length - 1) * quantile)]
  if (value === undefined) throw new Error('no read was under way during the snapshot')
  return value
}
