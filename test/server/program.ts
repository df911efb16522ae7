/** The `meerkat` command as a process of its own, for tests of how it starts, speaks and ends. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const meerkatJs = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'meerkat.js')

export interface ProgramOptions {
  readonly cwd: string
  readonly environment?: Readonly<Record<string, string>>
  /** The Node.js that runs it. */
  readonly node?: string
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Program {
  readonly pid: number
  readonly ended: Promise<Ended>
  stdout(): string
  stderr(): string
  /** Waits until the output has `text`; fails with all of it if the process ends before. */
  untilPrinted(text: string | RegExp): Promise<void>
  signal(name: NodeJS.Signals): void
}

const deadlineMs = 30_000

/** Runs `meerkat` with these arguments. What is still there after half a minute is killed. */
export function runMeerkat(args: readonly string[], options: ProgramOptions): Program {
  const { cwd, environment, node = process.execPath } = options
  const child = spawn(node, [meerkatJs, ...args], {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  let hasEnded = false
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      hasEnded = true
      resolve({ code, signal, stdout, stderr })
    })
  })
  return {
    pid: child.pid ?? -1,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    async untilPrinted(text) {
      const isThere = (): boolean => (typeof text === 'string' ? stdout.includes(text) : text.test(stdout))
      while (!isThere()) {
        if (hasEnded) throw new Error(`it ended before it printed ${String(text)}:\n${stdout}\n${stderr}`)
        await sleep(20)
      }
    },
    signal: (name) => child.kill(name),
  }
}

/** A folder for one test, gone after it. */
export function temporaryFolder(test: { after(task: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'meerkat-test-'))
  test.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes a zoo.cfg into a folder; answers its path. */
export function writeConfiguration(
  folder: string,
  settings: Readonly<Record<string, string | number | boolean>>,
): string {
  const file = join(folder, 'zoo.cfg')
  const lines = { clientPortAddress: '127.0.0.1', tickTime: 500, 'admin.enableServer': false, ...settings }
  writeFileSync(
    file,
    Object.entries(lines)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  )
  return file
}
