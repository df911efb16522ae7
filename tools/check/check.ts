import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One thing that must hold of the tree. */
export type Check = {
  name: string
  /** What is wrong, one line each: where (path:line), what, and what to do. Empty if all is well. */
  find: (root: string) => string[] | Promise<string[]>
}

export type SourceFile = { path: string; text: string }

/**
 * The files of the repository at `root` as git sees them: those committed and those that could be. That the folder may
 * belong to another user, as it does in many a container, is no reason to refuse.
 */
function listFiles(root: string): string[] {
  const listed = execFileSync(
    'git',
    ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    },
  )
  return listed.split('\0').filter((path) => path !== '')
}

/** Those of the files whose path passes `accept`, with their text. A file that git knows but that is deleted is left out. */
export function readFiles(root: string, accept: (path: string) => boolean): SourceFile[] {
  return listFiles(root)
    .filter(accept)
    .flatMap((path) => {
      try {
        return [{ path, text: readFileSync(join(root, path), 'utf8') }]
      } catch {
        return []
      }
    })
}

export function isCode(path: string): boolean {
  return /\.(ts|js|mjs)$/.test(path)
}

/** Runs a command of node_modules/.bin at `root` and returns what it printed, in lines, with its exit code. */
export async function runTool(
  root: string,
  command: string,
  args: readonly string[],
): Promise<{ lines: string[]; code: number }> {
  const child = spawn(join(root, 'node_modules', '.bin', command), args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => {
      resolve(status ?? 1)
    })
  })
  return { lines: text.split('\n').filter((line) => line.trim() !== ''), code }
}

/** The faults a tool named, or, should it fail without naming any, that it failed. */
export function faultsOf(command: string, { lines, code }: { lines: string[]; code: number }): string[] {
  if (code === 0) return []
  return lines.length > 0 ? lines : [`${command} ended with code ${code} and said nothing`]
}
