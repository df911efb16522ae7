import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventQueue, MAX_WAITING_EVENTS } from '../src/eventQueue.ts'

const event = { type: 'nodeCreated', path: '/a', zxid: 1 } as const

test('events are read in order, those before the end too', async () => {
  const queue = new EventQueue()
  queue.push(event)
  setImmediate(() => {
    queue.push({ ...event, path: '/b' })
    queue.end()
  })
  const paths: string[] = []
  for await (const { path } of queue) paths.push(path)
  assert.deepEqual(paths, ['/a', '/b'])
})

test('a reader that falls too far behind gets what waited and then an error', async () => {
  const queue = new EventQueue()
  for (let i = 0; i <= MAX_WAITING_EVENTS; i++) queue.push(event)
  let read = 0
  await assert.rejects(async () => {
    for await (const _ of queue) read++
  }, /read them faster/)
  assert.equal(read, MAX_WAITING_EVENTS)
})
