import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ZooKeeper, type ZooKeeperOptions } from '@meerkat/client'
import { meerkat } from '../support/meerkat.ts'
import type { ServerOptions, ServerUnderTest } from '../support/server-process.ts'
import { temporaryFolder } from './program.ts'

async function start(test: TestContext, options: ServerOptions): Promise<ServerUnderTest> {
  const server = await meerkat(options)
  test.after(() => server.dispose())
  return server
}

async function connect(
  test: TestContext,
  { port }: ServerUnderTest,
  options: Partial<ZooKeeperOptions> = {},
): Promise<ZooKeeper> {
  const client = await ZooKeeper.connect({ servers: `127.0.0.1:${port}`, sessionTimeoutMs: 10_000, ...options })
  test.after(() => client.close())
  return client
}

const filesOf = (folder: string, kind: string): string[] =>
  readdirSync(join(folder, 'version-2')).filter((name) => name.startsWith(kind))

async function until(what: string, isSo: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(50)) if (await isSo()) return
  assert.fail(`not within ${timeoutMs} ms: ${what}`)
}

describe('What a server keeps', { concurrency: 2 }, () => {
  for (const method of ['', 'gz', 'snappy'] as const) {
    it(`is there after a restart from snapshots ${method === '' ? 'as they are' : `in ${method}`}, taken by snapCount`, async (test) => {
      const dataDir = join(temporaryFolder(test), 'data')
      const config = { snapCount: 20, 'snapshot.compression.method': method }
      const server = await start(test, { dataDir, config })
      const client = await connect(test, server)
      for (let i = 0; i < 100; i++) await client.create(`/n${i}`, `data ${i}`.repeat(20))
      await until('three snapshots', () => filesOf(dataDir, 'snapshot.').length >= 3)
      const suffix = method === '' ? /^snapshot\.[0-9a-f]+$/ : new RegExp(`\\.${method}$`)
      assert.ok(filesOf(dataDir, 'snapshot.').filter((name) => suffix.test(name)).length >= 3)
      await client.close()
      assert.equal(await server.stop(), 0)

      const again = await start(test, { dataDir, config })
      const reader = await connect(test, again)
      assert.equal((await reader.getChildren('/')).length, 101)
      assert.equal(String((await reader.getData('/n42')).data), 'data 42'.repeat(20))
    })
  }

  it('is kept in a log directory of its own, with logs and snapshots of limited size, and purged at the start', async (test) => {
    const folder = temporaryFolder(test)
    const [dataDir, dataLogDir] = [join(folder, 'data'), join(folder, 'log')]
    const config = {
      dataLogDir,
      preAllocSize: 16,
      txnLogSizeLimitInKb: 64,
      snapSizeLimitInKb: 200,
      'autopurge.purgeInterval': 1,
      'autopurge.snapRetainCount': 3,
    }
    const server = await start(test, { dataDir, config })
    const client = await connect(test, server)
    await client.create('/a', '')
    for (let i = 0; i < 400; i++) await client.setData('/a', Buffer.alloc(2000, String(i)))
    await until('four snapshots by size', () => filesOf(dataDir, 'snapshot.').length >= 4)
    assert.deepEqual(filesOf(dataDir, 'log.'), [])
    assert.deepEqual(filesOf(dataLogDir, 'snapshot.'), [])
    const logs = filesOf(dataLogDir, 'log.')
    assert.ok(logs.length >= 10, `${logs.length} logs`)
    for (const name of logs) assert.ok(statSync(join(dataLogDir, 'version-2', name)).size <= 128 * 1024, name)
    await client.close()
    await server.stop()

    const again = await start(test, { dataDir, config })
    await until('old snapshots are gone', () => filesOf(dataDir, 'snapshot.').length === 3)
    await until('old logs are gone', () => filesOf(dataLogDir, 'log.').length < logs.length)
    const reader = await connect(test, again)
    const { data, stat } = await reader.getData('/a')
    assert.equal(stat.version, 400)
    assert.deepEqual(data && Buffer.from(data), Buffer.alloc(2000, '399'))
  })

  it('includes sessions: they go on after a restart and after kill -9, with ephemerals and watches', async (test) => {
    const dataDir = join(temporaryFolder(test), 'data')
    let server = await start(test, { dataDir })
    const client = await connect(test, server)
    const states: string[] = []
    client.on('state', (state) => states.push(state))
    const id = client.sessionId
    await client.create('/ephemeral', '', { mode: 'ephemeral' })
    const events: string[] = []
    for (const end of ['stop', 'kill'] as const) {
      await client.exists(`/${end}`, { watch: ({ type, path }) => events.push(`${type} ${path}`) })
      await server[end]()
      server = await start(test, { dataDir, port: server.port })
      await client.connected(10_000)
      assert.equal((await client.exists('/ephemeral'))?.ephemeralOwner, id)
      await client.create(`/${end}`, '')
      await until('the watch fires', () => events.length > 0)
      assert.match(events.shift() ?? '', new RegExp(`reated /${end}`))
    }
    assert.equal(client.sessionId, id)
    assert.ok(!states.includes('expired'))
    const other = await connect(test, server)
    await client.close()
    assert.equal(await other.exists('/ephemeral'), null)
  })

  it('loses the ephemerals of a session that does not come back', async (test) => {
    const dataDir = join(temporaryFolder(test), 'data')
    const server = await start(test, { dataDir })
    const client = await connect(test, server, { sessionTimeoutMs: 1500 })
    await client.create('/gone', '', { mode: 'ephemeral' })
    await server.kill()
    const { sessionId } = client
    void client.close()
    const again = await start(test, { dataDir })
    const other = await connect(test, again)
    assert.equal((await other.exists('/gone'))?.ephemeralOwner, sessionId)
    await until('the session expires', async () => (await other.exists('/gone')) === null)
  })
})

