import assert from 'node:assert/strict'
import { test } from 'node:test'
import { throughput } from '../cases/throughput.ts'
import { watchers } from '../cases/watchers.ts'
import { parseOptions } from '../options.ts'
import { missingPeer } from '../../test/support/peers.ts'
import { buildTools } from '../tools.ts'

const missing = missingPeer('cc') ?? missingPeer('apache-3.9.4') ?? false

test('the load generators build and measure a server', { skip: missing }, async () => {
  await buildTools()
  const options = { ...parseOptions(['--quick', '--seconds', '0.5', '--only', 'get64,watchers']), watchers: 50 }
  const gets = await throughput('apache', new Set(['get64']), options)
  assert.ok((gets['get64'] ?? 0) > 0)
  const told = await watchers('apache', new Set(['watchers']), options)
  assert.ok((told['watchers'] ?? 0) > 0)
})
