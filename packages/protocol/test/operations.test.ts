import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Input } from '../src/jute.ts'
import {
  DEFAULT_MAX_BUFFER,
  OPERATIONS,
  OpCode,
  operationName,
  type OperationDescription,
  type OperationName,
} from '../src/operations.ts'
import { RequestHeader } from '../src/records.ts'
import { arbitraryOf, int } from './support/arbitraries.ts'
import { assertRoundTrip, bytesWritten } from './support/codecs.ts'

const entries = Object.entries(OPERATIONS)

test('every operation has a number and a name of its own, each found by the other', () => {
  assert.equal(new Set(entries.map(([, { code }]) => code)).size, entries.length)
  for (const [name, { code }] of entries) {
    assert.equal(operationName(code), name)
    assert.equal(OpCode[name as OperationName], code)
  }
  for (const unknown of [0, 10, 23, 99, 108, -2, -9, 0x7fffffff]) assert.equal(operationName(unknown), undefined)
})

test("requests and replies of every operation read what they wrote, behind a request's header", () => {
  for (const [, description] of entries) {
    const { code, request, response }: OperationDescription = description
    fc.assert(
      fc.property(int, arbitraryOf(request), (xid, body) => {
        const frame = bytesWritten((output) => {
          RequestHeader.write(output, { xid, type: code })
          request.write(output, body)
        })
        const input = new Input(frame)
        assert.deepEqual(RequestHeader.read(input), { xid, type: code })
        assert.deepEqual(request.read(input), body)
        assert.equal(input.remaining, 0)
      }),
      { numRuns: 30 },
    )
    fc.assert(
      fc.property(arbitraryOf(response), (body) => assertRoundTrip(response, body)),
      { numRuns: 30 },
    )
  }
})

test("the default of jute.maxbuffer is Apache's, one byte below a mebibyte", () => {
  assert.equal(DEFAULT_MAX_BUFFER, 1_048_575)
})
