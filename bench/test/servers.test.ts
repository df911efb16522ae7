import assert from 'node:assert/strict'
import { test } from 'node:test'
import { throughput } from '../cases/throughput.ts'
import { watchers } from '../cases/watchers.ts'
import { parseOptions } from '../options.ts'
import { apacheVersion } from '../servers.ts'
import { buildTools } from '../tools.ts'

const missing = await apacheVersion().then(
  () => false,
  (error: unknown) => String(error),
)

test('the load generators build and measure a server', { skip: missing }, async () => {
  await buildTools()
  const options = { ...parseOptions(['--quick', '--seconds', '0.5', '--only', 'get64,watchers']), watchers: 50 }
  const gets = await throughput('apache', new Set(['get64']), options)
  assert.ok((gets['get64'] ?? 0) > 0)
  const told = await watchers('apache', new Set(['watchers']), options)
  assert.ok((told['watchers'] ?? 0) > 0)
})
