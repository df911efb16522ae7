/** What an operator may ask of this server (status.ts), answered from its parts. */
import { permits, ROOT, type Connection } from '@meerkat/engine'
import type { Clock } from '@meerkat/io'
import {
  NO_SESSION,
  OPERATIONS,
  Permission,
  operationName,
  zxidOf,
  type Id,
  type SessionId,
  type Zxid,
} from '@meerkat/protocol'
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Stranger } from './clientPort.ts'
import type { Authenticator } from './authentication/authenticator.ts'
import { initialIdentities, type ConnectionFacts } from './authentication/connection.ts'
import type { ServerConfiguration } from './configuration/configuration.ts'
import type { Core } from './core.ts'
import type { RequestStatistics } from './metrics/requestStatistics.ts'
import type { AdminCredentials, AuthorizationResult, ConnectionStatus, ServerStatus } from './status.ts'

/** What is known of a connection outside the engine. */
export interface ConnectionOrigin extends ConnectionFacts {
  readonly remotePort: number
  readonly secure: boolean
  readonly establishedAtMs: number
}

export interface StatusSources {
  readonly version: string
  readonly configuration: ServerConfiguration
  readonly core: Core
  readonly clock: Clock
  readonly statistics: RequestStatistics
  readonly authenticator: Authenticator
  readonly originOf: (connection: Connection) => ConnectionOrigin | undefined
  readonly withoutClient: () => Iterable<Stranger>
  readonly tlsHandshakes: () => number
  readonly isServing: () => boolean
  /** The ports that are open; they may have been chosen by the system. */
  readonly ports: () => { readonly client: number; readonly secure: number }
}

export function createStatus(sources: StatusSources): ServerStatus {
  const { clock, configuration, core, statistics } = sources
  const { engine, snapshots } = core
  const startedMs = clock.monotonicMs()
  return {
    version: sources.version,
    statistics,
    isServing: () => sources.isServing(),
    mode: () => 'standalone',
    elapsedMs: () => clock.monotonicMs(),
    nowMs: () => clock.wallMs(),
    uptimeMs: () => clock.monotonicMs() - startedMs,
    lastZxid: () => engine.lastZxid,
    outstandingRequests: () => engine.outstanding,
    counts() {
      const { tree, sessions, watches } = engine.state
      return {
        // As Apache counts: its root has two names, the empty one and /, and / has one character more.
        znodes: tree.count + 1,
        ephemerals: tree.ephemeralCount,
        watches: watches.count,
        approximateDataBytes: tree.dataSize + 1,
        globalSessions: sessions.count,
        localSessions: 0,
        connections: engine.connections().size + [...sources.withoutClient()].length,
        tlsHandshakes: sources.tlsHandshakes(),
        connectionDropProbability: core.connectionDropProbability,
      }
    },
    quotas: () =>
      [...engine.state.quotas.status()].map(({ path, limits, use }) => ({
        namespace: path.split('/')[1] ?? '',
        // The hard limit where there is one, as Apache shows it.
        countLimit: limits.countHard > -1 ? limits.countHard : limits.count,
        bytesLimit: limits.bytesHard > -1 ? limits.bytesHard : limits.bytes,
        ...use,
      })),
    connections: () => [
      ...[...engine.connections()].map((connection) => connectionStatus(connection, sources.originOf(connection))),
      ...[...sources.withoutClient()].map(strangerStatus),
    ],
    resetConnectionStatistics() {
      for (const connection of engine.connections()) connection.resetCounters()
    },
    sessionExpiry: () =>
      engine.state.sessions.expiry().map(({ atMs, members }) => ({ atMs, members: members.map(({ id }) => id) })),
    connectionExpiry: () => connectionExpiry(sources),
    ephemerals: () => ephemerals(core),
    watchSummary: () => watchSummary(core),
    watchesBySession: () => watchesBySession(core),
    watchesByPath: () =>
      new Map([...engine.state.watches.byPath()].map(([path, watchers]) => [path, [...watchers].map(sessionOf)])),
    digestLog: () =>
      engine.digestLog.entries.map(({ zxid, version, digest }) => ({
        zxid,
        version,
        digest: BigInt.asIntN(64, (BigInt(digest.high) << 32n) | BigInt(digest.low)),
      })),
    lastSnapshot: () => snapshots.last ?? newestSnapshot(core.dataDirectory),
    directorySizes: () => ({ dataBytes: sizeOf(core.dataDirectory), logBytes: sizeOf(core.logDirectory) }),
    get configuration() {
      return configurationStatus(configuration, core, sources.ports())
    },
    authorize: (credentials) => authorize(sources, credentials),
    async takeSnapshot() {
      const { name, bytes, lastZxid } = await snapshots.take()
      return { lastZxid, file: join(core.dataDirectory, name), sizeBytes: bytes }
    },
    restoreSnapshot: (snapshot): Promise<Zxid> => core.restore(snapshot),
  }
}

