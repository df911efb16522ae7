/** Real processes, killed at random moments under load; every answer is held against the log that is left. */
import { Chance } from '@meerkat/simulator'
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { apache } from '../support/apache.ts'
import { meerkat } from '../support/meerkat.ts'
import { missingPeer } from '../support/peers.ts'
import { freePort } from '../support/ports.ts'
import type { StartServer } from '../support/server-process.ts'
import { Population } from './population.ts'

/** Kills of our own server; a campaign sets more. */
const ROUNDS = Number(process.env['MEERKAT_CRASH_ROUNDS'] ?? 20)
const SEED = Number(process.env['MEERKAT_CRASH_SEED'] ?? 1)
const CONFIG = { tickTime: 500, snapCount: 100, preAllocSize: 64, 'autopurge.purgeInterval': 0 }
const JVM_FLAGS = [
  '-Dzookeeper.extendedTypesEnabled=true',
  '-Dznode.container.checkIntervalMs=1000',
  '-Dzookeeper.enforceQuota=true',
]

async function killed(start: StartServer, rounds: number): Promise<{ answered: number; files: string[] }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'meerkat-crash-'))
  const port = await freePort()
  const chance = new Chance(SEED)
  const population = new Population({ port, seed: SEED, clients: 6 })
  try {
    const options = { dataDir, port, config: CONFIG, jvmFlags: JVM_FLAGS }
    population.start()
    for (let round = 0; round < rounds; round++) {
      const server = await start(options)
      await sleep(chance.between(100, 900))
      await server.kill()
      await server.dispose()
    }
    const last = await start(options)
    try {
      await population.settle()
      population.leave()
      assert.equal(await last.stop(), last.name === 'Meerkat' ? 0 : 143)
    } finally {
      await last.dispose()
    }
    await population.judge(dataDir, { mayUseFormerAcls: last.name !== 'Meerkat' })
    return { answered: population.answered, files: await readdir(join(dataDir, 'version-2')) }
  } finally {
    population.leave()
    await rm(dataDir, { recursive: true, force: true })
  }
}

test(`Nothing acknowledged is lost, and nothing half-applied, in ${ROUNDS} kills under load on one directory`, async (t) => {
  const { answered, files } = await killed(meerkat, ROUNDS)
  t.diagnostic(`${answered} answers`)
  assert.ok(answered > 50 * ROUNDS, `only ${answered} answers`)
  assert.ok(files.filter((name) => name.startsWith('snapshot.')).length > 2, `snapshots were taken: ${files.join(' ')}`)
})

test(
  "The same judge finds nothing wrong with Apache's server",
  { skip: missingPeer('apache-3.9.4') ?? false },
  async (t) => {
    const { answered } = await killed(apache('3.9.4'), 2)
    t.diagnostic(`${answered} answers`)
    assert.ok(answered > 100, `only ${answered} answers`)
  },
)
