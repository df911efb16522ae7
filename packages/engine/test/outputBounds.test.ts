/** What one client can make of memory by asking. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode, OpCode, asBytes, bytesOf } from '@meerkat/protocol'
import { OPEN, TestServer } from './harness.ts'

const large = bytesOf('x'.repeat(1_000_000))

function serverWithLargeZnode() {
  const server = new TestServer()
  const client = server.connect()
  client.call('create', { path: '/large', data: large, acl: OPEN, flags: 0 })
  return { server, client }
}

test('A multiRead whose reply would be larger than 32 MiB is answered MARSHALLINGERROR, without the rest of it', () => {
  const { client } = serverWithLargeZnode()
  const read = { type: OpCode.getData, request: { path: '/large', watch: false } } as const
  client.send(
    'multiRead',
    Array.from({ length: 30 }, () => read),
  )
  assert.equal(client.replies.at(-1)?.err, ErrorCode.OK)
  client.send(
    'multiRead',
    Array.from({ length: 10_000 }, () => read),
  )
  assert.equal(client.replies.at(-1)?.err, ErrorCode.MARSHALLINGERROR)
  assert.equal(client.call('exists', { path: '/large', watch: false }).err, ErrorCode.OK)
})

test('Requests are looked at until their answers fill the output, and from there on when it was sent', () => {
  const { server, client } = serverWithLargeZnode()
  const bytes = asBytes(
    Buffer.concat(Array.from({ length: 5 }, () => client.frame('getData', { path: '/large', watch: false }))),
  )
  const frame = bytes.length / 5
  let at = 0
  const stops: number[] = []
  while (at < bytes.length) {
    at = server.engine.requests(client.connection, bytes, at, bytes.length)
    stops.push(at / frame)
    server.flush()
  }
  assert.deepEqual(stops, [2, 4, 5])
})

test('As many as 64 reads stand behind a write, and further requests wait until some are answered', () => {
  const { server, client } = serverWithLargeZnode()
  const reads = Array.from({ length: 70 }, () => client.frame('exists', { path: '/large', watch: false }))
  const write = client.frame('setData', { path: '/large', data: null, version: -1 })
  const bytes = asBytes(Buffer.concat([write, ...reads]))
  const stop = server.engine.requests(client.connection, bytes, 0, bytes.length)
  assert.equal(server.engine.outstanding, 65)
  assert.equal(server.engine.requests(client.connection, bytes, stop, bytes.length), stop)
  server.commit()
  assert.equal(server.engine.requests(client.connection, bytes, stop, bytes.length), bytes.length)
  server.flush()
  assert.equal(client.replies.filter(({ name }) => name === 'exists').length, 70)
})
