import { boolean, choice, ensemble, fileOnly, int, java, long, ordinaryEnsemble, path, withProperty } from './key.ts'
import type { KeyTable } from './key.ts'

const noCache = 'answers are written from the tree, where data lies as it is sent'

/** Requests in flight, sessions, snapshots, and how servers find and follow each other. */
export const behaviour = {
  globalOutstandingLimit: int('Requests in progress at which the server stops reading more.', {
    default: 1000,
    min: 0,
  }),
  localSessionsEnabled: ensemble(
    fileOnly(boolean('Whether a session begins as known to its own server only.', { default: false })),
  ),
  localSessionsUpgradingEnabled: ensemble(
    fileOnly(boolean('Whether a local session becomes a global one when it creates an ephemeral.', { default: false })),
  ),
  'readonlymode.enabled': withProperty(
    'readonlymode.enabled',
    boolean('Whether a server without an ensemble serves reads; `isro` is then among the four-letter words.', {
      default: false,
    }),
  ),
  'closeSessionTxn.enabled': boolean('Whether the transaction that closes a session lists its ephemerals.', {
    default: true,
  }),
  'digest.enabled': boolean('Whether each transaction carries the digest of the tree.', { default: true }),
  'snapshot.compression.method': choice('Compression of snapshots; empty is none.', ['', 'gz', 'snappy'], {
    default: '',
    defaultText: 'none',
  }),
  'snapshot.trust.empty': boolean('Whether a server with logs but no snapshot starts.', { default: false }),
  'serializeLastProcessedZxid.enabled': boolean('Whether a snapshot says up to which transaction it reaches.', {
    default: true,
  }),
  'multiAddress.enabled': ensemble(
    withProperty(
      'zookeeper.multiAddress.enabled',
      boolean('Whether a `server.N` line may name several addresses.', { default: false }),
    ),
  ),
  'multiAddress.reachabilityCheckEnabled': ensemble(
    boolean('Whether several addresses of a server are tried before one is used.', { default: true }),
  ),
  'multiAddress.reachabilityCheckTimeoutMs': ensemble(
    int('Time such a try may take.', { default: 1000, min: 1, unit: 'ms' }),
  ),
  quorumListenOnAllIPs: ordinaryEnsemble(
    fileOnly(boolean('Whether the ports between servers listen on every address.', { default: false })),
  ),
  cnxTimeout: ensemble(int('Time to open an election connection.', { default: 5000, unit: 'ms' })),
  quorumCnxnTimeoutMs: ensemble(
    int('Read timeout of election connections; -1 is by ticks.', { default: -1, unit: 'ms' }),
  ),
  electionPortBindRetry: ensemble(int('Tries to bind the election port; 0 never gives up.', { default: 3, min: 0 })),
  'fastleader.minNotificationInterval': ensemble(
    int('Shortest time between two rounds of notifications.', { default: 200, min: 1, unit: 'ms' }),
  ),
  'fastleader.maxNotificationInterval': ensemble(
    int('Longest time between two rounds of notifications.', { default: 60_000, min: 1, unit: 'ms' }),
  ),
  'leader.maxTimeToWaitForEpoch': ensemble(
    int('Time a leader waits for epochs of its followers; -1 is `initLimit`.', { default: -1, unit: 'ms' }),
  ),
  'leader.maxConcurrentSnapSyncs': ensemble(int('Snapshots a leader sends at a time.', { default: 10, min: 1 })),
  'leader.maxConcurrentDiffSyncs': ensemble(int('Logs a leader sends at a time.', { default: 100, min: 1 })),
  leaderConnectDelayDuringRetryMs: ensemble(
    int('Time between two tries to connect to the leader.', { default: 100, min: 0, unit: 'ms' }),
  ),
  'observer.reconnectDelayMs': ensemble(
    long('Time an observer waits before it connects again.', { default: 0, min: 0, unit: 'ms' }),
  ),
  'observer.election.DelayMs': ensemble(
    long('Time an observer waits before it looks for the leader again.', { default: 200, min: 0, unit: 'ms' }),
  ),
  'observerMaster.sizeLimit': ensemble(
    int('Packets a follower keeps for observers that come back.', { default: 33_554_432, min: 0, unit: 'bytes' }),
  ),
  oraclePath: ensemble(fileOnly(path('File that decides between two servers without a majority.'))),
  tcpKeepAlive: ensemble(boolean('Whether election connections use TCP keep-alive.', { default: false })),
  clientTcpKeepAlive: boolean('Whether client connections use TCP keep-alive.', { default: false }),
  'follower.nodelay': ensemble(
    withProperty('follower.nodelay', boolean('Whether a follower sends small packets at once.', { default: true })),
  ),
  'leader.nodelay': ensemble(
    withProperty('leader.nodelay', boolean('Whether a leader sends small packets at once.', { default: true })),
  ),
  maxResponseCacheSize: java('int', '400', 'Encoded answers of getData that are kept.', noCache),
  maxGetChildrenResponseCacheSize: java('int', '400', 'Encoded answers of getChildren that are kept.', noCache),
  'fsync.warningthresholdms': withProperty(
    'zookeeper.fsync.warningthresholdms',
    long('Time of a sync to the disk from which it is logged.', { default: 1000, unit: 'ms' }),
    'fsync.warningthresholdms',
  ),
  forceSnapshotSync: ensemble(
    boolean('Whether a leader always sends a snapshot to its followers; for tests.', { default: false }),
  ),
} as const satisfies KeyTable
