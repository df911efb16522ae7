import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { ListenError } from '../../src/admin/listen.ts'
import { metricsPage, startMetricsEndpoint } from '../../src/metrics/endpoint.ts'
import { loggerOver } from '../../src/logging/logger.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { fakeStatus } from '../fakeStatus.ts'

const errors: string[] = []
const logger = loggerOver(
  (_, message) => void errors.push(message),
  () => true,
)
const metrics = createMetrics('prometheus')
metrics.readlatency.add(4)
metrics.read_per_namespace.add('a"b\\c\n', 80)
const options = { host: '127.0.0.1', port: 0, exportProcess: true, metrics, status: fakeStatus(), logger }

describe('the Prometheus endpoint', () => {
  it('shows metrics of the server and of the process', async () => {
    const endpoint = await startMetricsEndpoint(options)
    try {
      const response = await fetch(`http://127.0.0.1:${endpoint.port}/metrics`)
      assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
      const text = await response.text()
      const shown = text.split('\n')
      assert.ok(shown.includes('# TYPE readlatency summary'))
      assert.ok(shown.includes('readlatency{quantile="0.5"} 4'))
      assert.ok(shown.includes('fsynctime{quantile="0.5"} NaN'))
      assert.ok(shown.includes('read_per_namespace_sum{key="a\\"b\\\\c\\n"} 80'))
      assert.ok(shown.includes('# TYPE ack_latency summary'), 'a set without keys shows its type')
      for (const name of [
        'jvm_memory_bytes_used{area="heap"}',
        'jvm_threads_current',
        'process_resident_memory_bytes',
      ]) {
        assert.ok(
          shown.some((line) => line.startsWith(`${name} `)),
          name,
        )
      }
    } finally {
      await endpoint.close()
    }
  })

  it('answers other paths and methods with an error', async () => {
    const endpoint = await startMetricsEndpoint({ ...options, exportProcess: false })
    try {
      const base = `http://127.0.0.1:${endpoint.port}`
      assert.equal((await fetch(`${base}/`)).status, 404)
      assert.equal((await fetch(`${base}/metrics`, { method: 'PUT' })).status, 405)
      const one = await (await fetch(`${base}/metrics?name[]=uptime`)).text()
      assert.match(one, /^# HELP uptime .*\n# TYPE uptime gauge\nuptime 41272\n$/)
    } finally {
      await endpoint.close()
    }
  })

  it('survives a status that cannot be read', async () => {
    const status = fakeStatus({ counts: () => assert.fail('no counts') })
    const endpoint = await startMetricsEndpoint({ ...options, status })
    try {
      assert.equal((await fetch(`http://127.0.0.1:${endpoint.port}/metrics`)).status, 500)
      assert.deepEqual(errors, ['the metrics could not be read'])
    } finally {
      await endpoint.close()
    }
  })

  it('says which setting to change when its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    try {
      await assert.rejects(startMetricsEndpoint({ ...options, port }), (error: unknown) => {
        assert.ok(error instanceof ListenError)
        assert.equal(error.code, 'EADDRINUSE')
        assert.match(error.message, /Prometheus.*another process listens there; set metricsProvider.httpPort/)
        return true
      })
    } finally {
      other.close()
    }
  })

  it('has every metric that Apache’s alerts ask for', async () => {
    const endpoint = await startMetricsEndpoint(options)
    try {
      const page = await (await fetch(`http://127.0.0.1:${endpoint.port}/metrics`)).text()
      const names = [
        'znode_count',
        'num_alive_connections',
        'approximate_data_size',
        'watch_count',
        'election_time_count',
        'open_file_descriptor_count',
        'fsynctime_sum',
        'snapshottime_sum',
        'avg_latency',
        'jvm_memory_bytes_used{area="heap"}',
        'jvm_memory_bytes_max{area="heap"}',
      ]
      for (const name of names) assert.ok(page.includes(`\n${name} `), name)
    } finally {
      await endpoint.close()
    }
  })

  it('tells quantiles of the last five to ten minutes', () => {
    const recent = createMetrics('prometheus')
    let now = 0
    const page = metricsPage({ metrics: recent, status: fakeStatus({ elapsedMs: () => now }) }, () => [])
    const median = (): string | undefined => /^fsynctime\{quantile="0.5"\} (.*)$/m.exec(page())?.[1]
    recent.fsynctime.add(6)
    assert.equal(median(), '6')
    now = 300_000
    assert.equal(median(), '6')
    now = 600_000
    assert.equal(median(), 'NaN')
  })
})
