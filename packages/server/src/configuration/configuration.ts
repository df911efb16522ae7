import { isWildcard } from './checks.ts'
import type { Checked } from './checks.ts'
import type { Values } from './keys.ts'
import { metricsProviderOf } from './metrics-provider.ts'
import type { Place } from './problems.ts'
import { availableSchemes, enforcedSchemes } from './schemes.ts'

/** One effective key, for the commands that show the configuration. */
export interface Entry {
  /** As it stands in a file; of a key that nobody knows its property. */
  readonly key: string
  /** The Java system property Apache would hold it in, or null for a key that never is one. */
  readonly property: string | null
  /** As written; of a default its usual spelling, empty where nothing is set. */
  readonly value: string
  readonly origin: Place | { readonly kind: 'default' }
  /** Whether the value is a password or the like. */
  readonly secret: boolean
}

export interface ConfigurationSource {
  /** The name of the file, or empty where there is none. */
  readonly file: string
  /** What stands in it, unchanged: the answer of the command `initial_configuration`. */
  readonly text: string
  readonly entries: readonly Entry[]
  /** SASL users that are the superuser: the values of `superUser` and `superUser.N`. */
  readonly superUsers: readonly string[]
}

/** Everything a server is told, in its own units and grouped by who needs it. */
export type ServerConfiguration = ReturnType<typeof assemble>

/** The configuration of checked values: nothing is refused here. */
export function assemble(checked: Checked, source: ConfigurationSource) {
  const { values, membership } = checked
  const listed = membership.members[0]?.clientAddress
  const dataDir = values.dataDir ?? ''
  return {
    file: source.file,
    text: source.text,
    entries: source.entries,
    membership,
    dataDir,
    dataLogDir: values.dataLogDir ?? dataDir,
    createDataDir: values['datadir.autocreate'],
    createDatabase: values['db.autocreate'],
    clientPort: values.clientPort ?? listed?.port,
    /** Undefined listens on every address, of IPv6 too, as Java does. */
    clientPortAddress: specific(listed?.host) ?? specific(values.clientPortAddress),
    secureClientPort: values.secureClientPort,
    secureClientPortAddress: specific(values.secureClientPortAddress),
    /** -1 leaves it to the system. */
    clientPortListenBacklog: values.clientPortListenBacklog,
    clientTcpKeepAlive: values.clientTcpKeepAlive,
    readOnlyModeEnabled: values['readonlymode.enabled'],
    tickTimeMs: values.tickTime,
    sessions: {
      minTimeoutMs: values.minSessionTimeout === -1 ? 2 * values.tickTime : values.minSessionTimeout,
      maxTimeoutMs: values.maxSessionTimeout === -1 ? 20 * values.tickTime : values.maxSessionTimeout,
      closeSessionTxnEnabled: values['closeSessionTxn.enabled'],
    },
    limits: limits(values),
    requestThrottle: requestThrottle(values),
    connectionThrottle: connectionThrottle(values),
    log: {
      preAllocSizeKb: values.preAllocSize,
      forceSync: values.forceSync,
      flushDelayMs: values.flushDelay,
      maxWriteQueuePollTimeMs: values.maxWriteQueuePollTime ?? Math.trunc(values.flushDelay / 3),
      maxBatchSize: values.maxBatchSize,
      /** -1 is no limit. */
      sizeLimitKb: values.txnLogSizeLimitInKb,
      fsyncWarningThresholdMs: values['fsync.warningthresholdms'],
    },
    snapshot: {
      count: values.snapCount,
      /** 0 or less is off. */
      sizeLimitKb: values.snapSizeLimitInKb,
      compressionMethod: values['snapshot.compression.method'],
      trustEmpty: values['snapshot.trust.empty'],
      serializeLastProcessedZxid: values['serializeLastProcessedZxid.enabled'],
    },
    autopurge: {
      snapRetainCount: values['autopurge.snapRetainCount'],
      /** 0 or less is off. */
      purgeIntervalHours: values['autopurge.purgeInterval'],
    },
    containers: {
      checkIntervalMs: values['znode.container.checkIntervalMs'],
      maxPerMinute: values['znode.container.maxPerMinute'],
      /** 0 or less is off. */
      maxNeverUsedIntervalMs: values['znode.container.maxNeverUsedIntervalMs'],
    },
    tree: {
      extendedTypesEnabled: values.extendedTypesEnabled,
      emulate353TtlNodes: values.emulate353TTLNodes,
      digestEnabled: values['digest.enabled'],
      enforceQuota: values.enforceQuota,
    },
    authentication: authentication(checked, source.superUsers),
    tls: {
      ...tlsEndpoint(values, 'ssl'),
      portUnification: values['client.portUnification'],
      certReload: values['client.certReload'],
      fipsMode: values['fips-mode'],
    },
    admin: admin(values),
    metrics: {
      provider: metricsProviderOf(values['metricsProvider.className']) ?? 'default',
      httpHost: values['metricsProvider.httpHost'],
      httpPort: values['metricsProvider.httpPort'],
      exportProcessInfo: values['metricsProvider.exportJvmInfo'],
    },
    audit: { enabled: values['audit.enable'], file: values['meerkat.audit.file'] },
    fourLetterWords: fourLetterWords(values),
    logging: {
      level: values['meerkat.log.level'] ?? 'info',
      file: values['meerkat.log.file'],
      maxSizeMb: values['meerkat.log.maxSizeMb'],
      maxFiles: values['meerkat.log.maxFiles'],
      format: values['meerkat.log.format'] ?? 'json',
    },
    shutdownDeadlineMs: values['meerkat.shutdown.deadlineMs'],
  } as const
}

