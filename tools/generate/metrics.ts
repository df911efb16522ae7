import { metricGroups, processMetrics } from '../../packages/server/src/metrics/table.ts'
import type { MetricDescription, MetricKind } from '../../packages/server/src/metrics/table/description.ts'
import { code, table } from './markdown.ts'

export const file = 'docs/reference/metrics.md'

const introduction = `# Metrics

<!-- Generated from packages/server/src/metrics/table by tools/generate/metrics.ts: change it there. -->

The names are those of Apache ZooKeeper 3.9, so its dashboards and alerts work unchanged. They are shown in three places:

- **Prometheus** at \`http://<metricsProvider.httpHost>:<metricsProvider.httpPort>/metrics\`, port 7000 unless set, where
  \`metricsProvider.className\` is \`org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider\`. \`?name[]=uptime\`
  asks for that metric alone. Quantiles are of the last five to ten minutes; without a value in that time they are NaN.
- the four-letter word **\`mntr\`**, with \`zk_\` in front of each name;
- the admin command **\`monitor\`**.

| Kind | Prometheus | \`mntr\` and \`monitor\` |
| --- | --- | --- |
| counter, gauge | \`name\` | \`name\` |
| summary | \`name{quantile="0.5"}\`, \`name_count\`, \`name_sum\` | \`avg_name\`, \`min_name\`, \`max_name\`, \`cnt_name\`, \`sum_name\` |
| advanced summary | also quantiles 0.9 and 0.99 | also \`p50_name\`, \`p95_name\`, \`p99_name\`, \`p999_name\`, of the time since the start or the last reset |
| a set of any of them | also a label \`key\` | the key in front of the name: \`avg_<key>_name\` |

With the Prometheus provider \`mntr\` and \`monitor\` show the names of Prometheus, as Apache's do. A set holds at most 1000
keys; what belongs to further ones is not counted. The four-letter word \`srst\` and the admin command \`stat_reset\` set
everything that grows back to zero, except under the Prometheus provider, whose counters must not go back.

A mark says of a metric:

- **ensemble**: it moves where several servers form an ensemble, and is zero on a server that stands alone; gauges of this
  kind are not shown there.
- **Apache**: it counts a step that only Apache's server has. It is there, so that a dashboard finds it, and stays zero.
`

const processIntroduction = `## Process

Only on the Prometheus page, and only where \`metricsProvider.exportJvmInfo\` is true. What Apache's page says of the Java
machine is said here of V8, Node.js' engine, where it means the same.
`

const words: Readonly<Record<MetricKind, string>> = {
  counter: 'counter',
  counterSet: 'set of counters',
  gauge: 'gauge',
  gaugeSet: 'set of gauges',
  summary: 'summary',
  advancedSummary: 'advanced summary',
  summarySet: 'set of summaries',
  advancedSummarySet: 'set of advanced summaries',
}

const marks = { standalone: '', ensemble: 'ensemble', apache: 'Apache' } as const

export function make(): string {
  const sections = metricGroups.map(({ title, metrics }) => `## ${title}\n\n${metricTable(metrics)}\n`)
  return [introduction, ...sections, processIntroduction, metricTable(processMetrics)].join('\n')
}

function metricTable(metrics: Readonly<Record<string, MetricDescription>>): string {
  const rows = Object.entries(metrics).map(([name, { kind, unit, help, when, meaning }]) => [
    code(name),
    words[kind],
    unit,
    help,
    when,
    marks[meaning],
  ])
  return table(['Name', 'Kind', 'Unit', 'What it is', 'Changes at', 'Mark'], rows)
}
