import { apache, counter, counterSet, ensemble, summary, summarySet, advancedSummary } from './description.ts'
import type { MetricTable } from './description.ts'

/** Connections, sessions, watches, throttles and traffic of clients. */
export const connections = {
  connection_request_count: counter('handshakes', 'Requests for a session, new or renewed.', 'a handshake'),
  connection_token_deficit: summary('tokens', 'Tokens that the connection throttle lacked.', 'a handshake'),
  connection_rejected: counter('connections', 'Connections refused at a limit of connections.', 'a refusal'),
  connection_drop_count: counter(
    'connections',
    'Connections that a client ended without closing its session.',
    'an end',
  ),
  connection_revalidate_count: counter('sessions', 'Sessions that a client moved to this server.', 'a renewal'),
  revalidate_count: ensemble(counter('sessions', 'Sessions that learners had this leader check.', 'a check')),
  sessionless_connections_expired: counter('connections', 'Connections closed that never had a session.', 'a close'),
  stale_sessions_expired: counter('sessions', 'Sessions that expired.', 'an expiry'),
  bytes_received_count: counter('bytes', 'Bytes received from clients.', 'a read of a socket'),
  response_bytes: counter('bytes', 'Bytes of replies.', 'a reply'),
  watch_bytes: counter('bytes', 'Bytes of watch events.', 'an event'),
  cnxn_closed_without_zk_server_running: counter(
    'connections',
    'Connections closed since the server was not serving.',
    'a close',
  ),
  unsuccessful_handshake: counter('handshakes', 'TLS handshakes that failed.', 'a failure'),
  tls_handshake_exceeded: counter('connections', 'Connections refused at the limit of TLS handshakes.', 'a refusal'),
  insecure_admin_count: counter('requests', 'Requests over plain HTTP where the admin port takes both.', 'a request'),
  netty_queued_buffer_capacity: apache(summary('bytes', 'Bytes queued in Netty for a connection.', 'never')),

  node_created_watch_count: summary('watches', 'Watches fired by a creation.', 'a creation that fires one'),
  node_deleted_watch_count: summary('watches', 'Watches fired by a deletion.', 'a deletion that fires one'),
  node_changed_watch_count: summary('watches', 'Watches fired by a change of data.', 'a change that fires one'),
  node_children_watch_count: summary('watches', 'Watches fired by a change of children.', 'a change that fires one'),
  add_dead_watcher_stall_time: apache(counter('ms', 'Time waited for the cleaner of dead watchers.', 'never')),
  dead_watchers_queued: apache(counter('watchers', 'Watchers of closed connections to clean up.', 'never')),
  dead_watchers_cleared: apache(counter('watchers', 'Watchers of closed connections cleaned up.', 'never')),
  dead_watchers_cleaner_latency: apache(advancedSummary('ms', 'Time of a cleaning of dead watchers.', 'never')),

  response_packet_cache_hits: apache(counter('replies', 'Replies of getData from the cache.', 'never')),
  response_packet_cache_misses: apache(counter('replies', 'Replies of getData not in the cache.', 'never')),
  response_packet_get_children_cache_hits: apache(
    counter('replies', 'Replies of getChildren from the cache.', 'never'),
  ),
  response_packet_get_children_cache_misses: apache(
    counter('replies', 'Replies of getChildren not in the cache.', 'never'),
  ),

  throttled_ops: counter('requests', 'Requests answered THROTTLEDOP.', 'a refusal'),
  stale_requests: counter('requests', 'Requests begun although they were stale.', 'such a request'),
  stale_requests_dropped: counter('requests', 'Stale requests dropped.', 'such a request'),
  stale_replies: apache(counter('replies', 'Replies to connections that had gone.', 'never')),
  request_throttle_queue_time_ms: advancedSummary('ms', 'Time in the queue of the throttle.', 'a request'),
  request_throttle_wait_count: counter('waits', 'Waits since too many requests were outstanding.', 'a wait'),
  large_requests_rejected: counter('requests', 'Requests refused at the limit of large requests.', 'a refusal'),

  write_per_namespace: summarySet('bytes', 'Size of writes, path and data, by top-level znode.', 'a write'),
  read_per_namespace: summarySet('bytes', 'Size of reads, path and data, by top-level znode.', 'a read'),
  quota_exceeded_error_per_namespace: counterSet(
    'requests',
    'Requests answered QUOTAEXCEEDED, by top-level znode.',
    'a refusal',
  ),
} as const satisfies MetricTable
