import { counter, summary } from './description.ts'
import type { MetricTable } from './description.ts'

/** Transaction log, snapshots and what starting reads of them. */
export const storage = {
  fsynctime: summary('ms', 'Time of a sync of the transaction log to disk.', 'a sync'),
  snapshottime: summary('ms', 'Time to write a snapshot.', 'a snapshot'),
  snapshot_error_count: counter('snapshots', 'Snapshots asked for over HTTP that failed.', 'a failure'),
  snapshot_rate_limited_count: counter('requests', 'Snapshots over HTTP refused since one was just made.', 'a refusal'),
  restore_time: summary('ms', 'Time to restore from a snapshot.', 'a restore'),
  restore_error_count: counter('restores', 'Restores over HTTP that failed.', 'a failure'),
  restore_rate_limited_count: counter('requests', 'Restores over HTTP refused since one was just made.', 'a refusal'),
  dbinittime: summary('ms', 'Time to load snapshot and log.', 'a start'),
  startup_txns_loaded: summary('transactions', 'Transactions replayed from the log.', 'a start'),
  startup_txns_load_time: summary('ms', 'Time to replay the log.', 'a start'),
  startup_snap_load_time: summary('ms', 'Time to load the snapshot.', 'a start'),
  digest_mismatches_count: counter(
    'transactions',
    'Transactions after which the digest of the tree was not the recorded one.',
    'a mismatch',
  ),
  unrecoverable_error_count: counter('errors', 'Errors that stop the server.', 'an error'),
} as const satisfies MetricTable
