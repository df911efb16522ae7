import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Outcome } from './reporter.ts'

export type FileResult = { file: string; outcomes: Outcome[]; elapsedMs: number; output: string }

export type RunOptions = { root: string; file: string; limitMs: number; env?: NodeJS.ProcessEnv }

const OUTPUT_LIMIT = 20_000
/** What runs now, each with its temporary folder. */
const running = new Map<ChildProcess, string>()

/**
 * Runs one test file in a process of its own. The process leads a group, so that whatever it started ends with it, and
 * has a temporary folder of its own, which is removed afterwards. A file that fails without naming a test (it does
 * not load, it hangs, it holds no test) gets one failed outcome that says so.
 */
export async function runFile({ root, file, limitMs, env = {} }: RunOptions): Promise<FileResult> {
  const folder = mkdtempSync(join(tmpdir(), 'meerkat-test-'))
  const events = join(folder, 'events')
  const temporary = join(folder, 'tmp')
  mkdirSync(temporary)
  const started = Date.now()
  const child = spawn(
    process.execPath,
    [`--test-reporter=${import.meta.dirname}/reporter.ts`, `--test-reporter-destination=${events}`, join(root, file)],
    {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: temporary, ...env },
    },
  )
  running.set(child, folder)
  const output = collectOutput(child)
  const end = await waitForEnd(child, limitMs)
  running.delete(child)
  const outcomes = readOutcomes(events)
  removeFolder(folder)
  const fault = faultOfFile(end, outcomes, limitMs)
  if (fault !== undefined) outcomes.push({ kind: 'failed', name: 'the file as a whole', detail: fault })
  return { file, outcomes, elapsedMs: Date.now() - started, output: output() }
}

/** Ends every test file under way, with all that they started and their temporary folders. */
export function killAll(): void {
  for (const [child, folder] of running) {
    killGroup(child)
    removeFolder(folder)
  }
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

type End = 'hung' | { code: number | null; signal: NodeJS.Signals | null }

function waitForEnd(child: ChildProcess, limitMs: number): Promise<End> {
  let hung = false
  const timer = setTimeout(() => {
    hung = true
    killGroup(child)
  }, limitMs)
  child.once('exit', () => {
    clearTimeout(timer)
    killGroup(child)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve(hung ? 'hung' : { code, signal })
    })
  })
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is gone already, which is what was wanted.
  }
}

/** Keeps the last part of what the process prints, for the report of a failure. */
function collectOutput(child: ChildProcess): () => string {
  let text = ''
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-OUTPUT_LIMIT)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return () => text
}

function readOutcomes(events: string): Outcome[] {
  let text: string
  try {
    text = readFileSync(events, 'utf8')
  } catch {
    return []
  }
  // A process that was killed may have left half a line at the end.
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Outcome)
}

function faultOfFile(end: End, outcomes: readonly Outcome[], limitMs: number): string | undefined {
  if (end === 'hung')
    return `It had not ended after ${limitMs / 1000} s and was killed: a test hangs, or leaves something open.`
  if (end.signal !== null) return `The process was killed by ${end.signal}.`
  if (end.code !== 0 && !outcomes.some(({ kind }) => kind === 'failed'))
    return `The process ended with code ${end.code}.`
  if (outcomes.length === 0) return 'It holds no test.'
  return undefined
}
