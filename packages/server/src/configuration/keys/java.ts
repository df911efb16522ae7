import { fileOnly, int, java } from './key.ts'
import type { KeyTable } from './key.ts'

const oneLoop = 'one event loop serves all connections'
const nodeBuffers = 'Node.js manages its own buffers'
const nodeTls = 'Node.js does its TLS handshakes by itself'
const watches = 'there is one manager of watches'
const noTracker = 'recent packets are not kept'
const noPathStats = 'requests are not counted by path'
const noJvm = 'there is no JVM whose pauses could be measured'
const kerberos = 'Kerberos is not supported'
const noJmx = 'there is no JMX; use the admin server or the metrics'
const logging = 'logging is set by the keys `meerkat.log.*`'
const tests = 'it exists for Apache’s own tests'

/** Threads, buffers and tools of the Java process, and the one time limit among them that any server has. */
export const javaProcess = {
  'nio.numSelectorThreads': java('int', 'sqrt(cores / 2)', 'Threads that watch sockets.', oneLoop),
  'nio.numWorkerThreads': java('int', '2 x cores', 'Threads that read and write sockets.', oneLoop),
  'nio.directBufferBytes': java('int', '65536', 'Buffer of each of those threads.', nodeBuffers),
  'nio.sessionlessCnxnTimeout': int('Time after which a connection that began no session is closed.', {
    default: 10_000,
    min: 1,
    unit: 'ms',
  }),
  'nio.shutdownTimeout': java('long', '5000', 'Time those threads get to end.', oneLoop),
  serverCnxnFactory: java(
    'string',
    'NIO',
    'Java class of the network layer.',
    'there is one network layer, with and without TLS',
  ),
  'netty.advancedFlowControl.enabled': java(
    'boolean',
    'false',
    'Whether Netty reads with finer back-pressure.',
    oneLoop,
  ),
  'netty.server.outstandingHandshake.limit': java('int', '-1', 'TLS handshakes in progress at most.', nodeTls),
  'netty.server.earlyDropSecureConnectionHandshakes': java(
    'boolean',
    'false',
    'Whether TLS connections are dropped while the server does not serve.',
    nodeTls,
  ),
  intBufferStartingSizeBytes: java('int', '1024', 'First size of the buffer of a reply.', nodeBuffers),
  'jute.maxbuffer.extrasize': java(
    'int',
    '`jute.maxbuffer`',
    'What a record on disk may have beyond `jute.maxbuffer`.',
    'records on disk are read up to their own bound',
  ),
  watchManagerName: java('string', 'WatchManager', 'Java class that keeps the watches.', watches),
  watcherCleanThreadsNum: java('int', '2', 'Threads that clear watches of closed connections.', watches),
  watcherCleanThreshold: java('int', '1000', 'Closed connections before they are cleared.', watches),
  watcherCleanIntervalInSeconds: java('int', '600', 'Time before they are cleared.', watches),
  maxInProcessingDeadWatchers: java('int', '-1', 'Closed connections that may wait to be cleared.', watches),
  bitHashCacheSize: java('int', '10', 'Cache of the set of watchers.', watches),
  'messageTracker.Enabled': java('boolean', 'false', 'Whether the last packets of a learner are kept.', noTracker),
  'messageTracker.BufferSize': java('int', '10', 'How many of them.', noTracker),
  'pathStats.enabled': java('boolean', 'false', 'Whether requests are counted by path.', noPathStats),
  'pathStats.slotCapacity': java('int', '60', 'Slots of that count.', noPathStats),
  'pathStats.slotDuration': java('int', '15', 'Seconds of a slot.', noPathStats),
  'pathStats.maxDepth': java('int', '6', 'Parts of a path that count.', noPathStats),
  'pathStats.sampleRate': java('float', '0.1', 'Share of requests counted.', noPathStats),
  'pathStats.initialDelay': java('long', '5', 'Minutes before the first report.', noPathStats),
  'pathStats.delay': java('long', '5', 'Minutes between reports.', noPathStats),
  'pathStats.topPathMax': java('int', '20', 'Paths in a report.', noPathStats),
  'jvm.pause.monitor': fileOnly(java('boolean', 'false', 'Whether pauses of the JVM are measured.', noJvm)),
  'jvm.pause.warn-threshold.ms': fileOnly(java('long', '10000', 'Pause that is a warning.', noJvm)),
  'jvm.pause.info-threshold.ms': fileOnly(java('long', '1000', 'Pause that is worth a line.', noJvm)),
  'jvm.pause.sleep.time.ms': fileOnly(java('long', '500', 'Time between two measurements.', noJvm)),
  'leader.ackLoggingFrequency': java(
    'int',
    '1000',
    'Proposals between two lines about acknowledgements.',
    'acknowledgements are metrics here',
  ),
  'kerberos.removeHostFromPrincipal': java('boolean', 'false', 'Whether the host is cut from a principal.', kerberos),
  'kerberos.removeRealmFromPrincipal': java('boolean', 'false', 'Whether the realm is cut from a principal.', kerberos),
  'kerberos.canonicalizeHostNames': java('boolean', 'false', 'Whether host names are made canonical.', kerberos),
  'kerberos.minReLoginTimeMs': java('long', '60000', 'Time between two logins.', kerberos),
  requireKerberosConfig: java('boolean', 'false', 'Whether a Kerberos configuration must be there.', kerberos),
  'security.auth_to_local': java('string', 'DEFAULT', 'Rules from principals to names.', kerberos),
  kinit: java('string', '/usr/bin/kinit', 'Program that renews tickets.', kerberos),
  'jmx.log4j.disable': java('boolean', 'false', 'Whether logging is left out of JMX.', noJmx),
  'jmx.log4j.mbean': java('string', 'log4j:hierarchy=default', 'Name of logging in JMX.', noJmx),
  'log.dir': java('string', '.', 'Directory of log files.', logging),
  'log.file': java('string', 'zookeeper.log', 'Name of the log file.', logging),
  'log.threshold': java('string', 'INFO', 'Level of the log file.', logging),
  'console.threshold': java('string', 'INFO', 'Level of the console.', logging),
  'root.logger': java('string', 'INFO, CONSOLE', 'Level and targets of the log.', logging),
  'testingonly.initialZxid': java('long', 'none', 'First zxid of a leader.', tests),
  'test.allowDiscontinuousProposals': java('boolean', 'false', 'Whether gaps between proposals pass.', tests),
} as const satisfies KeyTable
