import { boolean, ensemble, fraction, int, java } from './key.ts'
import type { KeyTable } from './key.ts'

const threads = 'one thread takes requests in order'
const noPolling = 'requests that wait are begun as soon as others are answered'
const goTogether = 'requests that wait go with their connection'

/** What slows down or turns away work when there is too much of it. */
export const throttles = {
  request_throttle_max_requests: int('Requests in progress at which further ones wait; 0 is off.', { default: 0 }),
  request_throttle_stall_time: java('int', '100', 'Time after which waiting requests are looked at again.', noPolling),
  request_throttle_drop_stale: boolean('Whether a waiting request that is stale is dropped, with its connection.', {
    default: true,
  }),
  request_stale_latency_check: boolean('Whether a request that waits for longer than its session timeout is stale.', {
    default: false,
  }),
  request_stale_connection_check: java(
    'boolean',
    'true',
    'Whether a request whose connection is closed is stale.',
    goTogether,
  ),
  'request_throttler.shutdownTimeout': java('int', '10000', 'Time the throttling thread gets to end.', threads),
  throttled_op_wait_time: int('Time after which a request that waited is answered THROTTLEDOP; 0 is off.', {
    default: 0,
    unit: 'ms',
  }),
  largeRequestMaxBytes: int('Bytes of large requests in progress; one beyond that costs its connection.', {
    default: 104_857_600,
    min: 1,
    unit: 'bytes',
  }),
  largeRequestThreshold: int('Size above which a request is a large one; -1 is off.', { default: -1, unit: 'bytes' }),
  connection_throttle_tokens: int('Sessions that may begin or be renewed at once; 0 is no limit.', {
    default: 0,
    min: 0,
  }),
  connection_throttle_fill_time: int('Time after which tokens are added.', { default: 1, min: 1, unit: 'ms' }),
  connection_throttle_fill_count: int('Tokens added each time.', { default: 1, min: 0 }),
  connection_throttle_freeze_time: int('Time between two changes of the chance to be turned away; -1 is off.', {
    default: -1,
    unit: 'ms',
  }),
  connection_throttle_drop_increase: fraction('What is added to that chance when no token is left.', {
    default: 0.02,
    min: 0,
    max: 1,
  }),
  connection_throttle_drop_decrease: fraction('What is taken from it when there are tokens.', {
    default: 0.002,
    min: 0,
    max: 1,
  }),
  connection_throttle_decrease_ratio: fraction('Share of tokens missing up to which the chance goes down.', {
    default: 0,
    min: 0,
    max: 1,
  }),
  connection_throttle_weight_enabled: boolean(
    'Whether connections of different kinds cost different numbers of tokens.',
    {
      default: false,
    },
  ),
  connection_throttle_global_session_weight: int('Tokens that a new session costs.', { default: 3, min: 1 }),
  connection_throttle_renew_session_weight: int('Tokens that coming back to a session costs.', { default: 2, min: 1 }),
  connection_throttle_local_session_weight: int('Tokens that a new local session costs.', { default: 1, min: 1 }),
  'commitProcessor.numWorkerThreads': java('int', 'cores', 'Threads that answer reads.', threads),
  'commitProcessor.maxReadBatchSize': java('int', '-1', 'Reads answered before a write is looked at.', threads),
  'commitProcessor.maxCommitBatchSize': java('int', '1', 'Writes answered before reads are looked at.', threads),
  'commitProcessor.shutdownTimeout': java('long', '5000', 'Time those threads get to end.', threads),
  'learner.asyncSending': ensemble(
    boolean('Whether a learner sends to its leader beside its other work.', { default: false }),
  ),
  'learner.closeSocketAsync': ensemble(
    boolean('Whether a learner closes its connection beside its other work.', { default: false }),
  ),
  'leader.closeSocketAsync': ensemble(
    boolean('Whether a leader closes connections beside its other work.', { default: false }),
  ),
  'follower.skipLearnerRequestToNextProcessor': ensemble(
    boolean('Whether a follower keeps requests of learners out of its own pipeline.', { default: false }),
  ),
  forward_learner_requests_to_commit_processor_disabled: ensemble(
    boolean('Whether a leader keeps requests of learners out of its commit stage.', { default: false }),
  ),
} as const satisfies KeyTable
