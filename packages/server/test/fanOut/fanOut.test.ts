import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Batch, batchMemory } from '../../src/fanOut/batch.ts'
import { FanOut } from '../../src/fanOut/fanOut.ts'

interface Pair {
  readonly near: Socket
  readonly far: Socket
}

/** Connections of 127.0.0.1, closed after the test. */
async function pairs(context: TestContext, count: number): Promise<Pair[]> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const made: Pair[] = []
  for (let i = 0; i < count; i++) {
    const arrived = once(server, 'connection')
    const far = connect(port, '127.0.0.1')
    const [near] = (await arrived) as [Socket]
    if (far.connecting) await once(far, 'connect')
    far.on('error', () => undefined)
    near.on('error', () => undefined)
    made.push({ near, far })
  }
  context.after(() => {
    for (const { near, far } of made) for (const socket of [near, far]) socket.destroy()
    server.close()
  })
  return made
}

function descriptorOf(socket: Socket): number {
  return (socket as unknown as { _handle: { fd: number } })._handle.fd
}

async function read(socket: Socket, length: number): Promise<string> {
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
  while (text.length < length) await once(socket, 'data')
  return text
}

const started: FanOut[] = []

function newFanOut(options: { idleMs?: number } = {}): FanOut {
  const fanOut = new FanOut({ ...options, onError: (error) => assert.fail(error) })
  started.push(fanOut)
  return fanOut
}

afterEach(() => {
  for (const fanOut of started.splice(0)) fanOut.stop()
})

test('Each socket gets its own bytes, once and in order, batch after batch', async (t) => {
  const sockets = await pairs(t, 300)
  const fanOut = newFanOut()
  const batches = 20
  const texts = sockets.map((_, i) => Array.from({ length: batches }, (_, turn) => `<${i}:${turn}>`.padEnd(40)))
  const received = sockets.map(({ far }) => read(far, 40 * batches))
  for (let turn = 0; turn < batches; turn++) {
    const batch = fanOut.begin()
    sockets.forEach(({ near }, i) => batch.add(descriptorOf(near), Buffer.from(texts[i]?.[turn] ?? '')))
    fanOut.send(batch)
    for (const i of sockets.keys()) assert.equal(batch.sent(i), 40)
    // The second thread needs a moment to start; both have taken part in most of these.
    await sleep(5)
  }
  assert.deepEqual(
    await Promise.all(received),
    texts.map((parts) => parts.join('')),
  )
})

test('Of what a full socket or a broken one does not take, nothing or a part is said to be sent', async (t) => {
  const [full, broken, fine] = await pairs(t, 3)
  assert.ok(full !== undefined && broken !== undefined && fine !== undefined)
  broken.far.resetAndDestroy()
  await sleep(50)
  const fanOut = newFanOut()
  const large = Buffer.alloc(1024 * 1024, 'x')
  let sent = 0
  for (let previous = -1; sent !== previous;) {
    previous = sent
    const batch = fanOut.begin()
    batch.add(descriptorOf(full.near), large)
    fanOut.send(batch)
    sent += batch.sent(0)
  }
  assert.ok(sent > 0, 'something fits')
  const batch = fanOut.begin()
  batch.add(descriptorOf(full.near), large)
  batch.add(descriptorOf(broken.near), large)
  batch.add(descriptorOf(fine.near), Buffer.from('fine'))
  fanOut.send(batch)
  assert.ok(batch.sent(0) < large.length)
  assert.deepEqual([batch.sent(1), batch.sent(2)], [0, 4])
  assert.equal(await read(fine.far, 4), 'fine')
  sent += batch.sent(0)
  assert.equal((await read(full.far, sent)).length, sent)
})

test('A full batch takes no more', () => {
  const batch = new Batch(batchMemory({ sends: 2, bytes: 100 }))
  batch.clear()
  assert.deepEqual([batch.add(1, Buffer.alloc(60)), batch.add(1, Buffer.alloc(60))], [0, undefined])
  assert.deepEqual([batch.add(1, Buffer.alloc(40)), batch.add(1, Buffer.alloc(0))], [1, undefined])
  batch.clear()
  assert.equal(batch.add(1, Buffer.alloc(100)), 0)
})

test('The second thread ends when it is not needed, and the next batch starts another', async (t) => {
  const [pair] = await pairs(t, 1)
  assert.ok(pair !== undefined)
  const fanOut = newFanOut({ idleMs: 20 })
  const say = (text: string): Batch => {
    const batch = fanOut.begin()
    batch.add(descriptorOf(pair.near), Buffer.from(text))
    fanOut.send(batch)
    return batch
  }
  const received = read(pair.far, 4)
  const first = say('on')
  await sleep(100)
  assert.notEqual(say('ce'), first)
  assert.equal(await received, 'once')
})