const sessionOf = ({ sessionId }: Connection): SessionId => sessionId

function connectionStatus(connection: Connection, origin: ConnectionOrigin | undefined): ConnectionStatus {
  const { counters, sessionId, timeoutMs, outstanding } = connection
  const name = counters.lastOpcode === undefined ? undefined : operationName(counters.lastOpcode)
  return {
    remoteAddress: addressText(origin),
    secure: origin?.secure ?? false,
    sessionId,
    sessionTimeoutMs: timeoutMs,
    interestOps: connection.output !== undefined && connection.output.length > 0 ? 5 : 1,
    outstandingRequests: outstanding,
    received: counters.received,
    sent: counters.sent,
    lastOperation: name === undefined ? 'NA' : OPERATIONS[name].shortName,
    establishedAtMs: origin?.establishedAtMs ?? 0,
    lastCxid: counters.lastXid,
    lastZxid: counters.lastZxid,
    lastResponseAtMs: counters.lastReplyMs,
    lastLatencyMs: counters.lastLatencyMs,
    minLatencyMs: Number.isFinite(counters.minLatencyMs) ? counters.minLatencyMs : 0,
    averageLatencyMs: counters.answers === 0 ? 0 : Math.trunc(counters.totalLatencyMs / counters.answers),
    maxLatencyMs: counters.maxLatencyMs,
  }
}

/** A four-letter word counts as one request, which is being answered; Apache waits for nothing meanwhile. */
function strangerStatus({ origin, isAsking }: Stranger): ConnectionStatus {
  return {
    remoteAddress: addressText(origin),
    secure: origin.secure,
    sessionId: NO_SESSION,
    sessionTimeoutMs: 0,
    interestOps: isAsking ? 0 : 1,
    outstandingRequests: 0,
    received: isAsking ? 1 : 0,
    sent: 0,
    lastOperation: 'NA',
    establishedAtMs: origin.establishedAtMs,
    lastCxid: -1,
    lastZxid: zxidOf(-1),
    lastResponseAtMs: 0,
    lastLatencyMs: 0,
    minLatencyMs: 0,
    averageLatencyMs: 0,
    maxLatencyMs: 0,
  }
}

function addressText(origin: ConnectionOrigin | undefined): string {
  if (origin === undefined) return ''
  const [{ id } = { id: '' }] = initialIdentities({ ...origin, clientCertificate: null }, null)
  const address = id ?? ''
  return `${address.includes(':') ? `[${address}]` : address}:${origin.remotePort}`
}

/** A connection without a session goes at the session-less timeout; one with a session goes with it. */
function connectionExpiry({ configuration, core, clock, originOf, withoutClient }: StatusSources) {
  const { tickTimeMs, limits } = configuration
  const wallToElapsed = clock.monotonicMs() - clock.wallMs()
  const buckets = new Map<number, Pick<ConnectionStatus, 'remoteAddress' | 'sessionId'>[]>()
  const expire = (origin: ConnectionOrigin | undefined, sessionId: SessionId, sessionExpiresAt?: number): void => {
    const begun = (origin?.establishedAtMs ?? clock.wallMs()) + wallToElapsed
    const at = sessionExpiresAt ?? begun + limits.sessionlessTimeoutMs
    const bucket = Math.ceil(at / tickTimeMs) * tickTimeMs
    const members = buckets.get(bucket) ?? []
    members.push({ remoteAddress: addressText(origin), sessionId })
    buckets.set(bucket, members)
  }
  for (const connection of core.engine.connections()) {
    expire(originOf(connection), connection.sessionId, connection.session?.expiresAt)
  }
  for (const { origin } of withoutClient()) expire(origin, NO_SESSION)
  return [...buckets].map(([atMs, members]) => ({ atMs, members })).sort((a, b) => a.atMs - b.atMs)
}

