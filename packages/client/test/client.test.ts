import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bytesOf,
  CreateRequest,
  ErrorCode,
  ErrorResponse,
  EventType,
  GetChildrenResponse,
  GetDataResponse,
  OpCode,
  PathWatchRequest,
  readMultiWrites,
  writeMultiEnd,
  writeMultiResult,
  zxidOf,
  type Stat,
} from '@meerkat/protocol'
import { isError, ZooKeeper, ZooKeeperError, type WatchEvent, type ZooKeeperOptions } from '../src/index.ts'
import { FakeServer, type Answer } from './fakeServer.ts'

const STAT: Stat = {
  czxid: zxidOf(1),
  mzxid: zxidOf(1),
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0n,
  dataLength: 0,
  numChildren: 0,
  pzxid: zxidOf(1),
}

/** A client of a server that gives these answers; `closeSession` is answered always. */
async function clientOf(
  answer: Answer,
  options: Partial<ZooKeeperOptions> = {},
): Promise<{ server: FakeServer; client: ZooKeeper }> {
  const server = new FakeServer((request) => (request.type === OpCode.closeSession ? () => {} : answer(request)))
  const client = await ZooKeeper.connect({ servers: 'fake', transport: server.open, ...options })
  return { server, client }
}

test('an error of the server carries its code, its name and the path as it was written', async () => {
  const { client } = await clientOf(() => ErrorCode.NONODE, { servers: 'fake/root' })
  await assert.rejects(client.getData('/a'), (error) => {
    assert.ok(isError(error, 'NONODE'))
    assert.deepEqual([error.code, error.name, error.path], [-101, 'NONODE', '/a'])
    return true
  })
  assert.equal(await client.exists('/a'), null)
  await client.close()
})

test('a chroot is put before each path that is sent, and taken off each that comes back', async () => {
  const sent: string[] = []
  const { client, server } = await clientOf(
    ({ type, body }) => {
      if (type === OpCode.getChildren) {
        sent.push(PathWatchRequest.read(body).path)
        return (output) => GetChildrenResponse.write(output, { children: ['x'] })
      }
      const { path } = CreateRequest.read(body)
      sent.push(path)
      return (output) => output.string(`${path}0000000001`)
    },
    { servers: 'fake/root' },
  )
  assert.equal(await client.create('/a', 'x', { mode: 'persistentSequential' }), '/a0000000001')
  const fired = new Promise<WatchEvent>((resolve) => void client.getChildren('/', { watch: resolve }))
  while (sent.length < 2) await new Promise((resolve) => setImmediate(resolve))
  server.fire(EventType.nodeChildrenChanged, '/root')
  assert.deepEqual(await fired, { type: 'nodeChildrenChanged', path: '/', zxid: 3 })
  assert.deepEqual(sent, ['/root/a', '/root'])
  await client.close()
})

test('each create mode goes out as the operation that it needs', async () => {
  const { client, server } = await clientOf(() => (output) => output.string('/a'))
  for (const mode of ['persistent', 'ephemeralSequential', 'container', 'persistentWithTtl'] as const) {
    await client.create('/a', null, { mode, ttlMs: 5 })
  }
  assert.deepEqual(server.received, [OpCode.create, OpCode.create, OpCode.createContainer, OpCode.createTTL])
  await client.close()
})

test('a multi that fails says which operation failed it, and the code of each', async () => {
  const { client } = await clientOf(({ body }) => {
    assert.deepEqual(
      readMultiWrites(body).map(({ type }) => type),
      [OpCode.create, OpCode.delete, OpCode.setData],
    )
    return (output) => {
      for (const err of [0, ErrorCode.NONODE, ErrorCode.RUNTIMEINCONSISTENCY]) {
        writeMultiResult(output, { type: OpCode.error, body: { err } })
      }
      writeMultiEnd(output)
    }
  })
  const operations = [
    { op: 'create', path: '/a' },
    { op: 'delete', path: '/b' },
    { op: 'setData', path: '/c', data: 'x' },
  ] as const
  await assert.rejects(client.multi(operations), (error) => {
    assert.ok(error instanceof ZooKeeperError)
    assert.deepEqual([error.name, error.path, error.results], ['NONODE', '/b', [0, -101, -2]])
    return true
  })
  await client.close()
})

test('a request in flight fails with CONNECTIONLOSS, and the session goes on over another connection', async () => {
  const answers: Answer[] = [
    () => undefined,
    () => (output) => GetDataResponse.write(output, { data: bytesOf('x'), stat: STAT }),
  ]
  const { client, server } = await clientOf((request) => answers.shift()?.(request))
  const lost = assert.rejects(client.getData('/a'), (error) => isError(error, 'CONNECTIONLOSS'))
  server.drop()
  await lost
  assert.equal((await client.getData('/a')).data?.toString(), 'x')
  assert.equal(client.sessionId, 7n)
  await client.close()
})

test('a loop over watch events sees each of them, and takes the watch away when it is left', async () => {
  const { client, server } = await clientOf(() => (output) => ErrorResponse.write(output, { err: 0 }))
  const seen: string[] = []
  const events = client.watch('/a')
  const first = events.next()
  while (server.received.length === 0) await new Promise((resolve) => setImmediate(resolve))
  server.fire(EventType.nodeCreated, '/a/b')
  server.fire(EventType.nodeDeleted, '/a/b')
  seen.push(String((await first).value?.type))
  for await (const event of events) {
    seen.push(event.type)
    break
  }
  assert.deepEqual(seen, ['nodeCreated', 'nodeDeleted'])
  assert.deepEqual(server.received, [OpCode.addWatch, OpCode.removeWatches])
  await client.close()
})

test('a reply that cannot be read fails its own request only', async () => {
  let first = true
  const { client } = await clientOf(() => (output) => {
    if (first) output.int(99)
    else GetChildrenResponse.write(output, { children: ['b'] })
    first = false
  })
  await assert.rejects(client.getChildren('/'), (error) => isError(error, 'MARSHALLINGERROR'))
  assert.deepEqual(await client.getChildren('/'), ['b'])
  await client.close()
})

test('connecting says why no server could be reached', async () => {
  const refuse: NonNullable<ZooKeeperOptions['transport']> = (_, listener) => {
    queueMicrotask(() => listener.lost('connect ECONNREFUSED'))
    return { send: () => {}, close: () => {} }
  }
  await assert.rejects(
    ZooKeeper.connect({ servers: 'fake', sessionTimeoutMs: 50, transport: refuse }),
    (error) => isError(error, 'CONNECTIONLOSS') && error.message.includes('ECONNREFUSED'),
  )
})

test('what a listener asks for comes after what was asked for before', async () => {
  const server = new FakeServer(({ type }) =>
    type === OpCode.closeSession ? () => {} : (output) => GetChildrenResponse.write(output, { children: ['a'] }),
  )
  const client = ZooKeeper.open({ servers: 'fake', transport: server.open })
  const children = client.getChildren('/')
  const closed = new Promise<void>((resolve) => {
    client.on('state', (state) => {
      if (state === 'connected') void client.close().then(resolve)
    })
  })
  assert.deepEqual(await children, ['a'])
  await closed
  assert.deepEqual(server.received, [OpCode.getChildren, OpCode.closeSession])
})

test('operations after the end of the session fail with SESSIONEXPIRED', async () => {
  const { client } = await clientOf(() => undefined)
  await client.close()
  await assert.rejects(client.getChildren('/'), (error) => isError(error, 'SESSIONEXPIRED'))
})
