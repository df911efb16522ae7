import { OPERATIONS } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { apache } from '../support/apache.ts'
import { meerkat } from '../support/meerkat.ts'
import { missingPeer } from '../support/peers.ts'
import type { ServerUnderTest } from '../support/server-process.ts'
import { badInputs, outcomeOf } from './cases.ts'
import { startHealthyClient, type HealthyClient } from './healthy.ts'
import { Wire, connectFrame, requestFrame } from './wire.ts'

const options = { config: { maxSessionTimeout: 600_000 } }
let server: ServerUnderTest
let healthy: HealthyClient

before(async () => {
  server = await meerkat(options)
  healthy = await startHealthyClient(server.port)
})

after(() => server.dispose())

for (const input of badInputs) {
  test(`${input.name}, on a fresh ${input.on}: ${input.outcome}`, async () => {
    assert.equal(await outcomeOf(server.port, input), input.outcome)
  })
}

test('each connection that was closed for its input has one line in the log, or is counted among those left out', async () => {
  // What is left out is told at the end of a second.
  await sleep(1200)
  const lines = server
    .logs()
    .split('\n')
    .filter((line) => line.includes('"a connection was closed'))
  const told = lines.map((line) => (JSON.parse(line) as { leftOut?: number }).leftOut ?? 1)
  const closed = badInputs.filter(({ outcome }) => outcome.endsWith('closed'))
  assert.equal(
    told.reduce((sum, count) => sum + count, 0),
    closed.length,
    lines.join('\n'),
  )
})

test('a handshake and requests that come byte by byte are answered', async () => {
  const wire = await Wire.open(server.port)
  const bytes = Buffer.concat([
    connectFrame({ timeoutMs: 30_000 }),
    requestFrame({ xid: 5, type: OPERATIONS.exists.code }, (output) => {
      output.string('/')
      output.boolean(false)
    }),
  ])
  for (const byte of bytes) {
    wire.send(Uint8Array.of(byte))
    await sleep(2)
  }
  assert.equal((await wire.frame())?.toString('hex', 4, 8), '00007530')
  assert.equal((await wire.reply())?.xid, 5)
  wire.close()
})

test('a client that works meanwhile noticed nothing of all this', async () => {
  assert.ok((await healthy.finish()) > 20)
})

test(
  'Apache answers each of these inputs in the same way',
  { skip: missingPeer('apache-3.9.4') ?? false },
  async () => {
    const theirs = await apache('3.9.4')(options)
    try {
      const differing: string[] = []
      for (const input of badInputs) {
        const outcome = await outcomeOf(theirs.port, input).catch(String)
        const expected = input.apache ?? input.outcome
        if (outcome !== expected) differing.push(`${input.name} (${input.on}): ${outcome}, not ${expected}`)
      }
      assert.deepEqual(differing, [])
    } finally {
      await theirs.dispose()
    }
  },
)