function specific(address: string | undefined): string | undefined {
  return address === undefined || isWildcard(address) ? undefined : address
}

function limits(values: Values) {
  return {
    /** 0 or less is no limit, of both. */
    maxClientCnxns: values.maxClientCnxns,
    maxCnxns: values.maxCnxns,
    globalOutstandingLimit: values.globalOutstandingLimit,
    juteMaxBufferBytes: values['jute.maxbuffer'],
    largeRequestMaxBytes: values.largeRequestMaxBytes,
    /** -1 is off. */
    largeRequestThresholdBytes: values.largeRequestThreshold,
    sessionlessTimeoutMs: values['nio.sessionlessCnxnTimeout'],
    sessionOutputBytes: values['meerkat.limits.sessionOutputBytes'],
  } as const
}

function requestThrottle(values: Values) {
  return {
    /** 0 or less is off. */
    maxRequests: values.request_throttle_max_requests,
    dropStale: values.request_throttle_drop_stale,
    staleLatencyCheck: values.request_stale_latency_check,
    /** 0 or less is off. */
    throttledOpWaitTimeMs: values.throttled_op_wait_time,
  } as const
}

/** Tokens are for new sessions: with weights each of them counts as often as a new session weighs (Apache's BlueThrottle). */
function connectionThrottle(values: Values) {
  const localWeight = values.connection_throttle_local_session_weight
  const globalWeight = Math.max(values.connection_throttle_global_session_weight, localWeight)
  const weighted = values.connection_throttle_weight_enabled
  return {
    /** 0 is off. */
    tokens: values.connection_throttle_tokens * (weighted ? globalWeight : 1),
    fillTimeMs: values.connection_throttle_fill_time,
    fillCount: values.connection_throttle_fill_count * (weighted ? globalWeight : 1),
    /** -1 is off. */
    freezeTimeMs: values.connection_throttle_freeze_time,
    dropIncrease: values.connection_throttle_drop_increase,
    dropDecrease: values.connection_throttle_drop_decrease,
    decreaseRatio: values.connection_throttle_decrease_ratio,
    /** What a connection costs. */
    newSessionWeight: weighted ? globalWeight : 1,
    renewSessionWeight: weighted ? Math.max(values.connection_throttle_renew_session_weight, localWeight) : 1,
  } as const
}

