import { advancedSummary, counter, ensemble, summary } from './description.ts'
import type { MetricTable } from './description.ts'

/** The way of a request through the server. */
export const pipeline = {
  readlatency: advancedSummary('ms', 'Time from the arrival of a read to its reply.', 'a read answered'),
  updatelatency: advancedSummary(
    'ms',
    'Time from the arrival of a write, or of a new client, to its reply.',
    'a write answered, a session made',
  ),
  propagation_latency: advancedSummary(
    'ms',
    'Time from the proposal of a transaction to its effect on this server.',
    'a transaction applied',
  ),

  prep_processor_queue_time_ms: advancedSummary('ms', 'Time from arrival to check.', 'a request'),
  prep_processor_queue_size: summary('requests', 'Requests that arrived together.', 'a batch of requests'),
  prep_processor_request_queued: counter('requests', 'Requests that came to be checked.', 'a request'),
  prep_process_time: summary('ms', 'Time to check a request and make its transaction.', 'a request'),
  proposal_process_time: summary('ms', 'Time to hand on a request that was checked.', 'a request'),
  close_session_prep_time: advancedSummary('ms', 'Time to make the transaction that closes a session.', 'such a close'),
  outstanding_changes_queued: counter('changes', 'Changes of znodes made and not yet applied.', 'a change'),
  outstanding_changes_removed: counter('changes', 'Changes of znodes that were applied.', 'a change'),

  sync_processor_queue_and_flush_time_ms: advancedSummary('ms', 'Time from check to durable.', 'a transaction'),
  sync_processor_queue_size: summary('transactions', 'Transactions that wait for the log.', 'a group'),
  sync_processor_request_queued: counter('transactions', 'Transactions that came to the log.', 'a transaction'),
  sync_processor_queue_time_ms: advancedSummary('ms', 'Time that a transaction waited for the log.', 'a transaction'),
  sync_processor_queue_flush_time_ms: advancedSummary('ms', 'Time from a write of the log to durable.', 'a group'),
  sync_process_time: summary('ms', 'Time to append a transaction to the log.', 'a transaction'),
  sync_processor_batch_size: summary('transactions', 'Transactions of one sync of the log.', 'a group'),

  requests_in_session_queue: ensemble(summary('requests', 'Requests of a session that wait.', 'a round of commits')),
  pending_session_queue_size: ensemble(summary('sessions', 'Sessions with requests that wait.', 'a round of commits')),
  reads_after_write_in_session_queue: ensemble(
    summary('requests', 'Reads behind a write of their session.', 'a round of commits'),
  ),
  reads_issued_from_session_queue: ensemble(
    summary('requests', 'Reads let go when a write was committed.', 'a round of commits'),
  ),
  session_queues_drained: ensemble(summary('sessions', 'Sessions let go by commits.', 'a round of commits')),
  time_waiting_empty_pool_in_commit_processor_read_ms: ensemble(
    summary('ms', 'Time that commits waited for reads to end.', 'a round of commits'),
  ),
  write_batch_time_in_commit_processor: ensemble(summary('ms', 'Time to apply a batch of writes.', 'a batch')),
  concurrent_request_processing_in_commit_processor: ensemble(
    summary('requests', 'Requests processed at once.', 'a round of commits'),
  ),
  read_commit_proc_req_queued: ensemble(summary('requests', 'Reads that wait for commits.', 'a round of commits')),
  write_commit_proc_req_queued: ensemble(summary('requests', 'Writes that wait for commits.', 'a round of commits')),
  commit_commit_proc_req_queued: ensemble(summary('requests', 'Commits that wait.', 'a round of commits')),
  request_commit_queued: ensemble(counter('requests', 'Commits that came to be applied.', 'a commit')),
  read_commit_proc_issued: ensemble(summary('requests', 'Reads let go.', 'a round of commits')),
  write_commit_proc_issued: ensemble(summary('requests', 'Writes let go.', 'a round of commits')),
  read_commitproc_time_ms: ensemble(advancedSummary('ms', 'Time that a read waited for commits.', 'a read')),
  write_commitproc_time_ms: ensemble(advancedSummary('ms', 'Time that a write waited for its commit.', 'a write')),
  local_write_committed_time_ms: ensemble(
    advancedSummary('ms', 'Time from commit to effect of a write of this server.', 'a write'),
  ),
  server_write_committed_time_ms: ensemble(
    advancedSummary('ms', 'Time from commit to effect of a write of another server.', 'a write'),
  ),
  commit_process_time: ensemble(summary('ms', 'Time of a round of commits.', 'a round of commits')),
  read_final_proc_time_ms: ensemble(advancedSummary('ms', 'Time to answer a read.', 'a read')),
  write_final_proc_time_ms: ensemble(advancedSummary('ms', 'Time to apply a write.', 'a write')),
} as const satisfies MetricTable
