import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Options } from './options.ts'
import { apacheVersion } from './servers.ts'
import { ROOT } from './tools.ts'

const run = promisify(execFile)

/** A name and a fact about it. */
export type Fact = readonly [string, string]

/** What the numbers were measured on, in the order it is shown. */
export async function describeMachine(options: Options, loadBefore: number): Promise<Fact[]> {
  const processors = cpus()
  const java = await run('java', ['-version']).then(
    ({ stderr }) => stderr.split('\n')[0] ?? '',
    () => 'none',
  )
  const commit = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT }).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  )
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  const { parents, childrenOfEach } = options.znodes
  return [
    ['date', new Date().toISOString().slice(0, 10)],
    ['processor', `${processors[0]?.model ?? 'unknown'}, ${String(processors.length)} cores`],
    ['memory', `${(totalmem() / 1e9).toFixed(0)} GB`],
    [
      'system',
      `Linux ${release()}, load average ${loadBefore.toFixed(2)} before and ${(loadavg()[0] ?? 0).toFixed(2)} after`,
    ],
    ['Apache ZooKeeper', `${await apacheVersion().catch(() => 'none')} on ${java}, -Xmx4g`],
    ['Meerkat', `${version} ${commit && `(${commit}) `}on Node.js ${process.version}`],
    ['each load', `${String(options.seconds)} s once warm`],
    ['the million', `${(parents * childrenOfEach).toLocaleString('en-US')} znodes under ${String(parents)} parents`],
    ['watchers', `${options.watchers.toLocaleString('en-US')}, each on a connection of its own`],
  ]
}
