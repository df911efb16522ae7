/** Commands about connections, sessions and watches. */
import type { ConnectionStatus, ServerStatus } from '../../status.ts'
import type { Json } from '../json.ts'
import { reading } from './command.ts'
import type { Command, Fields } from './command.ts'

export const connectionCommands = {
  connections: reading(['cons'], 'Every connection of both ports, with its session.', ({ status }) =>
    connectionsFields(status, 'full'),
  ),
  connection_stat_reset: reading(['crst'], 'Resets the statistics of connections.', ({ status }) => {
    status.resetConnectionStatistics()
    return {}
  }),
  dump: reading([], 'Sessions by the time at which they expire, ephemeral znodes by session.', ({ status }) => ({
    expiry_time_to_session_ids: new Map(status.sessionExpiry().map(({ atMs, members }) => [String(atMs), members])),
    session_id_to_ephemeral_paths: byText(status.ephemerals()),
  })),
  watches: reading(['wchc'], 'Watched paths by session.', ({ status }) => ({
    session_id_to_watched_paths: byText(status.watchesBySession()),
  })),
  watches_by_path: reading(['wchp'], 'Sessions by watched path.', ({ status }) => ({
    path_to_session_ids: status.watchesByPath(),
  })),
  watch_summary: reading(['wchs'], 'How many connections watch how many paths.', ({ status }) => {
    const { connections, paths, watches } = status.watchSummary()
    return { num_connections: connections, num_paths: paths, num_total_watches: watches }
  }),
} as const satisfies Record<string, Command>

export function connectionsFields(status: ServerStatus, detail: 'brief' | 'full'): Fields {
  const all = status.connections()
  const describe = (secure: boolean): Json[] =>
    all.filter((connection) => connection.secure === secure).map((connection) => connectionFields(connection, detail))
  return { connections: describe(false), secure_connections: describe(true) }
}

function connectionFields(connection: ConnectionStatus, detail: 'brief' | 'full'): Fields {
  const brief = {
    remote_socket_address: connection.remoteAddress,
    interest_ops: connection.interestOps,
    outstanding_requests: connection.outstandingRequests,
    packets_received: connection.received,
    packets_sent: connection.sent,
  }
  if (detail === 'brief') return brief
  return {
    ...brief,
    session_id: connection.sessionId,
    last_operation: connection.lastOperation,
    established: Math.trunc(connection.establishedAtMs),
    session_timeout: connection.sessionTimeoutMs,
    last_cxid: connection.lastCxid,
    last_zxid: connection.lastZxid,
    last_response_time: Math.trunc(connection.lastResponseAtMs),
    last_latency: Math.trunc(connection.lastLatencyMs),
    min_latency: Math.trunc(connection.minLatencyMs),
    avg_latency: Math.trunc(connection.averageLatencyMs),
    max_latency: Math.trunc(connection.maxLatencyMs),
  }
}

function byText<T extends Json>(byId: ReadonlyMap<bigint, T>): ReadonlyMap<string, T> {
  return new Map([...byId].map(([id, value]) => [String(id), value]))
}
