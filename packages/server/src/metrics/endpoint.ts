import type { IncomingMessage, ServerResponse } from 'node:http'
import { listen } from '../admin/listen.ts'
import { targetOf } from '../admin/target.ts'
import type { Listening } from '../admin/listen.ts'
import type { Logger } from '../logging/logger.ts'
import type { ServerStatus } from '../status.ts'
import { growingNames, rotateMetrics } from './metrics.ts'
import type { Metrics } from './metrics.ts'
import { watchProcess } from './processSamples.ts'
import { prometheusText, PROMETHEUS_CONTENT_TYPE } from './prometheusText.ts'
import { samplesOf } from './samples.ts'
import type { Sample } from './samples.ts'

export interface MetricsEndpointOptions {
  /** metricsProvider.httpHost, .httpPort, .exportJvmInfo. */
  readonly host: string
  readonly port: number
  readonly exportProcess: boolean
  readonly metrics: Metrics
  readonly status: ServerStatus
  readonly logger: Logger
}

/** Quantiles are of the last one to two of these. */
const periodMs = 5 * 60_000
const maxConnections = 64

/**
 * Starts http://host:port/metrics, as Apache's PrometheusMetricsProvider has it. `?name[]=` chooses metrics. Rejects
 * with a ListenError if the port is in use; Apache's server then ends with exit code 1.
 */
export async function startMetricsEndpoint(options: MetricsEndpointOptions): Promise<Listening> {
  const { createServer } = await import('node:http')
  const process = options.exportProcess ? watchProcess() : undefined
  const page = metricsPage(options, () => process?.samples() ?? [])
  const limits = { requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 16_384 }
  const server = createServer(limits, (request, response) => {
    try {
      answer(request, response, page)
    } catch (error) {
      options.logger.error('the metrics could not be read', { error })
      end(response, 500, 'The metrics could not be read; see the log.\n')
    }
  })
  const listening = await listen(server, {
    ...options,
    maxConnections,
    purpose: 'the Prometheus endpoint',
    setting: 'metricsProvider.httpPort',
  }).catch((error: unknown) => {
    process?.stop()
    throw error
  })
  return {
    port: listening.port,
    close: () => {
      process?.stop()
      return listening.close()
    },
  }
}

/** Makes the page on every call, and ends a period of the quantiles when it has lasted long enough. */
export function metricsPage(
  { metrics, status }: Pick<MetricsEndpointOptions, 'metrics' | 'status'>,
  processSamples: () => Sample[],
): (only?: ReadonlySet<string>) => string {
  let periodEndsAtMs = status.elapsedMs() + periodMs
  return (only) => {
    if (status.elapsedMs() >= periodEndsAtMs) {
      rotateMetrics(metrics)
      periodEndsAtMs = status.elapsedMs() + periodMs
    }
    return prometheusText([...samplesOf(metrics, status), ...processSamples()], growingNames, only)
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  page: (only?: ReadonlySet<string>) => string,
): void {
  const { path, query } = targetOf(request)
  request.resume()
  if (path !== '/metrics') return end(response, 404, 'Metrics are at /metrics.\n')
  if (request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'POST') {
    return end(response, 405, 'Use GET.\n')
  }
  const names = query.getAll('name[]')
  end(response, 200, page(names.length === 0 ? undefined : new Set(names)))
}

function end(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'Content-Type': PROMETHEUS_CONTENT_TYPE,
    'Content-Length': Buffer.byteLength(body),
  })
  response.end(body)
}
