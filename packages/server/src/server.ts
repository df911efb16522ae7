/** One ZooKeeper server: where its parts are made and tied together. */
import type { Connection } from '@meerkat/engine'
import { lockDirectories, systemClock, systemDisk, systemRandom } from '@meerkat/io'
import { accessSync, existsSync, mkdirSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { userName } from './admin/environment.ts'
import type { Listening } from './admin/listen.ts'
import { TraceMask } from './admin/traceMask.ts'
import { openAuditLog } from './audit/openAuditLog.ts'
import { createAuthenticator } from './authentication/authenticator.ts'
import { initialIdentities } from './authentication/connection.ts'
import { createGate } from './authentication/gate.ts'
import { openSaslUsers, type SaslUsers } from './authentication/saslUsers.ts'
import { ClientPort } from './clientPort.ts'
import type { ServerConfiguration } from './configuration/configuration.ts'
import { Core } from './core.ts'
import { fourLetterWordPort } from './fourLetterWords/port.ts'
import { openListeners, type Listeners } from './listeners.ts'
import { limitRepeats } from './logging/limitRepeats.ts'
import type { Logger } from './logging/logger.ts'
import type { Logging } from './logging/logging.ts'
import { createMetrics } from './metrics/metrics.ts'
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

/**
 * Starts a server. Rejects with one of these, a sentence each: DirectoryLockError, RecoveryError, ListenError,
 * TlsConfigurationError, JaasError, or what the system says of a directory that cannot be used.
 */
export async function startServer({
  configuration,
  logging,
  portSetting = 'clientPort',
}: ServerOptions): Promise<RunningServer> {
  const log = logging.logger('server')
  const remoteLog = limitRepeats(logging.logger('clients'), { perSecond: REMOTE_LINES_PER_SECOND })
  const closers: (() => unknown)[] = []
  const closeAll = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close()
  }
  try {
    makeDirectories(configuration)
    const lock = lockDirectories([configuration.dataDir, configuration.dataLogDir])
    closers.push(() => lock.release())

    const metrics = createMetrics(configuration.metrics.provider)
    const audit = openAuditLog(configuration.audit, configuration.logging, logging)
    closers.push(() => audit.close())
    const users = await saslUsers(configuration, log)
    closers.push(() => users?.close())

    const originOf = (connection: Connection): ConnectionOrigin | undefined => port.originOf(connection)
    const addressOf = (connection: Connection): string => originOf(connection)?.remoteAddress ?? ''
    const rules = authenticationRules(configuration)
    const core = await Core.open({
      configuration,
      world: { disk: systemDisk, clock: systemClock, random: systemRandom, soon: setImmediate },
      log,
      authenticator: createGate({
        rules,
        enforcement: {
          schemes: new Set(configuration.authentication.enforcedSchemes),
          allowSaslFailedClients: configuration.authentication.allowSaslFailedClients,
        },
        users: users ?? undefined,
        superPassword: configuration.authentication.sasl.superPassword ?? null,
        saslSuperUsers: new Set(configuration.authentication.sasl.superUsers),
        factsOf: (connection) => originOf(connection) ?? { remoteAddress: '', clientCertificate: null },
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

    const serving: { listeners?: Listeners } = {}
    const traceMask = new TraceMask()
    const status = createStatus({
      version: SERVER_VERSION,
      configuration,
      core,
      clock: systemClock,
      statistics: metrics.requests,
      authenticator: createAuthenticator(rules),
      originOf,
      withoutClient: () => port.withoutClient(),
      tlsHandshakes: () => serving.listeners?.tlsHandshakes() ?? 0,
      isServing: () => serving.listeners !== undefined,
      ports: () => ({ client: serving.listeners?.plain?.port ?? -1, secure: serving.listeners?.secure?.port ?? -1 }),
    })
    const port = new ClientPort({
      driver: core.driver,
      log: remoteLog,
      limits: {
        perAddress: configuration.limits.maxClientCnxns,
        total: configuration.limits.maxCnxns,
        sessionlessTimeoutMs: configuration.limits.sessionlessTimeoutMs,
      },
      keepAlive: configuration.clientTcpKeepAlive,
      fourLetterWord: fourLetterWordPort(configuration.fourLetterWords, {
        status,
        metrics,
        metricsStyle: configuration.metrics.provider,
        traceMask,
      }),
      identify: (origin) => initialIdentities(origin, rules.x509SuperUser),
      nowMs: Date.now,
      onRejected: () => metrics.connection_rejected.add(1),
      onSessionlessExpired: () => metrics.sessionless_connections_expired.add(1),
      onBrokenOff: () => metrics.connection_drop_count.add(1),
    })
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
        await within(configuration.shutdownDeadlineMs, closeAll())
      },
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** datadir.autocreate makes them; without it they must be there, as must what they hold of Apache's server. */
function makeDirectories({ dataDir, dataLogDir, createDataDir }: ServerConfiguration): void {
  for (const directory of [dataDir, dataLogDir]) {
    if (createDataDir) makeDirectory(directory)
    else accessSync(join(directory, 'version-2'))
  }
}

/** With those above it. Node.js's own `recursive` never returns where a directory exists but takes no new ones (/proc). */
function makeDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return
  const parent = dirname(path)
  if (parent !== path && !existsSync(parent)) makeDirectory(parent)
  mkdirSync(path)
}

function authenticationRules({ authentication }: ServerConfiguration) {
  return {
    schemes: new Set(authentication.schemes),
    digestAlgorithm: authentication.digest.algorithm,
    superDigest: authentication.digest.superDigest ?? null,
    x509SuperUser: authentication.x509.superUser ?? null,
    ensembleNames: authentication.ensembleNames.length === 0 ? null : new Set(authentication.ensembleNames),
  }
}

function saslUsers({ authentication }: ServerConfiguration, log: Logger): Promise<SaslUsers | null> | undefined {
  const { usersFile, jaasFile, jaasSection } = authentication.sasl
  if (usersFile !== undefined) return openSaslUsers({ source: { kind: 'users', file: usersFile }, log })
  if (jaasFile === undefined) return undefined
  return openSaslUsers({ source: { kind: 'jaas', file: jaasFile, section: jaasSection }, log })
}

interface EndpointParts {
  readonly configuration: ServerConfiguration
  readonly logging: Logging
  readonly status: ServerStatus
  readonly metrics: ReturnType<typeof createMetrics>
  readonly traceMask: TraceMask
}

/** The admin server and the metrics endpoint, as far as they are asked for. */
async function openEndpoints({
  configuration,
  logging,
  status,
  metrics,
  traceMask,
}: EndpointParts): Promise<Listening[]> {
  const { admin, authentication, metrics: settings, snapshot } = configuration
  const opened: Listening[] = []
  try {
    if (settings.provider === 'prometheus') {
      const { startMetricsEndpoint } = await import('./metrics/endpoint.ts')
      const { httpHost: host, httpPort: port, exportProcessInfo: exportProcess } = settings
      opened.push(
        await startMetricsEndpoint({ host, port, exportProcess, metrics, status, logger: logging.logger('metrics') }),
      )
    }
    if (admin.enabled) {
      const { startAdminServer } = await import('./admin/adminServer.ts')
      opened.push(
        await startAdminServer({
          ...admin,
          transport: admin.forceHttps ? 'https' : admin.portUnification ? 'both' : 'http',
          ...(await adminTls(configuration)),
          status,
          metrics,
          metricsStyle: settings.provider,
          traceMask,
          logging,
          serializeLastProcessedZxid: snapshot.serializeLastProcessedZxid,
          useXForwardedFor: authentication.ip.useXForwardedFor,
        }),
      )
    }
    return opened
  } catch (error) {
    for (const endpoint of opened) await endpoint.close()
    throw error
  }
}

async function adminTls({ admin }: ServerConfiguration) {
  if (!admin.forceHttps && !admin.portUnification) return {}
  const { adminTlsOptions } = await import('./admin/tls.ts')
  return { tls: await adminTlsOptions(admin) }
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
