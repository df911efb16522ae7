import assert from 'node:assert/strict'
import { test } from 'node:test'
import { campaign } from '../src/campaign.ts'
import { run } from '../src/run.ts'

test('Every guarantee holds through more than a hundred crashes and restarts, and each seed does the same twice', async () => {
  const lines: string[] = []
  const { failedSeeds, rounds } = await campaign({ from: 1, seeds: 16, twice: true, print: (line) => lines.push(line) })
  assert.deepEqual(failedSeeds, [], lines.join('\n'))
  assert.ok(rounds > 100, `only ${rounds} rounds`)
})

test('Seeds that once showed a fault of the server do not any more', async () => {
  for (const seed of [1005, 1025, 2126]) {
    const { violations } = await run({ seed })
    assert.deepEqual(violations, [], `seed ${seed}`)
  }
})

test('Different seeds do different things', async () => {
  const traces = await Promise.all([1, 2, 3].map(async (seed) => (await run({ seed, faultMs: 2000 })).trace))
  assert.equal(new Set(traces).size, 3)
})
