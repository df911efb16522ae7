import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMetrics, resetMetrics } from '../../src/metrics/metrics.ts'
import { monitorValues, numberText } from '../../src/metrics/monitorValues.ts'
import { fakeStatus } from '../fakeStatus.ts'

const lines = (values: ReturnType<typeof monitorValues>): string[] =>
  values.map(([name, value]) => `${name} ${numberText(value)}`)

describe('the metrics of mntr', () => {
  it('show a counter alone, a summary as five values and an advanced one as nine', () => {
    const metrics = createMetrics('default')
    metrics.commit_count.add(3)
    for (const ms of [1, 2, 2]) metrics.fsynctime.add(ms)
    metrics.readlatency.add(4)
    const shown = lines(monitorValues(metrics, fakeStatus(), 'default'))
    assert.ok(shown.includes('commit_count 3'))
    assert.deepEqual(
      shown.filter((line) => line.includes('fsynctime')),
      ['avg_fsynctime 1.6667', 'min_fsynctime 1', 'max_fsynctime 2', 'cnt_fsynctime 3', 'sum_fsynctime 5'],
    )
    assert.deepEqual(
      shown.filter((line) => line.includes('readlatency')),
      [
        'avg_readlatency 4.0',
        'min_readlatency 4',
        'max_readlatency 4',
        'cnt_readlatency 1',
        'sum_readlatency 4',
        'p50_readlatency 4',
        'p95_readlatency 4',
        'p99_readlatency 4',
        'p999_readlatency 4',
      ],
    )
  })

  it('put the key in front of a name in a set', () => {
    const metrics = createMetrics('default')
    metrics.write_per_namespace.add('app', 11)
    metrics.quota_exceeded_error_per_namespace.add('app', 1)
    const shown = lines(monitorValues(metrics, fakeStatus(), 'default'))
    assert.ok(shown.includes('avg_app_write_per_namespace 11.0'))
    assert.ok(shown.includes('app_quota_exceeded_error_per_namespace 1'))
    assert.ok(shown.includes('app_quota_bytes_limit_per_namespace 100000'))
  })

  it('leave out a limit that is not set', () => {
    const quotas = () => [{ namespace: 'app', countLimit: -1, bytesLimit: 5, count: 4, bytes: 5 }]
    const shown = lines(monitorValues(createMetrics('default'), fakeStatus({ quotas }), 'default'))
    assert.ok(!shown.some((line) => line.startsWith('app_quota_count_limit')))
  })

  it('have the names of Prometheus and doubles alone under that provider', () => {
    const metrics = createMetrics('prometheus')
    metrics.readlatency.add(4)
    metrics.write_per_namespace.add('app', 11)
    const shown = lines(monitorValues(metrics, fakeStatus(), 'prometheus'))
    assert.ok(shown.includes('readlatency{quantile="0.99"} 4.0'))
    assert.ok(shown.includes('readlatency_count 1.0'))
    assert.ok(shown.includes('fsynctime{quantile="0.5"} NaN'))
    assert.ok(shown.includes('write_per_namespace{key="app",quantile="0.5"} 11.0'))
    assert.ok(shown.includes('quota_bytes_usage_per_namespace{key="app"} 5.0'))
  })

  it('are none under the provider that has none', () => {
    assert.deepEqual(monitorValues(createMetrics('none'), fakeStatus(), 'none'), [])
  })

  it('are forgotten at a reset, except under Prometheus, whose counters never go back', () => {
    for (const [style, left] of [
      ['default', 0],
      ['prometheus', 3],
    ] as const) {
      const metrics = createMetrics(style)
      metrics.commit_count.add(3)
      metrics.requests.received = 5
      resetMetrics(metrics, style)
      assert.equal(metrics.commit_count.value, left)
      assert.equal(metrics.requests.received, 0)
    }
  })
})