function ephemerals({ engine }: Core): ReadonlyMap<SessionId, readonly string[]> {
  const { tree } = engine.state
  return new Map(
    [...tree.sessionsWithEphemerals()].map((id) => [
      id,
      [...tree.ephemeralsOf(id)].map((record) => tree.pathOf(record)),
    ]),
  )
}

function watchSummary({ engine }: Core) {
  const connections = new Set<Connection>()
  let paths = 0
  let watches = 0
  for (const [, watchers] of engine.state.watches.byPath()) {
    paths++
    for (const connection of watchers) {
      watches++
      connections.add(connection)
    }
  }
  return { connections: connections.size, paths, watches }
}

function watchesBySession({ engine }: Core): ReadonlyMap<SessionId, readonly string[]> {
  const bySession = new Map<SessionId, string[]>()
  for (const [path, watchers] of engine.state.watches.byPath()) {
    for (const { sessionId } of watchers) bySession.set(sessionId, [...(bySession.get(sessionId) ?? []), path])
  }
  return bySession
}

function configurationStatus(
  configuration: ServerConfiguration,
  core: Core,
  ports: { readonly client: number; readonly secure: number },
): ServerStatus['configuration'] {
  const { entries, limits, sessions } = configuration
  const shown = entries.filter(({ property, secret, origin }) => property !== null && !secret && !isDefault(origin))
  return {
    clientPort: ports.client,
    secureClientPort: ports.secure,
    dataDir: resolve(core.dataDirectory),
    dataLogDir: resolve(core.logDirectory),
    tickTimeMs: configuration.tickTimeMs,
    maxClientConnections: limits.maxClientCnxns,
    minSessionTimeoutMs: sessions.minTimeoutMs,
    maxSessionTimeoutMs: sessions.maxTimeoutMs,
    listenBacklog: configuration.clientPortListenBacklog,
    serverId: 0,
    file: configuration.text,
    properties: Object.fromEntries(shown.map(({ property, key, value }) => [property ?? key, value])),
  }
}

function isDefault(origin: ServerConfiguration['entries'][number]['origin']): boolean {
  return origin.kind === 'default'
}

/** The one that the server started from. */
function newestSnapshot(directory: string): ReturnType<ServerStatus['lastSnapshot']> {
  const found = readdirSync(directory)
    .map((name) => ({ name, digits: /^snapshot\.([0-9a-f]+)(\.gz|\.snappy)?$/.exec(name)?.[1] }))
    .flatMap(({ name, digits }) => (digits === undefined ? [] : [{ name, zxid: zxidOf(parseInt(digits, 16)) }]))
    .sort((a, b) => b.zxid - a.zxid)[0]
  if (found === undefined) return undefined
  return { zxid: found.zxid, atMs: statSync(join(directory, found.name)).mtimeMs }
}

/** Bytes of the files of a directory. */
function sizeOf(directory: string): number {
  let bytes = 0
  for (const name of readdirSync(directory))
    bytes += statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0
  return bytes
}

/** `digest user:password`, or any other scheme of the `auth` packet; every permission on the root is needed. */
function authorize({ authenticator, core }: StatusSources, credentials: AdminCredentials): AuthorizationResult {
  const space = credentials.authorization.indexOf(' ')
  if (space < 0) return 'not authenticated'
  const scheme = credentials.authorization.slice(0, space)
  const auth = Buffer.from(credentials.authorization.slice(space + 1))
  const facts = { remoteAddress: credentials.remoteAddress, clientCertificate: credentials.certificate ?? null }
  const result = authenticator.authenticate(scheme, auth, facts)
  if (!('identities' in result)) return 'not authenticated'
  const identities: readonly Id[] = result.identities
  const bits = [Permission.read, Permission.write, Permission.create, Permission.delete, Permission.admin]
  const isPermitted = bits.every((bit) => permits(core.engine.state, ROOT, bit, identities))
  return isPermitted ? 'permitted' : 'not authorized'
}
