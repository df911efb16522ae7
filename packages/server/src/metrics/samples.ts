/** The metrics as Prometheus has them: samples with labels, under the names that Apache's Prometheus provider gives. */
import { JavaDouble } from './javaDouble.ts'
import { readGauges } from './gauges.ts'
import { growingNames } from './metrics.ts'
import type { Metrics } from './metrics.ts'
import { Counter, CounterSet, Summary } from './summary.ts'
import { GROWING } from './table.ts'
import type { ServerStatus } from '../status.ts'

export type Labels = readonly (readonly [label: string, value: string])[]

export interface Sample {
  /** The metric that the sample belongs to; `name` may have a suffix. */
  readonly metric: string
  readonly name: string
  readonly labels: Labels
  readonly value: number
}

export function samplesOf(metrics: Metrics, status: ServerStatus): Sample[] {
  return [...gaugeSamples(status), ...growingNames.flatMap((name) => growingSamples(name, metrics))]
}

function gaugeSamples(status: ServerStatus): Sample[] {
  return readGauges(status).map(({ name, key, value }) => ({
    metric: name,
    name,
    labels: key === undefined ? [] : [['key', key]],
    value: value instanceof JavaDouble ? value.value : value,
  }))
}

function growingSamples(metric: keyof typeof GROWING, metrics: Metrics): Sample[] {
  const handle = metrics[metric]
  const fractions = GROWING[metric].kind.startsWith('advanced') ? ADVANCED : BASIC
  if (handle instanceof Counter) return [{ metric, name: metric, labels: [], value: handle.value }]
  if (handle instanceof Summary) return summarySamples({ metric, labels: [], summary: handle, fractions })
  if (handle instanceof CounterSet) {
    return [...handle.counters].map(([key, { value }]) => ({ metric, name: metric, labels: [['key', key]], value }))
  }
  return [...handle.summaries].flatMap(([key, summary]) =>
    summarySamples({ metric, labels: [['key', key]], summary, fractions }),
  )
}

const BASIC = [0.5]
const ADVANCED = [0.5, 0.9, 0.99]

interface SummaryOfMetric {
  readonly metric: string
  readonly labels: Labels
  readonly summary: Summary
  readonly fractions: readonly number[]
}

/** A quantile of nothing is not a number, as Prometheus' own clients say it. */
function summarySamples({ metric, labels, summary, fractions }: SummaryOfMetric): Sample[] {
  const quantiles = fractions.map((fraction) => ({
    metric,
    name: metric,
    labels: [...labels, ['quantile', String(fraction)] as const],
    value: summary.quantile(fraction) ?? NaN,
  }))
  return [
    ...quantiles,
    { metric, name: `${metric}_count`, labels, value: summary.count },
    { metric, name: `${metric}_sum`, labels, value: summary.sum },
  ]
}
