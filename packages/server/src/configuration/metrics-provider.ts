export type MetricsProvider = 'default' | 'prometheus' | 'none'

const providersByClass: ReadonlyMap<string, MetricsProvider> = new Map([
  ['org.apache.zookeeper.metrics.impl.DefaultMetricsProvider', 'default'],
  ['org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider', 'prometheus'],
  ['org.apache.zookeeper.metrics.impl.NullMetricsProvider', 'none'],
])

export const metricsProviderClasses: readonly string[] = [...providersByClass.keys()]

export function metricsProviderOf(className: string): MetricsProvider | undefined {
  return providersByClass.get(className)
}
