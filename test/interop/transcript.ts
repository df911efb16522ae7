import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerOptions, ServerUnderTest, StartServer } from '../support/server-process.ts'

/** One named step of a client program and what it saw, with everything that differs from run to run made relative. */
export interface Step {
  readonly step: string
  readonly result: string
}

/** A program that drives a server through a client library and prints a JSON line a step. */
export interface ClientProgram {
  readonly command: string
  readonly arguments: readonly string[]
  readonly environment?: NodeJS.ProcessEnv
}

/** What the servers of the matrix are given: everything that clients can use is switched on. */
export const interopOptions: ServerOptions = {
  config: { extendedTypesEnabled: true, enforceQuota: true },
  jvmFlags: [
    // The digest of super:test, so that programs can show what the superuser may.
    '-Dzookeeper.DigestAuthenticationProvider.superDigest=super:D/InIHSb7yEEbrWz8b9l71RjZJU=',
    '-Dznode.container.checkIntervalMs=300',
  ],
}

const programDeadlineMs = 150_000

/**
 * Runs the program against a fresh server and answers its steps. A line {"control":"restart"} of the program kills the
 * server with signal 9 and starts it again on the same port and data; a line on the program's standard input says so.
 */
export async function transcriptOf(
  start: StartServer,
  program: (address: string) => ClientProgram,
  options: ServerOptions = interopOptions,
): Promise<Step[]> {
  let server = await start(options)
  const servers: ServerUnderTest[] = [server]
  const restart = async (): Promise<void> => {
    await server.kill()
    server = await start({ ...options, port: server.port, dataDir: server.dataDir })
    servers.push(server)
  }
  try {
    return await runProgram(program(`${server.host}:${server.port}`), restart)
  } catch (error) {
    throw new Error(`${server.name}, which printed:\n${server.logs().slice(-4000)}`, { cause: error })
  } finally {
    for (const one of servers.toReversed()) await one.dispose()
  }
}

/** A sentence a difference; none when the two saw the same. */
export function differences(apache: readonly Step[], meerkat: readonly Step[]): string[] {
  const found: string[] = []
  for (let i = 0; i < Math.max(apache.length, meerkat.length); i++) {
    const [theirs, ours] = [apache[i], meerkat[i]]
    if (theirs?.step !== ours?.step) {
      found.push(
        `step ${i}: Apache came to "${theirs?.step}", Meerkat to "${ours?.step}"; steps after it are not compared`,
      )
      break
    }
    if (theirs?.result !== ours?.result) {
      found.push(`${theirs?.step}\n    Apache:  ${theirs?.result}\n    Meerkat: ${ours?.result}`)
    }
  }
  return found
}

/** Runs a program to its end and answers its steps; each {"control": …} line of it is served by `control`. */
export async function runProgram(
  program: ClientProgram,
  control: (wish: string) => Promise<void> = (wish) => Promise.reject(new Error(`nobody serves "${wish}"`)),
): Promise<Step[]> {
  const child = spawn(program.command, program.arguments, {
    env: { ...process.env, ...program.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  ended.catch(() => undefined)
  const late = new AbortController()
  void sleep(programDeadlineMs, undefined, { signal: late.signal }).then(
    () => child.kill('SIGKILL'),
    () => undefined,
  )
  const steps: Step[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue
    const said = JSON.parse(line) as Partial<Step> & { control?: string }
    if (said.control !== undefined) {
      await control(said.control)
      child.stdin.write('done\n')
    } else {
      steps.push({ step: said.step ?? '', result: said.result ?? '' })
    }
  }
  const code = await ended
  late.abort()
  if (code !== 0) {
    const last = steps.at(-1)
    throw new Error(
      `${program.command} ended with exit code ${code} after step "${last?.step}" (${last?.result}):\n${complaints}`,
    )
  }
  return steps
}
