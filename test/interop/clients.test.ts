import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { apache } from '../support/apache.ts'
import { meerkat } from '../support/meerkat.ts'
import { requirePeer, type PeerName } from '../support/peers.ts'
import { clients, type Client } from './clients.ts'
import { differences, transcriptOf } from './transcript.ts'

for (const client of clients) {
  test(`${client.name} sees the same of Meerkat as of Apache ZooKeeper, step by step`, (t) => compare(t, client))
}

async function compare(t: TestContext, client: Client): Promise<void> {
  const needed: PeerName[] = ['apache-3.9.4', ...client.needs]
  if (needed.some((peer) => requirePeer(t, peer) === undefined)) return
  const program = await client.prepare()
  const runs = await Promise.allSettled([
    transcriptOf(apache('3.9.4'), program, client.options),
    transcriptOf(meerkat, program, client.options),
  ])
  const [theirs, ours] = runs.map((run) => {
    if (run.status === 'rejected') throw run.reason
    return run.value
  })
  assert(theirs !== undefined && ours !== undefined)
  assert.ok(theirs.length >= client.stepsAtLeast, `only ${theirs.length} steps ran`)
  const found = differences(theirs, ours)
  assert.equal(found.length, 0, `${found.length} of ${theirs.length} steps differ:\n${found.join('\n')}`)
}
