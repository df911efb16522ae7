import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ZooKeeper } from '@meerkat/client'
import { meerkat } from '../support/meerkat.ts'
import { temporaryFolder } from './program.ts'

describe('The log of a server', () => {
  it('is JSON, a line each, with level, time, component and message', async (test) => {
    const server = await meerkat()
    test.after(() => server.dispose())
    const client = await ZooKeeper.connect({ servers: `127.0.0.1:${server.port}` })
    await client.close()
    await server.stop()
    const lines = server.logs().trim().split('\n')
    assert.ok(lines.length > 0)
    for (const line of lines) {
      const { level, time, component, message } = JSON.parse(line) as Record<string, string>
      assert.match(level ?? '', /^(info|warn)$/, line)
      assert.equal(new Date(time ?? '').toISOString(), time)
      assert.notEqual(component, undefined)
      assert.notEqual(message, undefined)
    }
  })

  it('goes to a file that is put aside by size, and kept by count', async (test) => {
    const folder = temporaryFolder(test)
    const file = join(folder, 'meerkat.log')
    const server = await meerkat({
      config: {
        'meerkat.log.file': file,
        'meerkat.log.maxSizeMb': 1,
        'meerkat.log.maxFiles': 2,
        'meerkat.log.level': 'trace',
        'audit.enable': true,
      },
    })
    test.after(() => server.dispose())
    const client = await ZooKeeper.connect({ servers: `127.0.0.1:${server.port}` })
    const long = `/${'n'.repeat(4000)}`
    await client.create(long, '')
    for (let i = 0; i < 900; i += 100) {
      await Promise.all(Array.from({ length: 100 }, () => client.setData(long, String(i))))
    }
    await client.close()
    await server.stop()
    const files = readdirSync(folder)
    assert.equal(files.length, 2, files.join())
    for (const name of files) assert.ok(statSync(join(folder, name)).size <= 1.1 * 1024 * 1024, name)
    for (const line of readFileSync(file, 'utf8').trim().split('\n')) JSON.parse(line)
    assert.equal(server.logs(), '')
  })

  /** A server that logs errors alone, its level, and what it logs of a client that comes and goes. */
  async function quietServer(test: TestContext) {
    const server = await meerkat({ config: { 'meerkat.log.level': 'error' } })
    test.after(() => server.dispose())
    const url = `http://127.0.0.1:${server.adminPort}/commands/log_level`
    return {
      server,
      url,
      level: async (): Promise<unknown> => ((await (await fetch(url)).json()) as { level: unknown }).level,
      visit: async (): Promise<string> => {
        const before = server.logs().length
        const client = await ZooKeeper.connect({ servers: `127.0.0.1:${server.port}` })
        await client.close()
        await sleep(100)
        return server.logs().slice(before)
      },
    }
  }

  it('has debug lines from one SIGUSR2 to the next', async (test) => {
    const { server, level, visit } = await quietServer(test)
    assert.equal(await visit(), '')
    server.signal('SIGUSR2')
    while ((await level()) !== 'debug') await sleep(10)
    assert.match(await visit(), /"level":"debug".*a connection was closed/)
    server.signal('SIGUSR2')
    while ((await level()) !== 'error') await sleep(10)
    assert.equal(await visit(), '')
  })

  it('changes its level while the server runs, by the admin server', async (test) => {
    const { url, level, visit } = await quietServer(test)
    assert.equal(await level(), 'error')
    assert.equal(await visit(), '')
    const headers = { authorization: 'digest any:body' }
    const answer = await fetch(`${url}?level=debug`, { method: 'POST', headers })
    assert.equal(answer.status, 200, await answer.text())
    assert.equal(await level(), 'debug')
    assert.match(await visit(), /"level":"debug".*a connection was closed/)
    assert.equal((await fetch(`${url}?level=loud`, { method: 'POST', headers })).status, 400)
  })

  it('has a bounded number of lines for what strangers do', async (test) => {
    const server = await meerkat()
    test.after(() => server.dispose())
    for (let i = 0; i < 200; i++) {
      await new Promise<void>((resolve) => {
        const socket = connect(server.port, '127.0.0.1', () => socket.end(Buffer.alloc(64, 0xff)))
        socket.on('error', () => undefined).on('close', () => resolve())
      })
    }
    const client = await ZooKeeper.connect({ servers: `127.0.0.1:${server.port}` })
    await client.close()
    const lines = server.logs().split('\n')
    assert.ok(lines.length > 5 && lines.length < 100, `${lines.length} lines`)
  })
})
