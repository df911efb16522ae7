import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { test } from 'node:test'
import { bytesOf } from '@meerkat/protocol'
import { socketTransport, type Transport, type TransportListener } from '../src/transport.ts'

/** What a transport told, in order; `until` waits for a number of things. */
class Heard implements TransportListener {
  readonly told: string[] = []
  private wake: () => void = () => {}

  opened(): void {
    this.tell('opened')
  }

  received(bytes: Uint8Array): void {
    this.tell(`received ${Buffer.from(bytes).toString()}`)
  }

  lost(reason: string): void {
    this.tell(`lost: ${reason}`)
  }

  async until(count: number): Promise<void> {
    while (this.told.length < count) await new Promise<void>((resolve) => (this.wake = resolve))
  }

  private tell(text: string): void {
    this.told.push(text)
    this.wake()
  }
}

async function listening(handle: (socket: Socket) => void): Promise<Server> {
  const server = createServer(handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function openTo(server: Server, heard: Heard): Transport {
  return socketTransport()({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }, heard)
}

test('bytes go there and back, and the end of the connection is told', async () => {
  const server = await listening((socket) => socket.once('data', (bytes) => socket.end(bytes)))
  const heard = new Heard()
  const transport = openTo(server, heard)
  await heard.until(1)
  transport.send(bytesOf('he'))
  transport.send(bytesOf('llo'))
  await heard.until(3)
  assert.deepEqual(heard.told, ['opened', 'received hello', 'lost: the server closed the connection'])
  server.close()
})

test('after it was closed, nothing is heard of it', async () => {
  const server = await listening((socket) => socket.on('error', () => {}))
  const heard = new Heard()
  openTo(server, heard).close()
  const second = new Heard()
  const transport = openTo(server, second)
  await second.until(1)
  assert.deepEqual(heard.told, [])
  transport.close()
  server.close()
})

test('a server that cannot be reached is told with the reason', async () => {
  const server = await listening(() => {})
  const heard = new Heard()
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  socketTransport()({ host: '127.0.0.1', port }, heard)
  await heard.until(1)
  assert.match(heard.told[0] ?? '', /^lost: connect ECONNREFUSED/)
})
