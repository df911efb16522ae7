/** The admin server and the metrics endpoint: opened, and their code loaded, as far as they are asked for. */
import type { Listening } from './admin/listen.ts'
import type { TraceMask } from './admin/traceMask.ts'
import type { ServerConfiguration } from './configuration/configuration.ts'
import type { Logging } from './logging/logging.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { ServerStatus } from './status.ts'

export interface EndpointsOptions {
  readonly configuration: ServerConfiguration
  readonly logging: Logging
  readonly status: ServerStatus
  readonly metrics: Metrics
  readonly traceMask: TraceMask
}

/** All that are asked for, or none: rejects with a ListenError or what is wrong with the admin server's TLS. */
export async function openEndpoints(options: EndpointsOptions): Promise<Listening[]> {
  const { admin, metrics } = options.configuration
  const opened: Listening[] = []
  try {
    if (metrics.provider === 'prometheus') opened.push(await openMetricsEndpoint(options))
    if (admin.enabled) opened.push(await openAdminServer(options))
    return opened
  } catch (error) {
    for (const endpoint of opened) await endpoint.close()
    throw error
  }
}

async function openMetricsEndpoint({ configuration, logging, status, metrics }: EndpointsOptions): Promise<Listening> {
  const { startMetricsEndpoint } = await import('./metrics/endpoint.ts')
  const { httpHost: host, httpPort: port, exportProcessInfo: exportProcess } = configuration.metrics
  return startMetricsEndpoint({ host, port, exportProcess, metrics, status, logger: logging.logger('metrics') })
}

async function openAdminServer(options: EndpointsOptions): Promise<Listening> {
  const { configuration, logging, status, metrics, traceMask } = options
  const { admin, authentication, snapshot } = configuration
  const { startAdminServer } = await import('./admin/adminServer.ts')
  return startAdminServer({
    ...admin,
    transport: admin.forceHttps ? 'https' : admin.portUnification ? 'both' : 'http',
    ...(await adminTls(configuration)),
    status,
    metrics,
    metricsStyle: configuration.metrics.provider,
    traceMask,
    logging,
    serializeLastProcessedZxid: snapshot.serializeLastProcessedZxid,
    useXForwardedFor: authentication.ip.useXForwardedFor,
  })
}

async function adminTls({ admin }: ServerConfiguration) {
  if (!admin.forceHttps && !admin.portUnification) return {}
  const { adminTlsOptions } = await import('./admin/tls.ts')
  return { tls: await adminTlsOptions(admin) }
}
