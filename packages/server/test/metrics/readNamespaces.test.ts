import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  Input,
  MultiHeader,
  OpCode,
  Output,
  PathWatchRequest,
  STAT_SIZE,
  bytesOf,
  writeMulti,
  writeMultiEnd,
  writeMultiResult,
} from '@meerkat/protocol'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { ReadNamespaces } from '../../src/metrics/readNamespaces.ts'
import { MAX_KEYS } from '../../src/metrics/summary.ts'

function counting() {
  const { read_per_namespace: set } = createMetrics('default')
  const namespaces = new ReadNamespaces(set)
  const count = (
    opcode: number,
    writeRequest: (output: Output) => void,
    writeReply: (output: Output) => void,
  ): void => {
    const request = new Output()
    request.reserve(8)
    writeRequest(request)
    const reply = new Output()
    reply.int(0)
    const frame = reply.reserve(20)
    writeReply(reply)
    namespaces.count(opcode, new Input(request.written()), 8, reply, frame)
  }
  return {
    count,
    read: (opcode: number, path: string, writeReply: (output: Output) => void): void =>
      count(opcode, (output) => PathWatchRequest.write(output, { path, watch: false }), writeReply),
    counted: () => Object.fromEntries([...set.summaries].map(([key, { count, sum }]) => [key, [count, sum]])),
    reset: () => set.reset(),
  }
}

const stat = (output: Output): void => void output.reserve(STAT_SIZE)
const names = (output: Output): void => {
  output.int(2)
  for (const name of ['ab', 'cde']) output.string(name)
}

test('A read counts the characters of its path, what it gives, and a Stat', () => {
  const { read, counted } = counting()
  read(OpCode.exists, '/exists/a', stat)
  read(OpCode.getData, '/data', (output) => {
    output.buffer(bytesOf('12345'))
    stat(output)
  })
  read(OpCode.getData, '/null', (output) => {
    output.buffer(null)
    stat(output)
  })
  read(OpCode.getChildren, '/children', names)
  read(OpCode.getChildren2, '/children2', (output) => {
    names(output)
    stat(output)
  })
  read(OpCode.exists, '/käse/x', stat)
  assert.deepEqual(counted(), {
    exists: [1, 9 + 68],
    data: [1, 5 + 5 + 68],
    null: [1, 5 + 68],
    children: [1, 9 + 5 + 68],
    children2: [1, 10 + 5 + 68],
    käse: [1, 7 + 68],
  })
})

test('The parts of a multiRead that found something count by themselves', () => {
  const { count, counted } = counting()
  count(
    OpCode.multiRead,
    (output) =>
      writeMulti(output, [
        { type: OpCode.getData, request: { path: '/a/missing', watch: false } },
        { type: OpCode.getData, request: { path: '/a', watch: false } },
        { type: OpCode.getChildren, request: { path: '/b', watch: false } },
      ]),
    (output) => {
      writeMultiResult(output, { type: OpCode.error, body: { err: -101 } })
      MultiHeader.write(output, { type: OpCode.getData, done: false, err: 0 })
      output.buffer(bytesOf('12345'))
      stat(output)
      writeMultiResult(output, { type: OpCode.getChildren, body: { children: ['ab', 'ö'] } })
      writeMultiEnd(output)
    },
  )
  assert.deepEqual(counted(), { a: [1, 2 + 5 + 68], b: [1, 2 + 3 + 68] })
})

test('The root is in no namespace, nor is what is no read of a znode', () => {
  const { read, counted } = counting()
  read(OpCode.exists, '/', stat)
  read(OpCode.exists, '', stat)
  read(OpCode.getACL, '/a', stat)
  read(OpCode.sync, '/a', stat)
  assert.deepEqual(counted(), {})
})

test('Names that begin alike, and more names than are kept at hand, are told apart', () => {
  const { read, counted, reset } = counting()
  const keys = ['a', 'ab', 'abc', 'b', ...Array.from({ length: 900 }, (_, i) => `n${i}`)]
  for (let round = 0; round < 3; round++) {
    for (const key of keys) {
      read(OpCode.exists, `/${key}/x`, stat)
      read(OpCode.exists, `/${key}`, stat)
    }
  }
  for (const [key, [count]] of Object.entries(counted())) assert.equal(count, 6, key)
  assert.deepEqual(Object.keys(counted()).toSorted(), keys.toSorted())
  reset()
  read(OpCode.exists, '/abc', stat)
  assert.deepEqual(counted()['abc'], [1, 4 + 68])
})

test('Namespaces beyond the greatest number are not counted', () => {
  const { read, counted } = counting()
  for (let i = 0; i <= MAX_KEYS; i++) for (let twice = 0; twice < 2; twice++) read(OpCode.exists, `/n${i}`, stat)
  assert.equal(Object.keys(counted()).length, MAX_KEYS)
})
