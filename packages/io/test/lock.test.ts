import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { DirectoryLockError, lockDirectories } from '../src/lock.ts'

const root = await mkdtemp(join(tmpdir(), 'meerkat-lock-'))
const holders: ChildProcess[] = []
after(async () => {
  for (const child of holders) child.kill('SIGKILL')
  await rm(root, { recursive: true })
})
let count = 0

async function directory(): Promise<string> {
  const path = join(root, String(count++))
  await mkdir(path)
  return path
}

/** A process that holds the lock until it is killed. */
async function holder(path: string): Promise<ChildProcess> {
  const lock = new URL('../src/lock.ts', import.meta.url).href
  // The lock must not go with a collection of garbage, although its holder kept nothing of it.
  const script = `import { lockDirectories } from ${JSON.stringify(lock)}
    lockDirectories([${JSON.stringify(path)}])
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
    console.log('held')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  holders.push(child)
  await once(child.stdout, 'data')
  return child
}

test('A second process is told who has the directory, until the first one is killed', async () => {
  const path = await directory()
  const child = await holder(path)
  const isOwned = (error: unknown): boolean =>
    error instanceof DirectoryLockError &&
    error.message.includes(`another server uses ${path}: process ${child.pid} on `)
  assert.throws(() => lockDirectories([path]), isOwned)
  assert.throws(() => lockDirectories([path]), isOwned)
  child.kill('SIGKILL')
  await once(child, 'exit')
  lockDirectories([path]).release()
})

test('A lock that is released can be taken again, also by the same process', async () => {
  const path = await directory()
  const lock = lockDirectories([path])
  assert.throws(() => lockDirectories([path]), /another server uses/)
  lock.release()
  lockDirectories([path]).release()
})

test('One directory under two names is locked once', async () => {
  const path = await directory()
  await symlink(path, `${path}-link`)
  lockDirectories([path, `${path}-link`, `${path}/.`]).release()
})

test('If one of two directories is taken, the other is let go', async () => {
  const [first, second] = [await directory(), await directory()]
  const held = lockDirectories([second])
  assert.throws(() => lockDirectories([first, second]), DirectoryLockError)
  lockDirectories([first]).release()
  held.release()
})

test('A lock that cannot be made says so', async () => {
  const path = await directory()
  await mkdir(join(path, 'meerkat.lock'))
  assert.throws(
    () => lockDirectories([path]),
    /cannot lock .*: unable to open database file\. The server must be allowed/,
  )
})
