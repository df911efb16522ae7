/** Commands about the server as a whole. */
import { toHex } from '@meerkat/protocol'
import { JavaDouble } from '../../metrics/javaDouble.ts'
import { resetMetrics } from '../../metrics/metrics.ts'
import { monitorValues } from '../../metrics/monitorValues.ts'
import type { ResponseSizes, ServerStatus } from '../../status.ts'
import { environment } from '../environment.ts'
import { always, reading } from './command.ts'
import type { Command, Fields } from './command.ts'
import { connectionsFields } from './connections.ts'

export const serverCommands = {
  configuration: reading(['conf', 'config'], 'The configuration.', ({ status }) => configurationFields(status)),
  dirs: reading([], 'Sizes of the data directory and the log directory, in bytes.', ({ status }) => {
    const { dataBytes, logBytes } = status.directorySizes()
    return { datadir_size: dataBytes, logdir_size: logBytes }
  }),
  environment: always(
    reading(['env', 'envi'], 'The process and the machine.', ({ status }) =>
      Object.fromEntries(environment(status.version)),
    ),
  ),
  hash: reading([], 'The digests of the tree that were kept, with their zxids.', ({ status }) => ({
    digests: status.digestLog().map(({ zxid, digest, version }) => ({ zxid, digest, digest_version: version })),
  })),
  initial_configuration: reading(['icfg'], 'The text of zoo.cfg.', ({ status }) => ({
    initial_configuration: status.configuration.file,
  })),
  is_read_only: reading(['isro'], 'Whether the server is read-only.', ({ status }) => ({
    read_only: isReadOnly(status),
  })),
  last_snapshot: reading(
    ['lsnp'],
    'Zxid, in hexadecimal, and time, in seconds, of the newest snapshot.',
    ({ status }) => {
      const last = status.lastSnapshot()
      return last === undefined
        ? { zxid: toHex(-1), timestamp: -1 }
        : { zxid: toHex(last.zxid), timestamp: Math.floor(last.atMs / 1000) }
    },
  ),
  monitor: always(
    reading(['mntr'], 'Every metric, as the four-letter word `mntr` has it.', ({ status, metrics, metricsStyle }) => ({
      version: status.version,
      server_state: status.mode(),
      ...(status.ensemble !== undefined && { peer_state: status.ensemble.peerState() }),
      ...Object.fromEntries(
        monitorValues(metrics, status, metricsStyle).map(([name, value]) => [
          name,
          value instanceof JavaDouble ? value : Math.round(value),
        ]),
      ),
    })),
  ),
  ruok: reading([], 'Nothing: an answer without an error says that the server serves.', () => ({})),
  server_stats: reading(['srvr'], 'Version, statistics and number of znodes.', ({ status }) => statsFields(status)),
  stats: reading(['stat'], 'As `server_stats`, with the connections.', ({ status }) => ({
    ...statsFields(status),
    ...connectionsFields(status, 'brief'),
  })),
  stat_reset: reading(['srst'], 'Resets the statistics of the server.', ({ metrics, metricsStyle }) => {
    resetMetrics(metrics, metricsStyle)
    return {}
  }),
  system_properties: always(
    reading(['sysp'], 'The configuration as Java system properties, secrets left out.', ({ status }) => ({
      ...status.configuration.properties,
    })),
  ),
  get_trace_mask: always(
    reading(['gtmk'], 'The trace mask, which has no effect here.', ({ traceMask }) => ({ tracemask: traceMask.value })),
  ),
  set_trace_mask: {
    aliases: ['stmk'],
    help: 'Sets the trace mask: `?traceMask=306`.',
    needsServing: false,
    protected: 'no',
    get: ({ traceMask }, { query }) => {
      const text = query.get('traceMask')
      const got = text === null ? '' : `, got ${text}`
      if (text === null || !/^[+-]?\d{1,19}$/.test(text)) {
        return { fields: { error: `setTraceMask requires long traceMask argument${got}` } }
      }
      traceMask.value = BigInt.asIntN(64, BigInt(text.replace('+', '')))
      return { fields: { tracemask: traceMask.value } }
    },
  },
} as const satisfies Record<string, Command>

function isReadOnly(status: ServerStatus): boolean {
  return status.mode() === 'read-only'
}

function configurationFields({ configuration: conf }: ServerStatus): Fields {
  return {
    client_port: conf.clientPort,
    data_dir: conf.dataDir,
    data_log_dir: conf.dataLogDir,
    tick_time: conf.tickTimeMs,
    max_client_cnxns: conf.maxClientConnections,
    min_session_timeout: conf.minSessionTimeoutMs,
    max_session_timeout: conf.maxSessionTimeoutMs,
    server_id: conf.serverId,
    client_port_listen_backlog: conf.listenBacklog,
  }
}

/** The misspelt names of connections without mutual TLS are Apache's. */
function statsFields(status: ServerStatus): Fields {
  const { statistics } = status
  const responses = sizesFields({
    last: statistics.lastResponseBytes,
    min: statistics.minResponseBytes,
    max: statistics.maxResponseBytes,
  })
  const directories = status.directorySizes()
  const proposals = status.ensemble?.proposalSizes()
  return {
    version: status.version,
    read_only: isReadOnly(status),
    server_stats: {
      packets_sent: statistics.sent,
      packets_received: statistics.received,
      fsync_threshold_exceed_count: statistics.fsyncThresholdExceeded,
      client_response_stats: responses,
      provider_null: false,
      data_dir_size: directories.dataBytes,
      log_dir_size: directories.logBytes,
      last_processed_zxid: status.lastZxid(),
      outstanding_requests: status.outstandingRequests(),
      server_state: status.mode(),
      avg_latency: new JavaDouble(statistics.latency.average),
      max_latency: Math.trunc(statistics.latency.max),
      min_latency: Math.trunc(statistics.latency.min),
      num_alive_client_connections: status.counts().connections,
      uptime: Math.trunc(status.uptimeMs()),
      auth_failed_count: statistics.authFailed,
      non_mtlsremote_conn_count: statistics.nonMutualTlsRemoteConnections,
      non_mtlslocal_conn_count: statistics.nonMutualTlsLocalConnections,
    },
    client_response: responses,
    ...(proposals !== undefined && { proposal_stats: sizesFields(proposals) }),
    node_count: status.counts().znodes,
  }
}

function sizesFields({ last, min, max }: ResponseSizes): Fields {
  return { last_buffer_size: last, min_buffer_size: min, max_buffer_size: max }
}
