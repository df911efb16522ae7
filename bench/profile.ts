import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PROFILES } from './servers.ts'
import { ROOT } from './tools.ts'

/** The parts of V8's .cpuprofile format that self time needs; times are in microseconds. */
interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

interface CallFrame {
  readonly functionName: string
  readonly url: string
  /** Zero-based. */
  readonly lineNumber: number
}

/** A function and the time spent in it alone, not in what it calls. */
export interface SelfTime {
  readonly where: string
  readonly microseconds: number
}

const FUNCTIONS_SHOWN = 40
const PROFILES_SHOWN = 3

export async function forgetProfiles(): Promise<void> {
  await rm(PROFILES, { recursive: true, force: true })
  await mkdir(PROFILES, { recursive: true })
}

/** What the last servers of this run did with the processor, one table a profile (each worker thread writes its own). */
export async function describeProfiles(): Promise<string> {
  const names = (await readdir(PROFILES)).filter((name) => name.endsWith('.cpuprofile'))
  if (names.length === 0) return 'No profile was written: Node.js writes it when the server ends by itself on SIGTERM.'
  // The names begin with the date and the time.
  const last = names.toSorted().slice(-PROFILES_SHOWN)
  const tables = last.map(async (name) => {
    const file = join(PROFILES, name)
    // The file is V8's own, written a moment ago.
    const profile = JSON.parse(await readFile(file, 'utf8')) as CpuProfile
    return `${relative(ROOT, file)}\n${describeSelfTimes(selfTimes(profile))}`
  })
  return (await Promise.all(tables)).join('\n\n')
}

/** The longest first. */
export function selfTimes(profile: CpuProfile): SelfTime[] {
  const names = new Map(profile.nodes.map((node) => [node.id, placeOf(node.callFrame)]))
  const totals = new Map<string, number>()
  profile.samples.forEach((id, index) => {
    const where = names.get(id) ?? '(unknown)'
    totals.set(where, (totals.get(where) ?? 0) + (profile.timeDeltas[index] ?? 0))
  })
  return [...totals]
    .map(([where, microseconds]) => ({ where, microseconds }))
    .toSorted((a, b) => b.microseconds - a.microseconds)
}

function placeOf(frame: CallFrame): string {
  const name = frame.functionName === '' ? '(anonymous)' : frame.functionName
  if (frame.url === '') return name
  const file = frame.url.startsWith('file:') ? relative(ROOT, fileURLToPath(frame.url)) : frame.url
  return `${name}  ${file}:${String(frame.lineNumber + 1)}`
}

function describeSelfTimes(times: readonly SelfTime[]): string {
  const busy = times.filter((time) => time.where !== '(idle)')
  const total = busy.reduce((sum, time) => sum + time.microseconds, 0)
  return busy
    .slice(0, FUNCTIONS_SHOWN)
    .map((time) => {
      const percent = ((time.microseconds / total) * 100).toFixed(1).padStart(5)
      return `${percent} %  ${(time.microseconds / 1000).toFixed(0).padStart(7)} ms  ${time.where}`
    })
    .join('\n')
}
