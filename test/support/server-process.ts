import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from './ports.ts'

/** What a test asks of a server, whichever implementation it is. */
export interface ServerOptions {
  /** An existing data directory to open, kept afterwards. Without it the server gets a fresh one, gone after `dispose`. */
  readonly dataDir?: string
  /** The client port; a restart passes the old one. Picked when missing. */
  readonly port?: number
  /** Lines of zoo.cfg, on top of and instead of those of `zooCfg`. */
  readonly config?: Readonly<Record<string, string | number | boolean>>
  /** `-Dname=value` flags, given to either server as Apache's scripts would (SERVER_JVMFLAGS). */
  readonly jvmFlags?: readonly string[]
}

/** A real server process that listens on 127.0.0.1, of Apache's make or ours. */
export interface ServerUnderTest {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly adminPort: number
  readonly dataDir: string
  /** Everything the process printed so far. */
  logs(): string
  /** Sends a signal that the process is to live through. */
  signal(name: NodeJS.Signals): void
  /** SIGTERM, then waits for the end; answers the exit code (null when a signal ended it). */
  stop(): Promise<number | null>
  /** kill -9, then waits for the end. */
  kill(): Promise<void>
  /** Kills what still runs and removes a data directory that was made for this server. */
  dispose(): Promise<void>
}

/** Starts a server: one implementation is one such function, so one suite runs on all of them. */
export type StartServer = (options?: ServerOptions) => Promise<ServerUnderTest>

/** A command line; `file` is the path of the zoo.cfg that was written for it. */
export interface ServerCommand {
  readonly name: string
  readonly command: string
  arguments(file: string, jvmFlags: readonly string[]): string[]
  environment(jvmFlags: readonly string[]): NodeJS.ProcessEnv
}

/** Milliseconds until a server that does not answer is given up. */
const startDeadlineMs = 30_000
/** Milliseconds until a server that does not stop at SIGTERM is killed, and the test told. */
const stopDeadlineMs = 15_000

/** Milliseconds without a byte after which a four-letter word counts as not answered. */
const answerDeadlineMs = 2_000

/** Processes that would outlive a test run that ends early. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Writes the zoo.cfg, runs the command and waits until the server serves. */
export async function startServerProcess(command: ServerCommand, options: ServerOptions): Promise<ServerUnderTest> {
  const home = await mkdtemp(join(tmpdir(), 'server-under-test-'))
  const dataDir = options.dataDir ?? join(home, 'data')
  await mkdir(dataDir, { recursive: true })
  const [freeClientPort, adminPort] = await freePorts(2)
  const port = options.port ?? freeClientPort ?? 0
  const file = join(home, 'zoo.cfg')
  await writeFile(file, zooCfg({ dataDir, clientPort: port, 'admin.serverPort': adminPort ?? 0, ...options.config }))
  const jvmFlags = options.jvmFlags ?? []
  const child = spawn(command.command, command.arguments(file, jvmFlags), {
    cwd: home,
    env: { ...process.env, ...command.environment(jvmFlags) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  child.once('close', () => running.delete(child))
  const server = processAsServer(command.name, child, { home, port, adminPort: adminPort ?? 0, dataDir })
  await untilServing(server, child).catch(async (error: unknown) => {
    await server.dispose()
    throw error
  })
  return server
}

/** Sends a four-letter word and answers everything the server says to it. */
export function fourLetterWord(
  server: { readonly host: string; readonly port: number },
  word: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, server.host, () => {
      // A port that nobody listens on yet can be picked as the connection's own: then it would talk to itself.
      if (socket.localPort === server.port) socket.destroy(new Error('connected to itself'))
      else socket.write(word)
    })
    let answer = ''
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text))
    // A server that accepts before it is ready can leave the word without an answer for ever.
    socket.setTimeout(answerDeadlineMs, () => socket.destroy(new Error(`no answer to ${word}`)))
    socket.on('error', reject).on('close', () => resolve(answer))
  })
}

function zooCfg(config: Readonly<Record<string, string | number | boolean>>): string {
  const lines = {
    tickTime: 500,
    clientPortAddress: '127.0.0.1',
    maxClientCnxns: 0,
    'admin.serverAddress': '127.0.0.1',
    '4lw.commands.whitelist': '*',
    ...config,
  }
  return Object.entries(lines)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}

function processAsServer(
  name: string,
  child: ChildProcess,
  place: { home: string; port: number; adminPort: number; dataDir: string },
): ServerUnderTest {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      output += `${error.message}\n`
      resolve(null)
    })
    child.once('close', (code) => resolve(code))
  })
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  return {
    name,
    host: '127.0.0.1',
    port: place.port,
    adminPort: place.adminPort,
    dataDir: place.dataDir,
    logs: () => output,
    kill,
    signal: (name) => void child.kill(name),
    stop: async () => {
      child.kill('SIGTERM')
      const late = new AbortController()
      const code = await Promise.race([
        ended,
        sleep(stopDeadlineMs, 'late' as const, { signal: late.signal }).catch(() => null),
      ])
      late.abort()
      if (code !== 'late') return code
      await kill()
      throw new Error(`${name} did not stop within ${stopDeadlineMs} ms of SIGTERM; it printed:\n${output}`)
    },
    dispose: async () => {
      await kill()
      await rm(place.home, { recursive: true, force: true })
    },
  }
}

async function untilServing(server: ServerUnderTest, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + startDeadlineMs
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.pid === undefined) {
      throw new Error(`${server.name} ended at once with exit code ${child.exitCode}; it printed:\n${server.logs()}`)
    }
    const answer = await fourLetterWord(server, 'srvr').catch(() => '')
    if (answer.includes('Mode:')) return
    await sleep(25)
  }
  throw new Error(`${server.name} did not answer srvr within ${startDeadlineMs} ms; it printed:\n${server.logs()}`)
}
