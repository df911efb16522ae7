/** One ZooKeeper server: where its parts are made and tied together. */
import type { Connection } from '@meerkat/engine'
import { systemClock, systemDisk, systemRandom } from '@meerkat/io'
import type { AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import { userName } from './admin/environment.ts'
import { TraceMask } from './admin/traceMask.ts'
import type { AuditLog } from './audit/auditLog.ts'
import { openAuditLog } from './audit/openAuditLog.ts'
import { createAuthenticator, type AuthenticationRules } from './authentication/authenticator.ts'
import { initialIdentities } from './authentication/connection.ts'
import { createGate } from './authentication/gate.ts'
import type { SaslUsers, SaslUsersSource } from './authentication/saslUsers.ts'
import { ClientPort } from './clientPort.ts'
import type { ServerConfiguration } from './configuration/configuration.ts'
import { Core } from './core.ts'
import { openDataDirectories } from './dataDirectories.ts'
import { openEndpoints } from './endpoints.ts'
import { FanOut } from './fanOut/fanOut.ts'
import { fourLetterWordPort } from './fourLetterWords/port.ts'
import { openListeners, type Listeners } from './listeners.ts'
import { limitRepeats } from './logging/limitRepeats.ts'
import type { Logger } from './logging/logger.ts'
import type { Logging } from './logging/logging.ts'
import { createMetrics, type Metrics } from './metrics/metrics.ts'
import { coreMetrics, createObserver } from './observation.ts'
import { createStatus, type ConnectionOrigin } from './serverStatus.ts'
import type { ServerStatus } from './status.ts'
import { SERVER_VERSION } from './version.ts'

export interface ServerOptions {
  readonly configuration: ServerConfiguration
  readonly logging: Logging
  /** What a person sets to choose the client port, if that is not `clientPort` of zoo.cfg. */
  readonly portSetting?: string
}

export interface RunningServer {
  readonly plain: AddressInfo | undefined
  readonly secure: AddressInfo | undefined
  readonly status: ServerStatus
  /** Answers what was accepted and closes everything. Gives up, and rejects, after the deadline of the configuration. */
  stop(): Promise<void>
}

/** Lines that one remote cause may write in a second. */
const REMOTE_LINES_PER_SECOND = 10

const NO_HELPER = 'no second thread sends to clients: many watchers of one znode wait longer'

/** What undoes what was opened; the last comes first. */
type Closers = (() => unknown)[]

/**
 * Starts a server. Rejects with one of these, a sentence each: DirectoryLockError, RecoveryError, ListenError,
 * TlsConfigurationError, JaasError, or what the system says of a directory that cannot be used.
 */
export async function startServer({
  configuration,
  logging,
  portSetting = 'clientPort',
}: ServerOptions): Promise<RunningServer> {
  const closers: Closers = []
  try {
    const parts = await openParts({ configuration, logging }, closers)
    const { metrics, audit, remoteLog, traceMask } = parts
    const core = await openCore(parts, closers)
    const serving: Serving = { listeners: undefined }
    const { port, status } = createClientPort(parts, core, serving)
    closers.push(
      () => port.closeAll(),
      () => core.stop(),
    )
    core.start()
    // Before the ports of clients, as Apache's: whoever is served finds them, and they can say that nobody is served yet.
    for (const endpoint of await openEndpoints({ configuration, logging, status, metrics, traceMask })) {
      closers.push(() => endpoint.close())
    }
    const opened = await openListeners({
      configuration,
      portSetting,
      port,
      log: remoteLog,
      onFailedHandshake: () => metrics.unsuccessful_handshake.add(1),
    })
    closers.push(() => opened.close())
    serving.listeners = opened
    if (audit.enabled) audit.record({ user: userName(), operation: 'serverStart', result: 'success' })

    return {
      plain: opened.plain,
      secure: opened.secure,
      status,
      async stop() {
        if (audit.enabled) audit.record({ user: userName(), operation: 'serverStop', result: 'invoked' })
        await within(configuration.shutdownDeadlineMs, closeAll(closers))
      },
    }
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}

async function closeAll(closers: Closers): Promise<void> {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close()
}

/** What the state machine and the ports both need. */
interface Parts {
  readonly configuration: ServerConfiguration
  readonly log: Logger
  /** For what clients cause. */
  readonly remoteLog: Logger
  readonly metrics: Metrics
  readonly traceMask: TraceMask
  readonly audit: AuditLog
  readonly rules: AuthenticationRules
  readonly users: SaslUsers | undefined
  readonly origins: WeakMap<Connection, ConnectionOrigin>
}

async function openParts(
  { configuration, logging }: Pick<ServerOptions, 'configuration' | 'logging'>,
  closers: Closers,
): Promise<Parts> {
  const log = logging.logger('server')
  const lock = openDataDirectories(configuration)
  closers.push(() => lock.release())
  const metrics = createMetrics(configuration.metrics.provider)
  const audit = openAuditLog(configuration.audit, configuration.logging, logging)
  closers.push(() => audit.close())
  const users = await saslUsers(configuration, log)
  closers.push(() => users?.close())
  return {
    configuration,
    log,
    remoteLog: limitRepeats(logging.logger('clients'), { perSecond: REMOTE_LINES_PER_SECOND }),
    metrics,
    traceMask: new TraceMask(),
    audit,
    rules: authenticationRules(configuration),
    users,
    origins: new WeakMap(),
  }
}

function authenticationRules({ authentication }: ServerConfiguration): AuthenticationRules {
  return {
    schemes: new Set(authentication.schemes),
    digestAlgorithm: authentication.digest.algorithm,
    superDigest: authentication.digest.superDigest ?? null,
    x509SuperUser: authentication.x509.superUser ?? null,
    ensembleNames: authentication.ensembleNames.length === 0 ? null : new Set(authentication.ensembleNames),
  }
}

/** Most servers have no users of SASL, and do not load what reads them. */
async function saslUsers({ authentication }: ServerConfiguration, log: Logger): Promise<SaslUsers | undefined> {
  const source = saslSource(authentication.sasl)
  if (source === undefined) return undefined
  const { openSaslUsers } = await import('./authentication/saslUsers.ts')
  return (await openSaslUsers({ source, log })) ?? undefined
}

function saslSource({
  usersFile,
  jaasFile,
  jaasSection,
}: ServerConfiguration['authentication']['sasl']): SaslUsersSource | undefined {
  if (usersFile !== undefined) return { kind: 'users', file: usersFile }
  return jaasFile === undefined ? undefined : { kind: 'jaas', file: jaasFile, section: jaasSection }
}

/** The data recovered and the state machine over it. */
function openCore(
  { configuration, log, remoteLog, metrics, audit, rules, users, origins }: Parts,
  closers: Closers,
): Promise<Core> {
  const { enforcedSchemes, allowSaslFailedClients, sasl } = configuration.authentication
  const addressOf = (connection: Connection): string => origins.get(connection)?.remoteAddress ?? ''
  const fanOut =
    availableParallelism() > 1 ? new FanOut({ onError: (error) => log.warn(NO_HELPER, { error }) }) : undefined
  closers.push(() => fanOut?.stop())
  return Core.open({
    configuration,
    world: { disk: systemDisk, clock: systemClock, random: systemRandom, soon: setImmediate, fanOut },
    log,
    authenticator: createGate({
      rules,
      enforcement: { schemes: new Set(enforcedSchemes), allowSaslFailedClients },
      users,
      superPassword: sasl.superPassword ?? null,
      saslSuperUsers: new Set(sasl.superUsers),
      factsOf: (connection) => origins.get(connection) ?? { remoteAddress: '', clientCertificate: null },
      onFailure(connection, reason) {
        metrics.requests.authFailed++
        remoteLog.warn('authentication failed', { address: addressOf(connection), reason })
      },
    }),
    observer: createObserver({ metrics, audit, addressOf }),
    events: {
      ...coreMetrics(metrics),
      closed(connection, reason) {
        const session = `0x${BigInt.asUintN(64, connection.sessionId).toString(16)}`
        remoteLog[isUnusual(reason) ? 'warn' : 'debug']('a connection was closed', {
          address: addressOf(connection),
          session,
          reason,
        })
      },
    },
  })
}

interface Serving {
  /** Undefined until clients are served. */
  listeners: Listeners | undefined
}

/** The way of clients to the state machine, and what an operator may ask meanwhile. */
function createClientPort(parts: Parts, core: Core, serving: Serving): { port: ClientPort; status: ServerStatus } {
  const { configuration, remoteLog, metrics, traceMask, rules, origins } = parts
  const { maxClientCnxns, maxCnxns, sessionlessTimeoutMs } = configuration.limits
  const status = createStatus({
    version: SERVER_VERSION,
    configuration,
    core,
    clock: systemClock,
    statistics: metrics.requests,
    authenticator: createAuthenticator(rules),
    originOf: (connection) => origins.get(connection),
    withoutClient: () => port.withoutClient(),
    tlsHandshakes: () => serving.listeners?.tlsHandshakes() ?? 0,
    isServing: () => serving.listeners !== undefined,
    ports: () => ({ client: serving.listeners?.plain?.port ?? -1, secure: serving.listeners?.secure?.port ?? -1 }),
  })
  const port = new ClientPort({
    driver: core.driver,
    log: remoteLog,
    limits: { perAddress: maxClientCnxns, total: maxCnxns, sessionlessTimeoutMs },
    keepAlive: configuration.clientTcpKeepAlive,
    fourLetterWord: fourLetterWordPort(configuration.fourLetterWords, {
      status,
      metrics,
      metricsStyle: configuration.metrics.provider,
      traceMask,
    }),
    origins,
    identify: (origin) => initialIdentities(origin, rules.x509SuperUser),
    nowMs: Date.now,
    onRejected: () => metrics.connection_rejected.add(1),
    onSessionlessExpired: () => metrics.sessionless_connections_expired.add(1),
    onBrokenOff: () => metrics.connection_drop_count.add(1),
  })
  return { port, status }
}

/** Ends of connections that an operator wants to see. */
function isUnusual(reason: string): boolean {
  return !['session closed', 'session expired', 'session moved to another connection', 'the server stops'].includes(
    reason,
  )
}

async function within(deadlineMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_resolve, reject) => {
    const late = (): void =>
      reject(
        new Error(
          `the server did not stop within ${deadlineMs} ms (meerkat.shutdown.deadlineMs); what was acknowledged is safe`,
        ),
      )
    timer = setTimeout(late, deadlineMs)
  })
  await Promise.race([work, deadline])
  clearTimeout(timer)
}
