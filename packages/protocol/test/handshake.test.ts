import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesOf } from '../src/bytes.ts'
import {
  frameOf,
  readConnectRequest,
  readConnectResponse,
  writeConnectRequest,
  writeConnectResponse,
  type ConnectRequestFrame,
  type ConnectResponseFrame,
} from '../src/handshake.ts'
import { sessionIdOf, zxidOf } from '../src/identifiers.ts'
import type { Input } from '../src/jute.ts'
import { sessionPassword } from '../src/sessions.ts'
import { arbitraries } from './support/arbitraries.ts'
import { assertDamageIsHarmless, assertRoundTrip, bytesWritten } from './support/codecs.ts'

const readOnly = fc.constantFrom(true, false, undefined)
const request = fc.tuple(arbitraries.ConnectRequest, readOnly).map(([r, readOnly]): ConnectRequestFrame => ({
  ...r,
  readOnly,
}))
const response = fc.tuple(arbitraries.ConnectResponse, readOnly).map(([r, readOnly]): ConnectResponseFrame => ({
  ...r,
  readOnly,
}))
/** Both are written with their length in front, and read without. */
const unframed =
  <T>(read: (input: Input) => T): ((input: Input) => T) =>
  (input) => {
    assert.equal(input.int(), input.remaining)
    return read(input)
  }

test('both frames of the handshake read what they wrote, in the old form and the new', () => {
  const requests = { read: unframed(readConnectRequest), write: writeConnectRequest }
  const responses = { read: unframed(readConnectResponse), write: writeConnectResponse }
  fc.assert(fc.property(request, (value) => assertRoundTrip(requests, value)))
  fc.assert(fc.property(response, (value) => assertRoundTrip(responses, value)))
})

test('a handshake, cut anywhere or with any bit turned, is a value or a JuteError', () => {
  fc.assert(
    fc.property(request, (value) =>
      assertDamageIsHarmless(readConnectRequest, bytesWritten((o) => writeConnectRequest(o, value)).subarray(4)),
    ),
    { numRuns: 10 },
  )
  fc.assert(
    fc.property(response, (value) =>
      assertDamageIsHarmless(readConnectResponse, bytesWritten((o) => writeConnectResponse(o, value)).subarray(4)),
    ),
    { numRuns: 10 },
  )
})

test("the frames are those of Apache's client and server", () => {
  const zeros = bytesOf('00'.repeat(16), 'hex')
  const session = sessionIdOf(0x010000309f590000n)
  const request = { protocolVersion: 0, lastZxidSeen: zxidOf(0), timeOut: 6000, sessionId: sessionIdOf(0n) }
  const response = { protocolVersion: 0, timeOut: 6000, sessionId: session, passwd: sessionPassword(session) }
  const requestHex = (readOnly: boolean | undefined): string =>
    bytesWritten((o) => writeConnectRequest(o, { ...request, passwd: zeros, readOnly })).toString('hex')
  const responseHex = (readOnly: boolean | undefined): string =>
    bytesWritten((o) => writeConnectResponse(o, { ...response, readOnly })).toString('hex')
  const requestBody = `0000000000000000000000000000177000000000000000000000001${'0'.repeat(33)}`
  const responseBody = '0000000000001770010000309f590000000000102db4a766b656594d533bba9eef1cbe26'
  assert.equal(requestHex(false), `0000002d${requestBody}00`)
  assert.equal(requestHex(true), `0000002d${requestBody}01`)
  assert.equal(requestHex(undefined), `0000002c${requestBody}`)
  assert.equal(responseHex(false), `00000025${responseBody}00`)
  assert.equal(responseHex(undefined), `00000024${responseBody}`)
})

test('a frame has the length of what is written into it in front', () => {
  assert.equal(frameOf((output) => output.int(7)).toString('hex'), '0000000400000007')
  assert.equal(frameOf(() => {}).toString('hex'), '00000000')
})
