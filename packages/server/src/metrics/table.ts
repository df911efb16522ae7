/** Every metric there is, under the names of Apache's server; docs/reference/metrics.md is generated from it. */
import { connections } from './table/connections.ts'
import { gauges } from './table/gauges.ts'
import { pipeline } from './table/pipeline.ts'
import { quorum } from './table/quorum.ts'
import { processMetrics } from './table/process.ts'
import { storage } from './table/storage.ts'

export const metricGroups = [
  { title: 'Gauges', metrics: gauges },
  { title: 'Storage', metrics: storage },
  { title: 'Connections', metrics: connections },
  { title: 'Requests', metrics: pipeline },
  { title: 'Ensemble', metrics: quorum },
] as const

/** The metrics that grow, as against gauges, which are read from the server when asked for. */
export const GROWING = { ...storage, ...connections, ...pipeline, ...quorum }
export type GrowingMetricName = keyof typeof GROWING
export type GaugeName = keyof typeof gauges

export { processMetrics }
