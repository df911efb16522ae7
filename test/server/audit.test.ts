import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { OPEN_ACL, ZooKeeper } from '@meerkat/client'
import { apache } from '../support/apache.ts'
import { meerkat } from '../support/meerkat.ts'
import { missingPeer } from '../support/peers.ts'
import type { ServerUnderTest } from '../support/server-process.ts'
import { temporaryFolder } from './program.ts'

/** Changes of every kind, by two sessions one of which leaves ephemerals behind. */
async function change({ port }: ServerUnderTest): Promise<void> {
  const options = { servers: `127.0.0.1:${port}`, sessionTimeoutMs: 4000 }
  const ann = await ZooKeeper.connect({ ...options, auth: [{ scheme: 'digest', auth: 'ann:secret' }] })
  const fails = async (what: Promise<unknown>): Promise<void> => {
    await assert.rejects(what)
  }
  await ann.create('/a', 'x')
  await fails(ann.create('/a', 'x'))
  await ann.create2('/a/two', 'x')
  await ann.create('/a/s-', '', { mode: 'persistentSequential' })
  await ann.create('/a/es-', '', { mode: 'ephemeralSequential' })
  await ann.create('/a/c', '', { mode: 'container' })
  await ann.create('/a/t', '', { mode: 'persistentWithTtl', ttlMs: 1_000_000 })
  await ann.setData('/a', 'y')
  await fails(ann.setData('/a', 'y', 7))
  await fails(ann.setData('/none', 'y'))
  await ann.setACL('/a/two', [...OPEN_ACL, { perms: 5, id: { scheme: 'ip', id: '127.0.0.1' } }])
  await ann.delete('/a/two')
  await fails(ann.delete('/a'))
  await ann.multi([
    { op: 'create', path: '/m', data: '' },
    { op: 'check', path: '/m', version: 0 },
    { op: 'setData', path: '/m', data: 'z' },
    { op: 'delete', path: '/m' },
  ])
  await fails(
    ann.multi([
      { op: 'create', path: '/n', data: '' },
      { op: 'delete', path: '/none' },
      { op: 'setData', path: '/n', data: 'z' },
    ]),
  )
  await fails(ann.create('no-slash', ''))
  await ann.getData('/a')
  await ann.sync('/')
  const ben = await ZooKeeper.connect(options)
  await ben.create('/ephemeral', '', { mode: 'ephemeral' })
  await ben.close()
  await ann.close()
}

/** The lines, with sessions by number and each one's users sorted: Apache has them from a hash table. */
function events(text: string): string[] {
  const sessions: string[] = []
  return text
    .split('\n')
    .filter((line) => line.includes('operation='))
    .map((line) => line.slice(line.search(/(session|user)=/)))
    .map((line) => line.replace(/user=(\S+)/, (_all, users: string) => `user=${users.split(',').toSorted().join()}`))
    .map((line) =>
      line.replace(/session=(0x[0-9a-f]+)/, (_all, id: string) => {
        if (!sessions.includes(id)) sessions.push(id)
        return `session=${sessions.indexOf(id)}`
      }),
    )
}

describe('The audit log', () => {
  it("has the lines of Apache's for the same changes", { skip: missingPeer('apache-3.9.4') ?? false }, async (test) => {
    const file = join(temporaryFolder(test), 'audit.log')
    const config = { extendedTypesEnabled: true }
    const jvmFlags = ['-Dzookeeper.audit.enable=true']
    const ours = await meerkat({ config: { ...config, 'meerkat.audit.file': file }, jvmFlags })
    test.after(() => ours.dispose())
    await change(ours)
    await ours.stop()
    const theirs = await apache('3.9.4')({ config, jvmFlags })
    test.after(() => theirs.dispose())
    await change(theirs)
    await sleep(200)
    await theirs.stop()
    assert.deepEqual(events(readFileSync(file, 'utf8')), events(theirs.logs()))
  })

  it('stands among the log lines as JSON where it has no file', async (test) => {
    const server = await meerkat({ config: { 'audit.enable': true, 'meerkat.log.level': 'error' } })
    test.after(() => server.dispose())
    const client = await ZooKeeper.connect({ servers: `127.0.0.1:${server.port}` })
    await client.create('/a', 'x')
    await client.close()
    await server.stop()
    const lines = server
      .logs()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const created = lines.find(({ operation }) => operation === 'create')
    assert.ok(created !== undefined)
    assert.equal(created['component'], 'audit')
    assert.equal(created['znode'], '/a')
    assert.equal(created['user'], '127.0.0.1')
    assert.deepEqual(
      lines.map(({ operation }) => operation),
      ['serverStart', 'create', 'serverStop'],
    )
  })
})
