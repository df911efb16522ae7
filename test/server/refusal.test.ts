import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { ZooKeeper } from '@meerkat/client'
import { meerkat } from '../support/meerkat.ts'
import { runMeerkat, temporaryFolder, writeConfiguration } from './program.ts'

/** Runs a server that cannot start; answers the one line that it prints. */
async function refusal(cwd: string, args: readonly string[], exitCode: number): Promise<string> {
  const { code, stdout, stderr } = await runMeerkat(args, { cwd }).ended
  assert.equal(code, exitCode, stderr)
  assert.equal(stdout, '')
  assert.match(stderr, /^meerkat: [^\n]+\n$/)
  return stderr.slice('meerkat: '.length, -1)
}

function serverRefusal(cwd: string, settings: Readonly<Record<string, string | number | boolean>>): Promise<string> {
  return refusal(cwd, ['server', writeConfiguration(cwd, settings)], 1)
}

/** A port that is taken until the test is over. */
async function takenPort(test: TestContext): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  test.after(() => void server.close())
  return (server.address() as AddressInfo).port
}

describe('A server that cannot start says why in one line and ends with an exit code', { concurrency: 2 }, () => {
  it('when the client port is taken', async (test) => {
    const folder = temporaryFolder(test)
    const port = await takenPort(test)
    const line = await serverRefusal(folder, { dataDir: join(folder, 'data'), clientPort: port })
    assert.match(line, new RegExp(`127\\.0\\.0\\.1:${port}: another process listens there; set clientPort`))
  })

  it('when the port of the admin server or of the metrics is taken', async (test) => {
    const folder = temporaryFolder(test)
    const port = await takenPort(test)
    const common = { dataDir: join(folder, 'data'), clientPort: 0 }
    const admin = { 'admin.enableServer': true, 'admin.serverAddress': '127.0.0.1', 'admin.serverPort': port }
    assert.match(await serverRefusal(folder, { ...common, ...admin }), /another process .*admin\.serverPort/)
    const metrics = {
      'metricsProvider.className': 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
      'metricsProvider.httpHost': '127.0.0.1',
      'metricsProvider.httpPort': port,
    }
    assert.match(await serverRefusal(folder, { ...common, ...metrics }), /another process .*metricsProvider\.httpPort/)
  })

  it('when `meerkat start` finds its port taken, or is given one that is none', async (test) => {
    const folder = temporaryFolder(test)
    const port = await takenPort(test)
    assert.match(await refusal(folder, ['start', '--port', String(port)], 1), /another process .*--port/)
    assert.match(await refusal(folder, ['start', '--port', 'zoo'], 2), /--port zoo: .*whole number from 0 to 65535/)
    assert.match(await refusal(folder, ['start', '--port', '99999'], 2), /--port 99999: .*whole number/)
  })

  it('when the data directory is a file, or lies below one', async (test) => {
    const folder = temporaryFolder(test)
    const file = join(folder, 'file')
    writeFileSync(file, 'x')
    assert.match(await serverRefusal(folder, { dataDir: file, clientPort: 0 }), /file is not a directory/)
    assert.match(await serverRefusal(folder, { dataDir: join(file, 'sub'), clientPort: 0 }), /sub is not a directory/)
    assert.match(await refusal(folder, ['start', '--data', 'file', '--port', '0'], 1), /file is not a directory/)
  })

  it('when the data directory cannot be made or written', { skip: process.platform !== 'linux' }, async (test) => {
    const folder = temporaryFolder(test)
    // Nobody makes a folder there, not even the superuser.
    const line = await serverRefusal(folder, { dataDir: '/proc/meerkat/data', clientPort: 0 })
    assert.match(line, /^\/proc\/meerkat/)
  })

  it('when a missing data directory may not be made', async (test) => {
    const folder = temporaryFolder(test)
    const settings = { dataDir: join(folder, 'none'), clientPort: 0, 'datadir.autocreate': false }
    assert.match(
      await serverRefusal(folder, settings),
      /none\/version-2 does not exist: make it, or allow datadir\.autocreate/,
    )
  })

  it('when there is no zoo.cfg', async (test) => {
    const folder = temporaryFolder(test)
    assert.match(await refusal(folder, ['server', 'zoo.cfg'], 2), /zoo\.cfg/)
    mkdirSync(join(folder, 'conf'))
    assert.match(await refusal(folder, ['server', 'conf'], 2), /conf/)
  })

  it('when a key is malformed, with file and line', async (test) => {
    const folder = temporaryFolder(test)
    const file = writeConfiguration(folder, { dataDir: 'data', clientPort: 0, maxClientCnxns: 'many' })
    assert.match(await refusal(folder, ['server', file], 2), /zoo\.cfg:6: maxClientCnxns=many: not a whole number/)
  })

  it('when Node.js is too old', async (test) => {
    const folder = temporaryFolder(test)
    const old = join(folder, 'old.mjs')
    writeFileSync(old, "Object.defineProperty(process.versions, 'node', { value: '20.1.0' })\n")
    const program = runMeerkat(['server', 'zoo.cfg'], { cwd: folder, environment: { NODE_OPTIONS: `--import ${old}` } })
    const { code, stderr } = await program.ended
    assert.equal(code, 1)
    assert.match(stderr, /^meerkat needs Node\.js 24 or newer[^\n]*\n$/)
  })

  it('when another server has the directory', async (test) => {
    const folder = temporaryFolder(test)
    const server = await meerkat({ dataDir: join(folder, 'data') })
    test.after(() => server.dispose())
    const line = await serverRefusal(folder, { dataDir: server.dataDir, clientPort: 0 })
    assert.match(line, /another server uses .*data.*process \d+/)
    const apart = { dataDir: join(folder, 'other'), dataLogDir: server.dataDir, clientPort: 0 }
    assert.match(await serverRefusal(folder, apart), /another server uses .*data.*process \d+/)
  })

  it('when the log is damaged in its middle, with file and byte and what to do', async (test) => {
    const folder = temporaryFolder(test)
    const dataDir = join(folder, 'data')
    await writeSome(dataDir)
    const version2 = join(dataDir, 'version-2')
    const log = readdirSync(version2).find((name) => name.startsWith('log.')) ?? ''
    await flipByte(join(version2, log), 700)
    const line = await serverRefusal(folder, { dataDir, clientPort: 0 })
    assert.match(line, new RegExp(`${log}, byte \\d+: the record is damaged.*restore a backup`))
  })

  it('when no snapshot is whole and the log does not begin at the beginning', async (test) => {
    const folder = temporaryFolder(test)
    const dataDir = join(folder, 'data')
    await writeSome(dataDir, { snapCount: 4 })
    const version2 = join(dataDir, 'version-2')
    for (const name of readdirSync(version2)) {
      if (name.startsWith('snapshot.')) truncateSync(join(version2, name), 60)
      else if (name === 'log.1') rmSync(join(version2, name))
    }
    const { code, stdout, stderr } = await runMeerkat(
      ['server', writeConfiguration(folder, { dataDir, clientPort: 0 })],
      {
        cwd: folder,
      },
    ).ended
    assert.equal(code, 1)
    assert.match(stdout, /cannot load the snapshot .*snapshot\.[0-9a-f]+/)
    assert.match(stderr, /^meerkat: [^\n]*snapshot[^\n]*\n$/)
  })
})

async function writeSome(dataDir: string, config: Readonly<Record<string, number>> = {}): Promise<void> {
  const server = await meerkat({ dataDir, config })
  const client = await ZooKeeper.connect({ servers: `127.0.0.1:${server.port}` })
  for (let i = 0; i < 20; i++) await client.create(`/n${i}`, 'x'.repeat(100))
  await client.close()
  await server.stop()
  await server.dispose()
}

async function flipByte(file: string, offset: number): Promise<void> {
  const handle = await open(file, 'r+')
  const byte = Buffer.alloc(1)
  await handle.read(byte, 0, 1, offset)
  byte[0] = (byte[0] ?? 0) ^ 0xff
  await handle.write(byte, 0, 1, offset)
  await handle.close()
}
