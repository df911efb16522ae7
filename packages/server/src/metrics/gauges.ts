import { JavaDouble } from './javaDouble.ts'
import { fileDescriptors } from './process.ts'
import type { GaugeName } from './table.ts'
import type { ServerStatus } from '../status.ts'

/** A long where Apache has one, a double where Apache has that. */
export type MetricNumber = number | JavaDouble

export interface GaugeReading {
  readonly name: GaugeName
  /** The key of a gauge set's entry: a top-level znode. */
  readonly key?: string
  readonly value: MetricNumber
}

/** Reads every gauge that this server has: none while it does not serve, an ensemble's only where it is in one. */
export function readGauges(status: ServerStatus): GaugeReading[] {
  if (!status.isServing()) return []
  return [...serverGauges(status), ...quotaGauges(status), ...ensembleGauges(status)]
}

function serverGauges(status: ServerStatus): GaugeReading[] {
  const { statistics } = status
  const counts = status.counts()
  const descriptors = fileDescriptors()
  const values: readonly (readonly [GaugeName, MetricNumber])[] = [
    ['avg_latency', new JavaDouble(statistics.latency.average)],
    ['max_latency', Math.trunc(statistics.latency.max)],
    ['min_latency', Math.trunc(statistics.latency.min)],
    ['packets_received', statistics.received],
    ['packets_sent', statistics.sent],
    ['num_alive_connections', counts.connections],
    ['outstanding_requests', status.outstandingRequests()],
    ['uptime', Math.trunc(status.uptimeMs())],
    ['znode_count', counts.znodes],
    ['watch_count', counts.watches],
    ['ephemerals_count', counts.ephemerals],
    ['approximate_data_size', counts.approximateDataBytes],
    ['global_sessions', counts.globalSessions],
    ['local_sessions', counts.localSessions],
    ['open_file_descriptor_count', descriptors.open],
    ['max_file_descriptor_count', descriptors.max],
    ['connection_drop_probability', new JavaDouble(counts.connectionDropProbability)],
    ['last_client_response_size', statistics.lastResponseBytes],
    ['max_client_response_size', statistics.maxResponseBytes],
    ['min_client_response_size', statistics.minResponseBytes],
    ['outstanding_tls_handshake', counts.tlsHandshakes],
    ['auth_failed_count', statistics.authFailed],
    ['non_mtls_remote_conn_count', statistics.nonMutualTlsRemoteConnections],
    ['non_mtls_local_conn_count', statistics.nonMutualTlsLocalConnections],
  ]
  return values.map(([name, value]) => ({ name, value }))
}

/** A limit that is not set has no reading, as in Apache's server. */
function quotaGauges(status: ServerStatus): GaugeReading[] {
  return status.quotas().flatMap(({ namespace: key, ...quota }) => {
    const values: readonly (readonly [GaugeName, number])[] = [
      ['quota_count_limit_per_namespace', quota.countLimit],
      ['quota_bytes_limit_per_namespace', quota.bytesLimit],
      ['quota_count_usage_per_namespace', quota.count],
      ['quota_bytes_usage_per_namespace', quota.bytes],
    ]
    return values.filter(([, value]) => value !== -1).map(([name, value]) => ({ name, key, value }))
  })
}

function ensembleGauges(status: ServerStatus): GaugeReading[] {
  return Object.entries(status.ensemble?.gauges() ?? {}).map(([name, value]) => ({ name: name as GaugeName, value }))
}
