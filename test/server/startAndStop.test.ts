import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isError, ZooKeeper } from '@meerkat/client'
import { freePort } from '../support/ports.ts'
import { meerkatJs, runMeerkat, temporaryFolder, writeConfiguration, type Program } from './program.ts'

describe('`meerkat start` in an empty folder', () => {
  it('says where to connect, what to try and how to stop, and keeps the data', async (test) => {
    const folder = temporaryFolder(test)
    const port = await freePort()
    const first = runMeerkat(['start', '--port', String(port)], { cwd: folder })
    await first.untilPrinted('Ctrl-C')
    assert.match(first.stdout(), new RegExp(`127\\.0\\.0\\.1:${port}.*${folder}/data`))
    assert.match(first.stdout(), /npx meerkat shell .*create \/hello world/)
    assert.ok(first.stdout().split('\n').length < 8)
    const shell = (...words: string[]) =>
      runMeerkat(['shell', '-server', `127.0.0.1:${port}`, ...words], { cwd: folder }).ended
    const created = await shell('create', '/hello', 'world')
    assert.match(created.stdout + created.stderr, /Created \/hello/)
    first.signal('SIGINT')
    const { code, stderr } = await first.ended
    assert.deepEqual([code, stderr], [0, ''])

    const second = runMeerkat(['start', '--port', String(port)], { cwd: folder })
    await second.untilPrinted('Ctrl-C')
    assert.match((await shell('get', '/hello')).stdout, /^world$/m)
    second.signal('SIGTERM')
    assert.equal((await second.ended).code, 0)
  })
})

describe('`meerkat server`', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`answers what it accepted under load and ends with 0 at ${signal}, also when it comes twice`, async (test) => {
      const folder = temporaryFolder(test)
      const { program, port } = await startServer(folder)
      const load = await writeUntilLost(test, port)
      await sleep(500)
      program.signal(signal)
      program.signal(signal)
      await sleep(10)
      program.signal('SIGINT')
      const { code, stderr } = await program.ended
      assert.deepEqual([code, stderr], [0, ''])
      const acknowledged = await load.lost
      assert.ok(acknowledged > 10, `${acknowledged} writes`)

      const again = await startServer(folder, port)
      const client = await ZooKeeper.connect({ servers: `127.0.0.1:${port}` })
      const { stat } = await client.getData('/load')
      assert.equal(stat.version, acknowledged, 'all that were accepted have been answered, and none is lost')
      await client.close()
      again.program.signal('SIGTERM')
      assert.equal((await again.program.ended).code, 0)
    })
  }

  it('stops while connections of the admin server, half a request and idle sockets are open', async (test) => {
    const folder = temporaryFolder(test)
    const adminPort = await freePort()
    const { program, port } = await startServer(folder, undefined, {
      'admin.enableServer': true,
      'admin.serverAddress': '127.0.0.1',
      'admin.serverPort': adminPort,
    })
    const sockets = [connect(adminPort, '127.0.0.1'), connect(adminPort, '127.0.0.1'), connect(port, '127.0.0.1')]
    for (const socket of sockets) socket.on('error', () => socket.destroy())
    sockets[0]?.write('GET /commands/ruok HTTP/1.1\r\n')
    await fetch(`http://127.0.0.1:${adminPort}/commands/ruok`)
    const began = Date.now()
    program.signal('SIGTERM')
    assert.equal((await program.ended).code, 0)
    assert.ok(Date.now() - began < 5000)
    for (const socket of sockets) socket.destroy()
  })

  it('stops when the signal comes while it starts', async (test) => {
    const folder = temporaryFolder(test)
    for (const delay of [150, 250, 350]) {
      const file = writeConfiguration(folder, { dataDir: join(folder, 'data'), clientPort: 0 })
      const program = runMeerkat(['server', file], { cwd: folder })
      await sleep(delay)
      program.signal('SIGTERM')
      const { code, signal } = await program.ended
      assert.ok(code === 0 || signal === 'SIGTERM', `after ${delay} ms: ${code}`)
    }
  })

  it("takes -D flags of Apache's scripts, and says that it ignores those for the heap", async (test) => {
    const folder = temporaryFolder(test)
    const { program, port } = await startServer(
      folder,
      undefined,
      {},
      {
        SERVER_JVMFLAGS:
          '-Xmx1000m -XX:+UseG1GC -Dzookeeper.4lw.commands.whitelist=conf,ruok -Djute.maxbuffer=4096 -Dzookeeper.snapCount=77',
        JVMFLAGS: '-Dzookeeper.extendedTypesEnabled=true',
      },
    )
    const client = await ZooKeeper.connect({ servers: `127.0.0.1:${port}` })
    await client.create('/a', Buffer.alloc(3000))
    await client.create('/ttl', 'x', { mode: 'persistentWithTtl', ttlMs: 100_000 })
    await assert.rejects(client.setData('/a', Buffer.alloc(5000)), (error) => isError(error, 'CONNECTIONLOSS'))
    await client.close()
    program.signal('SIGTERM')
    const { code, stdout } = await program.ended
    assert.equal(code, 0)
    assert.match(stdout, /-Xmx1000m/)
    assert.match(stdout, /UseG1GC/)
    assert.doesNotMatch(stdout, /jute\.maxbuffer.*no effect/)
  })

  it('warns of a key that nobody knows, with the nearest one', async (test) => {
    const folder = temporaryFolder(test)
    const { program } = await startServer(folder, undefined, { maxClientCnxn: 3 })
    program.signal('SIGTERM')
    assert.match((await program.ended).stdout, /zoo\.cfg:6.*maxClientCnxn\b.*maxClientCnxns/)
  })

  it('is one process', async (test) => {
    const { program } = await startServer(temporaryFolder(test))
    if (existsSync('/proc')) {
      assert.equal(readFileSync(`/proc/${program.pid}/task/${program.pid}/children`, 'utf8'), '')
      assert.ok(readFileSync(`/proc/${program.pid}/cmdline`, 'utf8').includes(meerkatJs))
    }
    program.signal('SIGTERM')
    await program.ended
  })
})

async function startServer(
  folder: string,
  port?: number,
  settings: Readonly<Record<string, string | number | boolean>> = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<{ program: Program; port: number }> {
  const clientPort = port ?? (await freePort())
  const file = writeConfiguration(folder, { dataDir: join(folder, 'data'), clientPort, ...settings })
  const program = runMeerkat(['server', file], { cwd: folder, environment })
  await program.untilPrinted('"serving"')
  return { program, port: clientPort }
}

/** Keeps 200 writes outstanding; `lost` is the number of those that were acknowledged, once the server is gone. */
async function writeUntilLost(test: TestContext, port: number): Promise<{ lost: Promise<number> }> {
  const client = await ZooKeeper.connect({ servers: `127.0.0.1:${port}` })
  test.after(() => client.close())
  await client.create('/load', '')
  let acknowledged = 0
  const write = async (): Promise<void> => {
    for (;;) {
      await client.setData('/load', 'x'.repeat(200))
      acknowledged++
    }
  }
  const lost = Promise.allSettled(Array.from({ length: 200 }, write)).then(() => acknowledged)
  return { lost }
}
