import { metricGroups, processMetrics } from './table.ts'
import type { Labels, Sample } from './samples.ts'
import type { MetricDescription, MetricKind } from './table/description.ts'

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

const descriptions: ReadonlyMap<string, MetricDescription> = new Map(
  [...metricGroups.map(({ metrics }) => metrics), processMetrics].flatMap((metrics) => Object.entries(metrics)),
)

/**
 * Samples in Prometheus' text format 0.0.4. A metric that is named without a sample (a set without keys) still shows
 * its help and type, as Apache's page does. With `only`, nothing but those metrics is written.
 */
export function prometheusText(
  samples: readonly Sample[],
  names: Iterable<string>,
  only?: ReadonlySet<string>,
): string {
  const byMetric = new Map<string, Sample[]>([...names].map((name) => [name, []]))
  for (const sample of samples) {
    const known = byMetric.get(sample.metric)
    if (known === undefined) byMetric.set(sample.metric, [sample])
    else known.push(sample)
  }
  const chosen = [...byMetric].filter(([name]) => only === undefined || only.has(name))
  return chosen.map(([name, itsSamples]) => familyText(name, itsSamples)).join('')
}

function familyText(name: string, samples: readonly Sample[]): string {
  const description = descriptions.get(name)
  const type = description === undefined ? 'untyped' : typeOf(description.kind)
  const head = `# HELP ${name} ${description?.help ?? name}\n# TYPE ${name} ${type}\n`
  return (
    head + samples.map((sample) => `${sample.name}${labelsText(sample.labels)} ${numberText(sample.value)}\n`).join('')
  )
}

function typeOf(kind: MetricKind): 'counter' | 'gauge' | 'summary' {
  if (kind === 'counter' || kind === 'counterSet') return 'counter'
  return kind === 'gauge' || kind === 'gaugeSet' ? 'gauge' : 'summary'
}

function labelsText(labels: Labels): string {
  if (labels.length === 0) return ''
  return `{${labels.map(([label, value]) => `${label}="${escaped(value)}"`).join(',')}}`
}

/** A top-level znode's name may hold anything. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '+Inf' : '-Inf'
}