function authentication({ values, providers }: Checked, superUsers: readonly string[]) {
  const enforced = enforcedSchemes(values)
  return {
    skipAcl: values.skipACL,
    schemes: availableSchemes(values, providers),
    /** A client must pass one of these before anything else; empty asks for nothing. */
    enforcedSchemes: enforced,
    saslRequired: enforced.includes('sasl'),
    allowSaslFailedClients: values.allowSaslFailedClients,
    digest: {
      superDigest: values['DigestAuthenticationProvider.superDigest'],
      algorithm: values['DigestAuthenticationProvider.digestAlg'],
    },
    x509: { superUser: values['X509AuthenticationProvider.superUser'] },
    ip: { useXForwardedFor: values['IPAuthenticationProvider.usexforwardedfor'] },
    sasl: {
      superUsers,
      superPassword: values['SASLAuthenticationProvider.superPassword'],
      letAnyUserDo: values.letAnySaslUserDoX,
      jaasFile: values['java.security.auth.login.config'],
      jaasSection: values['sasl.serverconfig'],
      usersFile: values['meerkat.users.file'],
    },
    ensembleNames: values.ensembleAuthName,
  } as const
}

function tlsEndpoint(values: Values, prefix: 'ssl' | 'ssl.quorum') {
  const enabledProtocols = values[`${prefix}.enabledProtocols`]
  return {
    enabledProtocols: enabledProtocols.length > 0 ? enabledProtocols : [values[`${prefix}.protocol`]],
    /** Empty leaves it to Node.js. */
    cipherSuites: values[`${prefix}.ciphersuites`],
    keyStore: tlsStore(values, `${prefix}.keyStore`),
    trustStore: tlsStore(values, `${prefix}.trustStore`),
    hostnameVerification: values[`${prefix}.hostnameVerification`],
    clientHostnameVerification: values[`${prefix}.clientHostnameVerification`],
    allowReverseDnsLookup: values[`${prefix}.allowReverseDnsLookup`],
    crl: values[`${prefix}.crl`],
    ocsp: values[`${prefix}.ocsp`],
    clientAuth: values[`${prefix}.clientAuth`],
    handshakeDetectionTimeoutMs: values[`${prefix}.handshakeDetectionTimeoutMillis`],
  } as const
}

function tlsStore(values: Values, prefix: `${'ssl' | 'ssl.quorum'}.${'keyStore' | 'trustStore'}`) {
  return {
    location: values[`${prefix}.location`],
    password: values[`${prefix}.password`],
    /** A file whose content goes before `password`. */
    passwordPath: values[`${prefix}.passwordPath`],
    /** Undefined is told by the end of the file name. */
    type: values[`${prefix}.type`],
  } as const
}

function admin(values: Values) {
  return {
    enabled: values['admin.enableServer'],
    address: values['admin.serverAddress'],
    port: values['admin.serverPort'],
    idleTimeoutMs: values['admin.idleTimeout'],
    commandUrl: values['admin.commandURL'],
    portUnification: values['admin.portUnification'],
    forceHttps: values['admin.forceHttps'],
    needClientAuth: values['admin.needClientAuth'],
    snapshotEnabled: values['admin.snapshot.enabled'],
    restoreEnabled: values['admin.restore.enabled'],
    rateLimiterIntervalMs: values['admin.rateLimiterIntervalInMS'],
    /** The admin server's HTTPS uses the stores for the ports between servers, as Apache's does. */
    keyStore: tlsStore(values, 'ssl.quorum.keyStore'),
    trustStore: tlsStore(values, 'ssl.quorum.trustStore'),
  } as const
}

/** `srvr` always, `isro` in read-only mode, and what the list names (Apache's FourLetterCommands.isEnabled). */
function fourLetterWords(values: Values) {
  const listed = values['4lw.commands.whitelist']
  const readOnly = values['readonlymode.enabled'] ? ['isro'] : []
  return { all: listed.includes('*'), whitelist: [...new Set([...listed, ...readOnly, 'srvr'])] } as const
}