describe('What a server limits and removes', { concurrency: 2 }, () => {
  it('is more than a hard quota; a soft one is only logged', async (test) => {
    const server = await start(test, { config: { enforceQuota: true } })
    const client = await connect(test, server)
    const quota = async (name: string, limits: string): Promise<void> => {
      await client.create(`/${name}`, '')
      await client.create(`/zookeeper/quota/${name}`, '')
      await client.create(`/zookeeper/quota/${name}/zookeeper_limits`, limits)
      await client.create(`/zookeeper/quota/${name}/zookeeper_stats`, 'count=0,bytes=0')
    }
    await quota('hard', 'count=-1,bytes=-1=;byteHardLimit=100;countHardLimit=3')
    await client.create('/hard/a', 'x')
    await client.create('/hard/b', 'x')
    await assert.rejects(client.create('/hard/c', 'x'), { name: 'QUOTAEXCEEDED' })
    await assert.rejects(client.setData('/hard/a', 'x'.repeat(120)), { name: 'QUOTAEXCEEDED' })
    await client.setData('/hard/a', 'x'.repeat(50))
    await client.delete('/hard/b')
    await client.create('/hard/c', 'x')
    await quota('soft', 'count=2,bytes=10')
    for (const name of ['a', 'b', 'c']) await client.create(`/soft/${name}`, 'x'.repeat(10))
    assert.match(String((await client.getData('/zookeeper/quota/soft/zookeeper_stats')).data), /count=4,bytes=30/)
    await until('the soft quota is logged', () => /"path":"\/soft".*count/.test(server.logs()), 3000)
  })

  it('are empty containers and znodes whose time is over', async (test) => {
    const server = await start(test, {
      config: { extendedTypesEnabled: true },
      jvmFlags: ['-Dznode.container.checkIntervalMs=100'],
    })
    const client = await connect(test, server)
    await client.create('/container', '', { mode: 'container' })
    await client.create('/container/child', '')
    await client.create('/unused', '', { mode: 'container' })
    await client.create('/short', '', { mode: 'persistentWithTtl', ttlMs: 300 })
    await client.create('/long', '', { mode: 'persistentWithTtl', ttlMs: 100_000 })
    await until('the short one is gone', async () => (await client.exists('/short')) === null)
    assert.notEqual(await client.exists('/container'), null)
    await client.delete('/container/child')
    await until('the container is gone', async () => (await client.exists('/container')) === null)
    assert.notEqual(await client.exists('/unused'), null)
    assert.notEqual(await client.exists('/long'), null)
  })

  it('is data beyond jute.maxbuffer, on both sides', async (test) => {
    const server = await start(test, { jvmFlags: ['-Djute.maxbuffer=20000'] })
    const client = await connect(test, server)
    await client.create('/big', Buffer.alloc(15_000))
    await assert.rejects(client.setData('/big', Buffer.alloc(30_000)), { name: 'CONNECTIONLOSS' })
    await client.connected(5000)
    assert.equal((await client.getData('/big')).data?.length, 15_000)
    const narrow = await connect(test, server, { maxBuffer: 10_000 })
    await assert.rejects(narrow.getData('/big'), { name: 'CONNECTIONLOSS' })
    assert.match(server.logs(), /"a connection was closed".*30\d\d\d/)
    // A reply may be longer than a request: many children.
    for (let i = 0; i < 30; i++) await client.create(`/child-${String(i).repeat(400)}`, '')
    assert.equal((await client.getChildren('/')).length, 32)
  })
})
