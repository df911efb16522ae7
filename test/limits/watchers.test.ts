/** Many watchers of one znode, more than one thread sends to, of a real server process. */
import { Input, OPEN_ACL, OPERATIONS, WatcherEvent } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Wire } from '../fuzz/wire.ts'
import { meerkat } from '../support/meerkat.ts'

const WATCHERS = 600
const CHANGES = 10

async function readAndWatch(watcher: Wire): Promise<string> {
  const { err, body } = await watcher.request('getData', { path: '/watched', watch: true })
  assert.equal(err, 0)
  return String(OPERATIONS.getData.response.read(new Input(body)).data)
}

test('Every watcher of a znode is told of each change once, before it reads it, whoever else breaks off', async (t) => {
  const server = await meerkat()
  t.after(() => server.dispose())
  const { wire: writer } = await Wire.withSession(server.port)
  await writer.request('create', { path: '/watched', data: Buffer.from('0'), acl: OPEN_ACL, flags: 0 })
  let watchers = await Promise.all(
    Array.from({ length: WATCHERS }, async () => (await Wire.withSession(server.port)).wire),
  )
  for (let change = 1; change <= CHANGES; change++) {
    await Promise.all(watchers.map(readAndWatch))
    for (const leaving of watchers.slice(-5)) leaving.socket.resetAndDestroy()
    watchers = watchers.slice(0, -5)
    const set = await writer.request('setData', { path: '/watched', data: Buffer.from(`${change}`), version: -1 })
    assert.equal(set.err, 0)
    await Promise.all(
      watchers.map(async (watcher) => {
        const told = await watcher.reply()
        assert.deepEqual([told?.xid, told?.zxid], [-1, set.zxid])
        assert.deepEqual(WatcherEvent.read(new Input(told?.body ?? Buffer.alloc(0))), {
          type: 3,
          state: 3,
          path: '/watched',
        })
      }),
    )
    assert.deepEqual(new Set(await Promise.all(watchers.map(readAndWatch))), new Set([`${change}`]))
  }
  for (const wire of [writer, ...watchers]) wire.close()
})
