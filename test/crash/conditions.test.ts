/** Real processes in bad surroundings: stopped for a while, told to end under load, out of disk space. */
import { ErrorCode } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { meerkat } from '../support/meerkat.ts'
import { freePort } from '../support/ports.ts'
import { Population, within } from './population.ts'
import { meerkatInShell, noOwnDisk } from './shellServer.ts'

const CONFIG = { tickTime: 250, snapCount: 1000, preAllocSize: 64 }
const JVM_FLAGS = [
  '-Dzookeeper.extendedTypesEnabled=true',
  '-Dznode.container.checkIntervalMs=1000',
  '-Dzookeeper.enforceQuota=true',
]

/** A directory that goes with the test, and options for a server on it. */
async function place(t: TestContext) {
  const dataDir = await mkdtemp(join(tmpdir(), 'meerkat-crash-'))
  t.after(() => rm(dataDir, { recursive: true, force: true }))
  return { dataDir, port: await freePort(), config: CONFIG, jvmFlags: JVM_FLAGS }
}

test('A server that stood still goes on; its sessions lived for their timeout, and ended with their ephemerals', async (t) => {
  const options = await place(t)
  const server = await meerkatInShell(options)
  t.after(() => server.dispose())
  const population = new Population({ port: options.port, seed: 2, clients: 5, timeoutMs: 1200 })
  t.after(() => population.leave())
  population.start()
  for (const pauseMs of [700, 2500]) {
    await sleep(700)
    process.kill(server.pid, 'SIGSTOP')
    await sleep(pauseMs)
    process.kill(server.pid, 'SIGCONT')
  }
  await sleep(700)
  await population.settle()
  population.leave()
  assert.equal(await server.stop(), 0)
  await population.judge(options.dataDir)
})

test('SIGTERM under load ends the server cleanly, and the next one finds everything', async (t) => {
  const options = await place(t)
  const population = new Population({ port: options.port, seed: 3, clients: 6 })
  t.after(() => population.leave())
  population.start()
  for (let round = 0; round < 3; round++) {
    const server = await meerkat(options)
    t.after(() => server.dispose())
    await sleep(700)
    assert.equal(await server.stop(), 0)
    assert.doesNotMatch(server.logs(), /interrupted append|"level":"error"/)
  }
  const last = await meerkat(options)
  t.after(() => last.dispose())
  await population.settle()
  population.leave()
  assert.equal(await last.stop(), 0)
  await population.judge(options.dataDir)
})

test(
  'On a full disk nothing is acknowledged and reads go on; with space again, so do writes',
  { skip: noOwnDisk() ?? false },
  async (t) => {
    const options = await place(t)
    const server = await meerkatInShell({ ...options, diskKb: 8192 })
    t.after(() => server.dispose())
    const population = new Population({ port: options.port, seed: 4, clients: 4 })
    t.after(() => population.leave())
    population.start()
    await sleep(700)

    const seen = join('/proc', String(server.pid), 'root', options.dataDir)
    const filler = join(seen, 'filler')
    await assert.rejects(writeFile(filler, Buffer.alloc(16 * 1024 * 1024)), { code: 'ENOSPC' })
    await within(untilRefused(population), 'a write is refused')
    assert.match(server.logs(), /no space left/)
    const reader = population.actors.find(({ session }) => session.state === 'connected')
    const answer = await within(
      reader?.session.call({ op: 'exists', path: '/', watch: false }) ?? Promise.resolve(undefined),
      'a read',
    )
    assert.equal(answer?.err, ErrorCode.OK)

    await rm(filler)
    await within(untilWritten(population), 'a write is taken again')
    await population.settle()
    const copy = await mkdtemp(join(tmpdir(), 'meerkat-crash-'))
    t.after(() => rm(copy, { recursive: true, force: true }))
    await cp(join(seen, 'version-2'), join(copy, 'version-2'), { recursive: true })
    population.leave()
    assert.equal(await server.stop(), 0)
    await population.judge(copy)
  },
)

function isRefused({ err }: { err: number }): boolean {
  return err === ErrorCode.SYSTEMERROR
}

async function untilRefused({ history: { entries } }: Population): Promise<void> {
  while (!entries.some((entry) => entry.kind === 'reply' && isRefused(entry))) await sleep(20)
}

/** A reply of a new zxid. */
async function untilWritten({ history: { entries } }: Population): Promise<void> {
  const zxids = (): number =>
    entries.reduce((max, entry) => (entry.kind === 'reply' ? Math.max(max, entry.zxid) : max), 0)
  const before = zxids()
  while (zxids() <= before) await sleep(100)
}
