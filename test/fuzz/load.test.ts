import { OPEN_ACL, OPERATIONS } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import process from 'node:process'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { meerkat } from '../support/meerkat.ts'
import { fourLetterWord, type ServerUnderTest } from '../support/server-process.ts'
import { startHealthyClient } from './healthy.ts'
import { Wire, connectFrame, requestFrame } from './wire.ts'

/** More take more time and files: a full run has ten thousand. */
const CONNECTIONS = Number(process.env['MEERKAT_FUZZ_CONNECTIONS'] ?? 2_000)
const KIB = 1024
const MIB = 1024 * KIB
/** Bytes that a connection may leave unread, as these tests configure it. */
const UNREAD_BYTES = 8 * MIB

let server: ServerUnderTest

before(async () => {
  server = await meerkat({ config: { 'meerkat.limits.sessionOutputBytes': UNREAD_BYTES } })
})

after(() => server.dispose())

/** Runs `work` while another client works; its requests must all succeed in time. Answers the growth of memory in bytes. */
async function meanwhileOthersWork(work: (grownBytes: () => Promise<number>) => Promise<void>): Promise<void> {
  const healthy = await startHealthyClient(server.port, 5_000)
  await sleep(100)
  const before = await residentBytes()
  await work(async () => (await residentBytes()) - before)
  assert.ok((await healthy.finish()) > 5)
}

/** Memory of the server's process, the only child of this one; 0 where there is no /proc, and nothing is judged. */
async function residentBytes(): Promise<number> {
  const children = `/proc/${process.pid}/task/${process.pid}/children`
  if (!existsSync(children)) return 0
  // What the tests before left behind is collected sooner or later; a moment of rest brings it near.
  await sleep(100)
  const pid = readFileSync(children, 'utf8').trim().split(' ').find(isServer)
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * KIB
}

function isServer(pid: string): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('meerkat.js')
}

async function openConnections(): Promise<number> {
  return Number(/Connections: (\d+)/.exec(await fourLetterWord(server, 'srvr'))?.[1])
}

/** Connections that send `first` and then nothing. */
async function silentConnections(count: number, first: Uint8Array): Promise<Socket[]> {
  const sockets: Socket[] = []
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(200, count - sockets.length) }, () => connect(server.port, server.host))
    await Promise.all(batch.map((socket) => once(socket, 'connect')))
    for (const socket of batch) socket.on('error', () => {}).write(first)
    sockets.push(...batch)
  }
  return sockets
}

const silences: [string, Uint8Array, number][] = [
  ['say nothing at all', Buffer.alloc(0), 32 * KIB],
  ['send half a handshake', connectFrame().subarray(0, 20), 32 * KIB],
  ['announce the longest frame and send a byte of it', Buffer.from('000fffff00', 'hex'), 32 * KIB],
]
for (const [what, first, bytesEach] of silences) {
  test(`${CONNECTIONS} connections that ${what} take at most ${bytesEach / KIB} KiB each, and others work on`, async () => {
    await meanwhileOthersWork(async (grownBytes) => {
      const sockets = await silentConnections(CONNECTIONS, first)
      await sleep(200)
      assert.ok(sockets.every((socket) => !socket.destroyed))
      const grown = await grownBytes()
      for (const socket of sockets) socket.destroy()
      assert.ok(grown < CONNECTIONS * bytesEach + 32 * MIB, `${Math.round(grown / MIB)} MiB`)
    })
  })
}

test('a client that never reads its replies is held up, or closed at its bound, and others work on', async () => {
  const { wire: writer } = await Wire.withSession(server.port)
  const data = Buffer.alloc(64 * KIB, 1)
  await writer.request('create', { path: '/large', data, acl: OPEN_ACL, flags: 0 })
  await meanwhileOthersWork(async (grownBytes) => {
    const { wire: deaf } = await Wire.withSession(server.port)
    deaf.socket.pause()
    const { code, request } = OPERATIONS.getData
    const ask = requestFrame({ xid: 1, type: code }, (output) =>
      request.write(output, { path: '/large', watch: false }),
    )
    // 20,000 replies of 64 KiB: more than a gibibyte, if somebody kept them.
    deaf.send(Buffer.concat(Array.from({ length: 20_000 }, () => ask)))
    await sleep(1_500)
    const grown = await grownBytes()
    deaf.close()
    assert.ok(grown < UNREAD_BYTES + 64 * MIB, `${Math.round(grown / MIB)} MiB`)
  })
  writer.close()
})

test('a watcher that never reads its events is closed at its bound, and others work on', async () => {
  await meanwhileOthersWork(async (grownBytes) => {
    const { wire: deaf } = await Wire.withSession(server.port)
    await deaf.request('addWatch', { path: '/', mode: 1 })
    deaf.socket.pause()
    const before = await openConnections()
    const { wire: writer } = await Wire.withSession(server.port)
    const path = `/${'long'.repeat(200)}`
    await writer.request('create', { path, data: null, acl: OPEN_ACL, flags: 0 })
    const { code, request } = OPERATIONS.setData
    const set = requestFrame({ xid: 2, type: code }, (output) =>
      request.write(output, { path, data: null, version: -1 }),
    )
    for (let round = 0; round < 60 && (await openConnections()) > before; round++) {
      writer.send(Buffer.concat(Array.from({ length: 500 }, () => set)))
      for (let i = 0; i < 500; i++) await writer.reply()
    }
    assert.ok((await openConnections()) <= before, 'the watcher that does not read is still connected')
    assert.ok((await grownBytes()) < UNREAD_BYTES + 64 * MIB)
    writer.close()
    deaf.close()
  })
})

test('connections that are opened and broken off at once leave nothing behind', async () => {
  await meanwhileOthersWork(async () => {
    const before = await openConnections()
    for (let round = 0; round < 10; round++) {
      const sockets = await silentConnections(100, connectFrame())
      for (const socket of sockets) socket.resetAndDestroy()
    }
    for (let patience = 50; patience > 0 && (await openConnections()) > before; patience--) await sleep(100)
    assert.ok((await openConnections()) <= before)
  })
})
