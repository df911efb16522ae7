import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PLANTED_BUGS } from '../src/plants.ts'
import { run } from '../src/run.ts'

/** Enough for each of them; most show in the first run. */
const MAX_SEEDS = 60

for (const [name, { plant, breaks }] of Object.entries(PLANTED_BUGS)) {
  test(`A server that ${name} is caught`, async () => {
    const broken = new Set<string>()
    for (let seed = 1; seed <= MAX_SEEDS; seed++) {
      const { violations } = await run({ seed, plant })
      for (const { guarantee } of violations) broken.add(guarantee)
      if (breaks.some((guarantee) => broken.has(guarantee))) return
    }
    assert.fail(`in ${MAX_SEEDS} seeds only these were broken: ${[...broken].join(', ')}`)
  })
}
