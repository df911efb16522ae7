import {
  boolean,
  choice,
  ensemble,
  family,
  fileOnly,
  fraction,
  int,
  list,
  long,
  ordinaryEnsemble,
  path,
  port,
  string,
  withProperty,
  yesNo,
} from './key.ts'
import type { KeyTable } from './key.ts'

/** Where data lies, where clients connect, how often to write and to purge, and who the members are. */
export const basics = {
  dataDir: fileOnly(path('Directory of snapshots, epochs and `myid`.', { defaultText: 'required' })),
  dataLogDir: fileOnly(
    path('Directory of transaction logs; a disk of its own speeds up writes.', { defaultText: '`dataDir`' }),
  ),
  'datadir.autocreate': boolean('Whether a missing data directory is created at start.', { default: true }),
  'db.autocreate': boolean(
    'Whether a server without any data starts with an empty tree instead of refusing unless a file named `initialize` is there.',
    { default: true },
  ),
  clientPort: fileOnly(port('Port for clients in clear text.')),
  clientPortAddress: fileOnly(string('Address the client port listens on.', { defaultText: 'every address' })),
  secureClientPort: fileOnly(port('Port for clients over TLS.')),
  secureClientPortAddress: fileOnly(
    string('Address the secure client port listens on.', { defaultText: 'every address' }),
  ),
  clientPortListenBacklog: fileOnly(
    int('Connections that may wait to be accepted; -1 leaves it to the system.', { default: -1, min: -1 }),
  ),
  tickTime: fileOnly(int('The unit of the time settings that count ticks.', { default: 3000, min: 1, unit: 'ms' })),
  minSessionTimeout: fileOnly(
    int('Shortest session timeout a client gets; -1 stands for 2 ticks.', { default: -1, min: -1, unit: 'ms' }),
  ),
  maxSessionTimeout: fileOnly(
    int('Longest session timeout a client gets; -1 stands for 20 ticks.', { default: -1, min: -1, unit: 'ms' }),
  ),
  maxClientCnxns: fileOnly(int('Connections that one address may hold at a time; 0 is no limit.', { default: 60 })),
  maxCnxns: int('Connections that all clients together may hold; 0 is no limit.', { default: 0 }),
  initLimit: ordinaryEnsemble(
    fileOnly(int('Time a follower may take to connect to a leader and catch up.', { min: 0, unit: 'ticks' })),
  ),
  syncLimit: ordinaryEnsemble(
    fileOnly(int('Time a follower may fall behind before the leader drops it.', { min: 0, unit: 'ticks' })),
  ),
  connectToLearnerMasterLimit: ensemble(
    fileOnly(
      int('Time a learner may take to connect to its leader; 0 stands for `initLimit`.', { default: 0, unit: 'ticks' }),
    ),
  ),
  'server.': ordinaryEnsemble(
    fileOnly(
      family(
        'N',
        'Server N of the ensemble: `host:quorumPort:electionPort[:participant|observer][;[clientHost:]clientPort]`, several addresses joined by a vertical bar.',
      ),
    ),
  ),
  'group.': ensemble(fileOnly(family('G', 'Servers of group G of a hierarchical quorum: ids joined by `:`.'))),
  'weight.': ensemble(fileOnly(family('N', 'Votes of server N in its group.'))),
  peerType: ordinaryEnsemble(
    fileOnly(
      choice('Role of this server; the `server.N` line decides.', ['participant', 'observer'], {
        default: 'participant',
      }),
    ),
  ),
  standaloneEnabled: fileOnly(
    boolean('Whether a single `server.N` line means a server that runs alone.', { default: true }),
  ),
  reconfigEnabled: ordinaryEnsemble(
    fileOnly(boolean('Whether the membership may be changed at run time.', { default: false })),
  ),
  dynamicConfigFile: fileOnly(path('File that holds the membership; the end of its name is its version.')),
  electionAlg: ordinaryEnsemble(fileOnly(int('Election algorithm; there is one.', { default: 3, min: 3, max: 3 }))),
  'autopurge.snapRetainCount': fileOnly(
    int('Snapshots that purging keeps, with the logs that belong to them; below 3 counts as 3.', { default: 3 }),
  ),
  'autopurge.purgeInterval': fileOnly(
    int('Time between two purges; 0 turns purging off.', { default: 0, unit: 'hours' }),
  ),
  snapCount: int('Transactions after which a snapshot is due, at random between half and all of it.', {
    default: 100_000,
  }),
  snapSizeLimitInKb: long(
    'Bytes of log after which a snapshot is due, at random between half and all of it; 0 turns it off.',
    {
      default: 4_194_304,
      unit: 'KB',
    },
  ),
  txnLogSizeLimitInKb: long('Size at which a new log file is begun; -1 is no limit.', { default: -1, unit: 'KB' }),
  preAllocSize: long('Space reserved at the end of a log file at a time.', {
    default: 65_536,
    min: 0,
    max: 2 ** 31,
    unit: 'KB',
  }),
  forceSync: yesNo(
    'Whether a transaction must be on the disk before it is acknowledged; `no` risks acknowledged data.',
    {
      default: true,
    },
  ),
  flushDelay: long('Time from one sync to the next in which transactions wait for more; 0 syncs at once.', {
    default: 0,
    unit: 'ms',
  }),
  maxWriteQueuePollTime: long('Time without a new transaction after which waiting ones are synced.', {
    defaultText: '`flushDelay` / 3',
    unit: 'ms',
  }),
  maxBatchSize: int('Transactions at which waiting ones are synced before `flushDelay` is over.', {
    default: 1000,
    min: 1,
  }),
  commitLogCount: ensemble(
    int('Transactions kept in memory for followers that catch up; below 500 counts as 500.', { default: 500 }),
  ),
  snapshotSizeFactor: ensemble(
    fraction('Size of log, as a part of the snapshot, up to which a follower catches up from the log on disk.', {
      default: 0.33,
    }),
  ),
  'jute.maxbuffer': withProperty(
    'jute.maxbuffer',
    int('Largest request accepted; clients need the same.', { default: 1_048_575, min: 1, unit: 'bytes' }),
  ),
  '4lw.commands.whitelist': list('Four-letter words that are answered; `*` is all of them. `srvr` always is.', {
    default: ['srvr'],
  }),
  extendedTypesEnabled: boolean('Whether znodes with a time to live may be created.', { default: false }),
  emulate353TTLNodes: boolean('Whether TTL znodes in the format of 3.5.3 are recognised.', { default: false }),
  'znode.container.checkIntervalMs': withProperty(
    'znode.container.checkIntervalMs',
    int('Time between two searches for empty containers and expired TTL znodes.', {
      default: 60_000,
      min: 1,
      unit: 'ms',
    }),
  ),
  'znode.container.maxPerMinute': withProperty(
    'znode.container.maxPerMinute',
    int('Containers and TTL znodes deleted in a minute at most.', { default: 10_000, min: 1 }),
  ),
  'znode.container.maxNeverUsedIntervalMs': withProperty(
    'znode.container.maxNeverUsedIntervalMs',
    long('Age at which a container that never had a child is deleted; 0 keeps it.', { default: 0, unit: 'ms' }),
  ),
  leaderServes: ordinaryEnsemble(yesNo('Whether the leader serves clients.', { default: true })),
  observerMasterPort: ensemble(
    fileOnly(int('Port on which followers serve observers; 0 or less is off.', { default: 0, max: 65_535 })),
  ),
  syncEnabled: ordinaryEnsemble(
    withProperty(
      'zookeeper.observer.syncEnabled',
      boolean('Whether observers write log and snapshots.', { default: true }),
    ),
  ),
} as const satisfies KeyTable
