import { OPEN_ACL } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { Wire } from './wire.ts'

/** A client that works all the time, and must not notice what others do. */
export interface HealthyClient {
  /** Stops; rejects if any of its requests failed or waited longer than `patienceMs`. Answers how many there were. */
  finish(): Promise<number>
}

/** Writes and reads one znode in turns, with a pause of some milliseconds between. */
export async function startHealthyClient(port: number, patienceMs = 3_000): Promise<HealthyClient> {
  const { wire } = await Wire.withSession(port)
  const path = `/healthy-${port}-${Date.now()}`
  await wire.request('create', { path, data: Buffer.from('0'), acl: OPEN_ACL, flags: 1 })
  const end = new AbortController()
  let rounds = 0
  const work = (async () => {
    for (; !end.signal.aborted; rounds++) {
      const start = performance.now()
      const data = Buffer.from(String(rounds))
      const set = await wire.request('setData', { path, data, version: rounds })
      assert.equal(set.err, 0, 'a set of the healthy client failed')
      const get = await wire.request('getData', { path, watch: false })
      assert.equal(get.err, 0)
      assert.ok(get.body.subarray(4, 4 + data.length).equals(data), 'the healthy client read something else')
      const tookMs = performance.now() - start
      assert.ok(tookMs < patienceMs, `the healthy client waited ${Math.round(tookMs)} ms`)
      await sleep(5)
    }
  })()
  // What goes wrong is told by `finish`.
  work.catch(() => {})
  return {
    async finish() {
      end.abort()
      try {
        await work
      } finally {
        wire.close()
      }
      return rounds
    },
  }
}
