import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const ROOT = join(import.meta.dirname, '..')
export const CACHE = join(ROOT, '.cache', 'bench')

const TOOLS = ['zkload', 'zkprobe'] as const
type Tool = (typeof TOOLS)[number]

/** Compiles the load generators that are older than their sources. Throws if there is no C compiler. */
export async function buildTools(): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  await Promise.all(TOOLS.map(buildTool))
}

async function buildTool(tool: Tool): Promise<void> {
  const source = join(import.meta.dirname, `${tool}.c`)
  const program = join(CACHE, tool)
  if ((await modifiedAt(program)) > (await modifiedAt(source))) return
  // Renamed when it is whole: another run may be using the program that was there.
  const fresh = `${program}.${String(process.pid)}`
  await run('cc', ['-O2', '-o', fresh, source]).catch((cause: unknown) => {
    const advice = 'install a C compiler (Debian: apt-get install gcc libc6-dev)'
    throw new Error(`cc could not compile bench/${tool}.c: ${String(cause)}; ${advice}`, { cause })
  })
  await rename(fresh, program)
}

async function modifiedAt(file: string): Promise<number> {
  return stat(file).then(
    (found) => found.mtimeMs,
    () => 0,
  )
}

/** A load generator at work: its one line of JSON comes when it ends. */
export interface RunningTool {
  readonly process: ChildProcess
  readonly result: Promise<unknown>
}

export function startTool(tool: Tool, args: readonly (string | number)[]): RunningTool {
  const child = spawn(join(CACHE, tool), args.map(String), { stdio: ['pipe', 'pipe', 'pipe'] })
  const printed: Buffer[] = []
  const complaints: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk))
  const result = new Promise<unknown>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(Buffer.concat(printed).toString()))
      else
        reject(
          new Error(
            `${tool} ${args.join(' ')} failed: ${Buffer.concat([...complaints, ...printed])
              .toString()
              .trim()}`,
          ),
        )
    })
  })
  // Whoever stops the tool early is not interested in its result; whoever awaits it still sees the failure.
  result.catch(() => undefined)
  return { process: child, result }
}

export async function runTool(tool: Tool, args: readonly (string | number)[]): Promise<unknown> {
  return startTool(tool, args).result
}

/** A number in what a load generator printed. */
export function numberIn(result: unknown, field: string): number {
  const value: unknown = typeof result === 'object' && result !== null ? Reflect.get(result, field) : undefined
  if (typeof value !== 'number') throw new Error(`no number ${field} in ${JSON.stringify(result)}`)
  return value
}

export function numbersIn(result: unknown, field: string): number[] {
  const value: unknown = typeof result === 'object' && result !== null ? Reflect.get(result, field) : undefined
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'number')) {
    throw new Error(`no numbers ${field} in ${JSON.stringify(result)}`)
  }
  return value
}
