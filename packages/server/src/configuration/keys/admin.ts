import { boolean, fileOnly, int, java, port, string } from './key.ts'
import type { KeyTable } from './key.ts'

const jetty = 'metrics are collected without worker threads'

/** The admin server over HTTP and the metrics. */
export const admin = {
  'admin.enableServer': boolean('Whether the admin server runs.', { default: true }),
  'admin.serverAddress': string('Address the admin server listens on.', { default: '0.0.0.0' }),
  'admin.serverPort': port('Port of the admin server.', { default: 8080 }),
  'admin.idleTimeout': int('Time after which a silent connection to the admin server is closed.', {
    default: 30_000,
    min: 1,
    unit: 'ms',
  }),
  'admin.httpVersion': java('int', '11', 'HTTP version of the admin server.', 'it speaks HTTP/1.1 always'),
  'admin.commandURL': string('Path under which the commands are.', { default: '/commands' }),
  'admin.portUnification': boolean('Whether the admin port takes HTTPS and HTTP.', { default: false }),
  'admin.forceHttps': boolean('Whether the admin port takes HTTPS only.', { default: false }),
  'admin.needClientAuth': boolean('Whether the admin server insists on a client certificate over HTTPS.', {
    default: false,
  }),
  'admin.snapshot.enabled': boolean('Whether the command `snapshot` is there.', { default: true }),
  'admin.restore.enabled': boolean('Whether the command `restore` is there.', { default: true }),
  'admin.rateLimiterIntervalInMS': int('Time between two runs of `snapshot`, or of `restore`.', {
    default: 300_000,
    min: 0,
    unit: 'ms',
  }),
  'metricsProvider.className': fileOnly(
    string('Apache’s Java class of the metrics provider: the default one, the Prometheus one, or the null one.', {
      default: 'org.apache.zookeeper.metrics.impl.DefaultMetricsProvider',
    }),
  ),
  'metricsProvider.httpHost': fileOnly(string('Address of the Prometheus endpoint.', { default: '0.0.0.0' })),
  'metricsProvider.httpPort': fileOnly(port('Port of the Prometheus endpoint.', { default: 7000 })),
  'metricsProvider.exportJvmInfo': fileOnly(
    boolean('Whether the Prometheus endpoint shows the process too: memory, garbage collection, event loop.', {
      default: true,
    }),
  ),
  'metricsProvider.numWorkerThreads': fileOnly(java('int', '1', 'Threads that take up values.', jetty)),
  'metricsProvider.maxQueueSize': fileOnly(java('int', '1000000', 'Values that may wait for those threads.', jetty)),
  'metricsProvider.workerShutdownTimeoutMs': fileOnly(java('long', '1000', 'Time those threads get to end.', jetty)),
} as const satisfies KeyTable
