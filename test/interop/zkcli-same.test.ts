import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { apache, javaClassPath, quickJvm } from '../support/apache.ts'
import { requirePeer } from '../support/peers.ts'

/**
 * Lines for both shells. Left out is what differs on purpose: `version`, `help` (zkCli knows no such command), `redo`
 * without a number (zkCli says nothing), and a permission that is missing in the middle of `setAcl -R` (zkCli prints it
 * without an end of line).
 */
const lines = readFileSync(join(import.meta.dirname, 'zkcli-same.txt'), 'utf8')

/** Commands given with the start of the shell. */
const single: readonly (readonly string[])[] = [
  ['ls', '/zookeeper'],
  ['get', '-s', '/zookeeper'],
  ['get', '-q', '/zookeeper'],
  ['set', '/nothing', 'one two'],
  ['nonsense'],
]

interface Run {
  readonly output: string
  readonly errors: string
  readonly exitCode: number | null
}

test("the shell prints what Apache's zkCli prints, command by command", { timeout: 120_000 }, async (t) => {
  if (requirePeer(t, 'apache-3.9.4') === undefined) return
  const server = await apache('3.9.4')({ jvmFlags: ['-Dzookeeper.extendedTypesEnabled=true'] })
  try {
    const options = ['-server', `localhost:${server.port}`, '-waitforconnection']
    const theirs = await zkCli(options, lines)
    const ours = await shell(options, lines)
    assert.deepEqual(ours, theirs)
    for (const command of single) {
      const expected = await zkCli([...options, ...command])
      assert.deepEqual(await shell([...options, ...command]), expected, command.join(' '))
    }
  } finally {
    await server.dispose()
  }
})

async function zkCli(words: readonly string[], input = ''): Promise<Printed> {
  const java = [...quickJvm, '-Dzookeeper.log.level=OFF', '-cp', javaClassPath('apache-3.9.4')]
  return printed(await run('java', [...java, 'org.apache.zookeeper.ZooKeeperMain', ...words], input))
}

async function shell(words: readonly string[], input = ''): Promise<Printed> {
  const door = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'meerkat.js')
  return printed(await run(process.execPath, [door, 'shell', ...words], input))
}

function run(command: string, words: readonly string[], input: string): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: 'pipe' })
    let output = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ output, errors, exitCode }))
    child.stdin.end(input)
  })
}

interface Printed {
  readonly output: readonly string[]
  readonly events: readonly string[]
  readonly errors: readonly string[]
  readonly exitCode: number | null
}

/**
 * What was printed, without what differs from run to run: zxids, times, session ids, and where among the other lines an
 * event came (zkCli prints events from a thread of its own, so that other lines may even come within one).
 */
function printed({ output, errors, exitCode }: Run): Printed {
  const lines = output
    .replaceAll(/\[zk: [^\]]*\] /g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && line !== 'JLine support is enabled' && line !== 'WATCHER::')
    .map(steady)
  const isEvent = (line: string): boolean => line.startsWith('WatchedEvent ')
  // Our overview has a line more.
  const problems = errors.split('\n').filter((line) => line !== '\thelp [command]')
  return {
    output: lines.filter((line) => !isEvent(line)),
    events: lines.filter(isEvent),
    errors: problems.map(steady),
    exitCode,
  }
}

function steady(line: string): string {
  return line
    .replaceAll(/0x[0-9a-f]+/g, '0x?')
    .replaceAll(/([cm]time =) .*/g, '$1 ?')
    .replaceAll(/zxid: \d+/g, 'zxid: ?')
    .trimEnd()
}
