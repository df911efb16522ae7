import { Counter, CounterSet, Summary, SummarySet } from './summary.ts'
import type { QuantileSpan } from './summary.ts'
import { RequestStatistics } from './requestStatistics.ts'
import type { MetricKind } from './table/description.ts'
import { GROWING } from './table.ts'
import type { GrowingMetricName } from './table.ts'

interface Handles {
  counter: Counter
  counterSet: CounterSet
  summary: Summary
  advancedSummary: Summary
  summarySet: SummarySet
  advancedSummarySet: SummarySet
  gauge: never
  gaugeSet: never
}
type Handle = Handles[MetricKind]

/** One handle a metric: `metrics.fsynctime.add(3)`, `metrics.commit_count.add(1)`, `metrics.ack_latency.add('2', 5)`. */
export type Metrics = {
  readonly [K in GrowingMetricName]: Handles[(typeof GROWING)[K]['kind']]
} & { readonly requests: RequestStatistics }

/** The form in which `mntr` and `monitor` show values, as `metricsProvider.className` chooses it; `none` shows none. */
export type MetricsStyle = 'default' | 'prometheus' | 'none'

/**
 * Makes every metric. Apache's two providers keep different things: the default one quantiles of advanced summaries
 * since the start, the Prometheus one a quantile of every summary over the last minutes.
 */
export function createMetrics(style: MetricsStyle): Metrics {
  const basic: QuantileSpan = style === 'prometheus' ? 'recent' : 'none'
  const advanced: QuantileSpan = style === 'prometheus' ? 'recent' : 'lifetime'
  const handles = Object.entries(GROWING).map(([name, { kind }]) => [name, handleOf(kind, basic, advanced)] as const)
  return { ...Object.fromEntries(handles), requests: new RequestStatistics() } as Metrics
}

/** Forgets all values, as `srst` does; the Prometheus provider never does, since its counters may not go back. */
export function resetMetrics(metrics: Metrics, style: MetricsStyle): void {
  metrics.requests.reset()
  if (style === 'prometheus') return
  for (const name of growingNames) metrics[name].reset()
}

/** Ends a period of the quantiles of recent values. */
export function rotateMetrics(metrics: Metrics): void {
  for (const name of growingNames) {
    const handle = metrics[name]
    if (handle instanceof Summary || handle instanceof SummarySet) handle.rotate()
  }
}

export const growingNames = Object.keys(GROWING) as readonly GrowingMetricName[]

function handleOf(kind: MetricKind, basic: QuantileSpan, advanced: QuantileSpan): Handle {
  switch (kind) {
    case 'counter':
      return new Counter()
    case 'counterSet':
      return new CounterSet()
    case 'summary':
      return new Summary(basic)
    case 'advancedSummary':
      return new Summary(advanced)
    case 'summarySet':
      return new SummarySet(basic)
    case 'advancedSummarySet':
      return new SummarySet(advanced)
    case 'gauge':
    case 'gaugeSet':
      throw new Error('a gauge is read from the server and has no handle')
  }
}
