import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../test/support/ports.ts'
import { CACHE, numberIn, ROOT, startTool } from './tools.ts'

export const SERVER_NAMES = ['apache', 'meerkat'] as const
export type ServerName = (typeof SERVER_NAMES)[number]

export const PROFILES = join(CACHE, 'profiles')
const APACHE = join(ROOT, '.cache', 'peers', 'apache-3.9.4')
const STOP_WITHIN_MS = 20_000

/** A server process under measurement. Its directory outlives it, so that it can be started again on its data. */
export interface Server {
  readonly name: ServerName
  readonly port: number
  readonly pid: number
  /** From just before the process was spawned to its first reply to a client's handshake and get. */
  readonly startMs: number
  /** All its files. */
  readonly directory: string
  /** Where snapshots and logs lie. */
  readonly versionDirectory: string
  /** SIGTERM, then SIGKILL. */
  stop(): Promise<void>
  /** SIGKILL at once. */
  kill(): Promise<void>
}

const alive = new Set<ChildProcess>()
const directories = new Set<string>()
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
})

/**
 * An empty directory for one server's data, on the file system of the repository so that a sync reaches a disk. It goes
 * when the next one is made, or when this process ends.
 */
export async function freshDirectory(name: string): Promise<string> {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
  directories.clear()
  await mkdir(join(CACHE, 'data'), { recursive: true })
  const directory = await mkdtemp(join(CACHE, 'data', `${name}-`))
  directories.add(directory)
  return directory
}

/** Starts a server on `directory`, as it is, and waits until it answers. */
export async function startServer(
  name: ServerName,
  directory: string,
  options: { readonly profile: boolean },
): Promise<Server> {
  const port = await freePort()
  const configuration = join(directory, 'zoo.cfg')
  await writeFile(configuration, zooCfg(port, join(directory, 'data')))
  const { command, args } = name === 'apache' ? await apache() : meerkat(options.profile)
  const logFile = join(directory, 'server.log')
  const log = openSync(logFile, 'a')
  const probe = startTool('zkprobe', ['first', port])
  const spawnedMs = Number(process.hrtime.bigint()) / 1e6
  const child = spawn(command, [...args, configuration], { cwd: directory, stdio: ['ignore', log, log] })
  closeSync(log)
  alive.add(child)
  const exited = once(child, 'exit').finally(() => alive.delete(child))
  const answered = Promise.race([
    probe.result.then((result) => numberIn(result, 'at_ms')),
    exited.then(async () => {
      const lastLines = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-15).join('\n')
      throw new Error(`the server ${name} ended before it answered: ${command} ${args.join(' ')}\n${lastLines}`)
    }),
  ])
  const answeredMs = await answered.catch((error: unknown) => {
    child.kill('SIGKILL')
    probe.process.kill()
    throw error
  })
  return {
    name,
    port,
    pid: child.pid ?? 0,
    startMs: answeredMs - spawnedMs,
    directory,
    versionDirectory: join(directory, 'data', 'version-2'),
    stop: async () => {
      child.kill('SIGTERM')
      const waited = new AbortController()
      const late = sleep(STOP_WITHIN_MS, 'late', { signal: waited.signal }).catch(() => 'stopped')
      if ((await Promise.race([exited, late])) === 'late') {
        process.stderr.write(`${name} did not stop within ${String(STOP_WITHIN_MS)} ms of SIGTERM: killed\n`)
        child.kill('SIGKILL')
      }
      waited.abort()
      await exited
    },
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** The same file for both: everything that matters for speed at its default, forceSync said aloud. */
function zooCfg(port: number, dataDirectory: string): string {
  return [
    'tickTime=2000',
    `dataDir=${dataDirectory}`,
    `clientPort=${String(port)}`,
    'clientPortAddress=127.0.0.1',
    'maxClientCnxns=0',
    'forceSync=yes',
    'admin.enableServer=false',
    '',
  ].join('\n')
}

interface CommandLine {
  readonly command: string
  readonly args: readonly string[]
}

/** Apache with the heap its users give it for a million znodes, and without the cost of a log of every request. */
async function apache(): Promise<CommandLine> {
  await apacheVersion()
  return {
    command: 'java',
    args: [
      '-Xmx4g',
      '-Dzookeeper.log.level=WARN',
      '-cp',
      `${join(APACHE, 'conf')}:${join(APACHE, 'lib')}/*`,
      'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    ],
  }
}

/** As `npx meerkat server` starts it: by the first line of its bin. A profile is to name the sources, not the bundle. */
function meerkat(profile: boolean): CommandLine {
  const cli = join(ROOT, 'packages', 'cli')
  const bin = join(cli, 'bin', 'meerkat.js')
  const flags = (readFileSync(bin, 'utf8').split('\n', 1)[0] ?? '').split(' ').filter((word) => word.startsWith('--'))
  const profiling = profile ? ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`] : []
  return {
    command: process.execPath,
    args: [...flags, ...profiling, profile ? join(cli, 'src', 'main.ts') : bin, 'server'],
  }
}

/** The version in the name of Apache's server archive. */
export async function apacheVersion(): Promise<string> {
  const names = await readdir(join(APACHE, 'lib')).catch(() => [])
  const version = names.map((name) => /^zookeeper-(\d.*)\.jar$/.exec(name)?.[1]).find((found) => found !== undefined)
  if (version === undefined) throw new Error(`no Apache ZooKeeper in ${APACHE}: run tools/peers.sh first`)
  return version
}
