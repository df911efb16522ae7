import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ZooKeeper } from '@meerkat/client'
import { apache } from '../support/apache.ts'
import { meerkat } from '../support/meerkat.ts'
import { requirePeer } from '../support/peers.ts'
import type { StartServer } from '../support/server-process.ts'

test('a session of our client outlives a kill of our server, with its ephemerals, watches and credentials', () =>
  outlivesKill(meerkat))

test("a session of our client outlives a kill of Apache's server in the same way", async (t) => {
  if (requirePeer(t, 'apache-3.9.4') !== undefined) await outlivesKill(apache('3.9.4'))
})

async function outlivesKill(start: StartServer): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'meerkat-reconnect-'))
  let server = await start({ dataDir })
  const { port } = server
  const client = await ZooKeeper.connect({
    servers: `127.0.0.1:${port}`,
    sessionTimeoutMs: 10_000,
    auth: [{ scheme: 'digest', auth: 'user:password' }],
  })
  try {
    const events: string[] = []
    await client.create('/mine', 'x', { acl: [{ perms: 31, id: { scheme: 'auth', id: '' } }] })
    await client.create('/mine/e', 'x', { mode: 'ephemeral' })
    await client.getData('/mine', { watch: ({ type }) => events.push(`once ${type}`) })
    await client.addWatch('/mine', ({ type, path }) => events.push(`${type} ${path}`))
    await server.kill()
    server = await start({ dataDir, port })
    while (!client.isConnected) await once(client, 'state')
    // The ACL lets nobody else write.
    await client.setData('/mine', 'y')
    await client.setData('/mine/e', 'y')
    assert.deepEqual(await client.getEphemerals(), ['/mine/e'])
    assert.deepEqual(events, ['once nodeDataChanged', 'nodeDataChanged /mine', 'nodeDataChanged /mine/e'])
  } finally {
    await client.close()
    await server.dispose()
    await rm(dataDir, { recursive: true, force: true })
  }
}
