/** The metrics as `mntr` and the admin command `monitor` list them: a name and a number a line, without the prefix `zk_`. */
import { JavaDouble } from './javaDouble.ts'
import { readGauges } from './gauges.ts'
import type { MetricNumber } from './gauges.ts'
import { growingNames } from './metrics.ts'
import type { Metrics, MetricsStyle } from './metrics.ts'
import { samplesOf } from './samples.ts'
import { Counter, CounterSet, Summary } from './summary.ts'
import { GROWING } from './table.ts'
import type { ServerStatus } from '../status.ts'

export type MonitorValue = readonly [name: string, value: MetricNumber]

/** Apache's two providers name the same values differently, and the Prometheus one shows every number as a double. */
export function monitorValues(metrics: Metrics, status: ServerStatus, style: MetricsStyle): MonitorValue[] {
  switch (style) {
    case 'prometheus':
      return prometheusValues(metrics, status)
    case 'default':
      return defaultValues(metrics, status)
    case 'none':
      return []
  }
}

function prometheusValues(metrics: Metrics, status: ServerStatus): MonitorValue[] {
  return samplesOf(metrics, status).map(({ name, labels, value }) => {
    const text = labels.map(([label, content]) => `${label}="${content}"`).join(',')
    return [text === '' ? name : `${name}{${text}}`, new JavaDouble(value)]
  })
}

function defaultValues(metrics: Metrics, status: ServerStatus): MonitorValue[] {
  const gauges = readGauges(status).map(({ name, key, value }): MonitorValue => [
    key === undefined ? name : `${key}_${name}`,
    value,
  ])
  return [...gauges, ...growingNames.flatMap((name) => growingValues(name, metrics))]
}

function growingValues(name: keyof typeof GROWING, metrics: Metrics): MonitorValue[] {
  const handle = metrics[name]
  const advanced = GROWING[name].kind.startsWith('advanced')
  if (handle instanceof Counter) return [[name, handle.value]]
  if (handle instanceof Summary) return summaryValues(name, handle, advanced)
  if (handle instanceof CounterSet) return [...handle.counters].map(([key, { value }]) => [`${key}_${name}`, value])
  return [...handle.summaries].flatMap(([key, summary]) => summaryValues(`${key}_${name}`, summary, advanced))
}

function summaryValues(name: string, summary: Summary, advanced: boolean): MonitorValue[] {
  const values: MonitorValue[] = [
    [`avg_${name}`, new JavaDouble(summary.average)],
    [`min_${name}`, summary.min],
    [`max_${name}`, summary.max],
    [`cnt_${name}`, summary.count],
    [`sum_${name}`, summary.sum],
  ]
  if (!advanced) return values
  const quantiles = QUANTILES.map(([prefix, fraction]): MonitorValue => [
    `${prefix}_${name}`,
    summary.quantile(fraction) ?? 0,
  ])
  return [...values, ...quantiles]
}

const QUANTILES = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
] as const

/** A number as `mntr` shows it; longs are whole. */
export function numberText(value: MetricNumber): string {
  return value instanceof JavaDouble ? value.toString() : String(Math.round(value))
}
