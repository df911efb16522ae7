import { advancedSummary, advancedSummarySet, apache, counter, ensemble, summary, summarySet } from './description.ts'
import type { MetricTable } from './description.ts'

const e = ensemble

/** Election, the following of a leader, proposals. */
export const quorum = {
  election_time: e(summary('ms', 'Time of an election.', 'an election won or lost')),
  looking_count: e(counter('elections', 'Times that the server began to look for a leader.', 'such a begin')),
  follower_sync_time: e(summary('ms', 'Time in which this follower came up to date.', 'a sync with a leader')),
  observer_sync_time: e(summary('ms', 'Time in which this observer came up to date.', 'a sync with a leader')),
  diff_count: e(counter('syncs', 'Learners brought up to date by transactions.', 'such a sync')),
  snap_count: e(counter('syncs', 'Learners brought up to date by a snapshot.', 'such a sync')),
  inflight_snap_count: e(summary('syncs', 'Syncs by snapshot at once.', 'such a sync')),
  inflight_diff_count: e(summary('syncs', 'Syncs by transactions at once.', 'such a sync')),
  unavailable_time: e(summary('ms', 'Time without a leader to serve under.', 'serving again')),
  leader_unavailable_time: e(summary('ms', 'Time from the loss of leadership to the next.', 'leading again')),
  quit_leading_due_to_disloyal_voter: e(counter('times', 'Leadership given up for a disloyal voter.', 'such an end')),

  commit_count: e(counter('commits', 'Commits that this leader sent.', 'a commit')),
  proposal_count: e(counter('proposals', 'Proposals that this leader made.', 'a proposal')),
  quorum_ack_latency: e(advancedSummary('ms', 'Time from a proposal to its quorum.', 'a quorum')),
  ack_latency: e(advancedSummarySet('ms', 'Time from a proposal to the answer of a server.', 'an answer')),
  proposal_latency: e(advancedSummary('ms', 'Time from the making of a proposal to its arrival here.', 'a proposal')),
  proposal_ack_creation_latency: e(advancedSummary('ms', 'Time from a proposal to this server’s answer.', 'an answer')),
  commit_propagation_latency: e(advancedSummary('ms', 'Time from a proposal to its commit here.', 'a commit')),
  learner_proposal_received_count: e(counter('proposals', 'Proposals that this learner received.', 'a proposal')),
  learner_commit_received_count: e(counter('commits', 'Commits that this learner received.', 'a commit')),
  learner_handler_qp_size: e(summarySet('packets', 'Packets that wait for a learner.', 'a packet')),
  learner_handler_qp_time_ms: e(advancedSummarySet('ms', 'Time that a packet waited for a learner.', 'a packet')),
  om_proposal_process_time_ms: e(advancedSummary('ms', 'Time to pass a proposal on to observers.', 'a proposal')),
  om_commit_process_time_ms: e(advancedSummary('ms', 'Time to pass a commit on to observers.', 'a commit')),
  learner_request_processor_queue_size: e(summary('requests', 'Requests of learners that wait.', 'a request')),
  skip_learner_request_to_next_processor_count: e(
    counter('requests', 'Requests of learners passed on at once.', 'such a request'),
  ),
  requests_not_forwarded_to_commit_processor: e(
    counter('requests', 'Requests kept from the commits.', 'such a request'),
  ),
  socket_closing_time: e(summary('ms', 'Time to close the socket of a peer.', 'a close')),

  ensemble_auth_success: counter('handshakes', 'Clients that named this ensemble rightly.', 'a handshake'),
  ensemble_auth_fail: counter('handshakes', 'Clients that named another ensemble.', 'a handshake'),
  ensemble_auth_skip: counter('handshakes', 'Clients that named no ensemble.', 'a handshake'),
  jvm_pause_time_ms: apache(advancedSummary('ms', 'Pauses of the Java machine.', 'never')),
} as const satisfies MetricTable
