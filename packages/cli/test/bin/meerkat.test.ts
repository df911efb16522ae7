import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, test } from 'node:test'
import { noteInputs } from '../../bin/bundle.js'

// The door is tried with a command behind it that does nothing but wait for a signal.
const root = mkdtempSync(join(tmpdir(), 'meerkat-bin-'))
const bin = join(root, 'bin', 'meerkat.js')
const cache = join(root, 'cache')
after(() => {
  rmSync(root, { recursive: true, force: true })
})

for (const folder of ['bin', 'src']) mkdirSync(join(root, folder))
writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
for (const file of ['meerkat.js', 'bundle.js']) {
  copyFileSync(join(import.meta.dirname, '..', '..', 'bin', file), join(root, 'bin', file))
}
writeFileSync(
  join(root, 'src', 'main.ts'),
  `import { writeFileSync } from 'node:fs'
  const [command, file = '']: string[] = process.argv.slice(2)
  if (command === 'wait') {
    const timer = setInterval(() => {}, 1000)
    process.once('SIGTERM', () => { clearInterval(timer); writeFileSync(file, 'SIGTERM') })
  }
  console.log('started', command)`,
)

const env = { ...process.env, XDG_CACHE_HOME: cache, LOCALAPPDATA: cache }

test('An old Node.js is told which one is needed, and how to get it, in one line.', () => {
  const old = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '20.1.0' } })`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', old, bin], { env, encoding: 'utf8' })
  assert.equal(status, 1)
  assert.equal(stdout, '')
  assert.match(
    stderr,
    /^meerkat needs Node\.js 24 or newer, and this is v.* start it by `npx meerkat` or `npm start`.*\n$/,
  )
})

test('The command runs from its sources, and the compiled code is kept in the cache folder of the user.', () => {
  const { status, stdout } = spawnSync(process.execPath, [bin, 'once'], { env, encoding: 'utf8' })
  assert.equal(status, 0)
  assert.equal(stdout, 'started once\n')
  if (process.platform !== 'darwin') assert.equal(readdirSync(cache).includes('meerkat'), true)
})

test('The bundle runs in place of the sources as long as none of them has changed, and where there are none.', () => {
  const dist = join(root, 'dist')
  mkdirSync(dist)
  writeFileSync(join(dist, 'main.js'), `console.log('bundled')`)
  const run = (): string => spawnSync(process.execPath, [bin, 'once'], { env, encoding: 'utf8' }).stdout
  assert.equal(run(), 'started once\n')
  const source = join(root, 'src', 'main.ts')
  noteInputs(dist, ['../src/main.ts'])
  assert.equal(run(), 'bundled\n')
  const text = readFileSync(source)
  utimesSync(source, 1, 1)
  assert.equal(run(), 'started once\n')
  rmSync(source)
  assert.equal(run(), 'bundled\n')
  writeFileSync(source, text)
  rmSync(dist, { recursive: true })
})

test('A signal reaches the command itself, which is one process.', async () => {
  const file = join(root, 'direct')
  const child = spawn(process.execPath, [bin, 'wait', file], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  await started(child)
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
  assert.equal(existsSync(file), true)
})

test('Started by npx, the command ends when a SIGTERM to npx has ended the shell between them.', async () => {
  const file = join(root, 'behind-a-shell')
  const shell = spawn('sh', ['-c', `"$0" "$1" wait "$2"; exit $?`, process.execPath, bin, file], {
    env: { ...env, npm_command: 'exec' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await started(shell)
  shell.kill('SIGTERM')
  // The pipe ends once its last holder, the command, has ended.
  await once(shell, 'close')
  assert.equal(existsSync(file), true)
})

async function started(child: ChildProcess): Promise<void> {
  assert.ok(child.stdout)
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  assert.equal(line.toString(), 'started wait\n')
}
