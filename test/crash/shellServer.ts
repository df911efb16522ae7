/** Our own server behind a line of shell that prepares its surroundings. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { startServerProcess, type ServerOptions, type ServerUnderTest } from '../support/server-process.ts'

export interface ShellServer extends ServerUnderTest {
  readonly pid: number
}

const COMMAND = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'meerkat.js')

const SHELL = ['sh', '-c'] as const
/** A shell that may mount what nobody else sees. */
const OWN_DISK = ['unshare', '-rm', 'sh', '-c'] as const

export interface ShellServerOptions extends ServerOptions {
  /** The data directory becomes a file system of its own, of so many KiB, which only the server sees. */
  readonly diskKb?: number
}

export async function meerkatInShell({ diskKb, ...options }: ShellServerOptions): Promise<ShellServer> {
  const home = await mkdtemp(join(tmpdir(), 'meerkat-shell-'))
  const pidFile = join(home, 'pid')
  const mount = diskKb === undefined ? '' : `mount -t tmpfs -o size=${diskKb}k tmpfs '${options.dataDir}' && `
  // Every step is an exec, so that the process keeps its number and takes its signals itself.
  const script = `${mount}echo $$ > '${pidFile}' && exec '${process.execPath}' '${COMMAND}' server "$0"`
  const [command, ...prefix] = diskKb === undefined ? SHELL : OWN_DISK
  try {
    const server = await startServerProcess(
      {
        name: 'Meerkat',
        command,
        arguments: (file) => [...prefix, script, file],
        environment: (jvmFlags) => ({ SERVER_JVMFLAGS: jvmFlags.join(' ') }),
      },
      options,
    )
    return Object.assign(server, { pid: Number(await readFile(pidFile, 'utf8')) })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** Why there can be no file system for one process alone, or undefined if there can. */
export function noOwnDisk(): string | undefined {
  const [command, ...prefix] = OWN_DISK
  const trial = spawnSync(command, [...prefix, `mount -t tmpfs -o size=64k tmpfs '${tmpdir()}'`])
  return trial.status === 0
    ? undefined
    : 'this system lets no process mount a file system of its own (unshare -rm, tmpfs)'
}
