/**
 * What an operator may ask of a running server. The four-letter words, the admin server and the gauges of the metrics
 * read it and nothing else, so they work the same over a real server, a simulated one and a test's few lines.
 */
import type { SessionId, Zxid } from '@meerkat/protocol'
import type { Readable } from 'node:stream'
import type { RequestStatistics } from './metrics/requestStatistics.ts'

export type ServerMode = 'standalone' | 'leader' | 'follower' | 'observer' | 'read-only'

export interface ServerStatus {
  /** Apache's form, since clients parse it: `3.9.4-<revision>, built on <date> <time> UTC`. */
  readonly version: string
  /** Whether client requests are answered; while false most commands say so instead of answering. */
  isServing(): boolean
  mode(): ServerMode
  /** Milliseconds of a clock that only goes forward; expiry times and last response times are on it. */
  elapsedMs(): number
  /** Milliseconds since 1970. */
  nowMs(): number
  /** Milliseconds since the server began to serve. */
  uptimeMs(): number
  lastZxid(): Zxid

  /** Received, sent, latency and reply sizes since the start or the last reset: `requests` of the metrics. */
  readonly statistics: RequestStatistics
  /** Requests taken from clients and not yet answered. */
  outstandingRequests(): number
  counts(): ServerCounts
  /** One entry a top-level znode that has a quota below it. */
  quotas(): readonly QuotaStatus[]

  /** Every connection of the plain and the secure port, also those without a session yet. */
  connections(): readonly ConnectionStatus[]
  resetConnectionStatistics(): void
  /** Sessions by the time at which they expire unless they are heard of, earliest first. */
  sessionExpiry(): readonly ExpiryBucket<SessionId>[]
  /** Connections by the time at which they are closed unless they are heard of, earliest first. */
  connectionExpiry(): readonly ExpiryBucket<Pick<ConnectionStatus, 'remoteAddress' | 'sessionId'>>[]
  /** The ephemeral znodes of each session that has any. */
  ephemerals(): ReadonlyMap<SessionId, readonly string[]>

  watchSummary(): WatchSummary
  /** Data and exists watches, as Apache's commands show; not those on children. */
  watchesBySession(): ReadonlyMap<SessionId, readonly string[]>
  watchesByPath(): ReadonlyMap<string, readonly SessionId[]>

  /** The digests of the tree that were kept at intervals, oldest first. */
  digestLog(): readonly DigestStatus[]
  /** The newest snapshot on disk, undefined before the first. */
  lastSnapshot(): { readonly zxid: Zxid; readonly atMs: number } | undefined
  directorySizes(): { readonly dataBytes: number; readonly logBytes: number }
  readonly configuration: ConfigurationStatus

  /** Whether the credentials of an HTTP request give every permission on the root znode. */
  authorize(credentials: AdminCredentials): AuthorizationResult
  /** Writes a snapshot now and answers its file; rejects when that fails. */
  takeSnapshot(): Promise<SnapshotStatus>
  /** Replaces the tree and the sessions by those of a snapshot; answers its last zxid, rejects and changes nothing if it is not valid. */
  restoreSnapshot(snapshot: Readable): Promise<Zxid>

  /** What only a server of an ensemble has to say; undefined for one that stands alone. */
  readonly ensemble?: EnsembleStatus
}

export interface ServerCounts {
  readonly znodes: number
  readonly ephemerals: number
  /** Data and exists watches plus those on children. */
  readonly watches: number
  /** Bytes of paths and data. */
  readonly approximateDataBytes: number
  readonly globalSessions: number
  readonly localSessions: number
  /** Of both ports. */
  readonly connections: number
  /** Chance that the connection throttle drops a new connection, 0 to 1. */
  readonly connectionDropProbability: number
  /** Handshakes of TLS that are under way. */
  readonly tlsHandshakes: number
}

export interface QuotaStatus {
  /** The first element of the path: `app` of `/app/a/b`. */
  readonly namespace: string
  /** -1 where there is no limit. */
  readonly countLimit: number
  readonly bytesLimit: number
  readonly count: number
  readonly bytes: number
}

export interface ConnectionStatus {
  /** `127.0.0.1:4711`, `[0:0:0:0:0:0:0:1]:4711`. */
  readonly remoteAddress: string
  readonly secure: boolean
  /** 0 until the handshake is done. */
  readonly sessionId: SessionId
  readonly sessionTimeoutMs: number
  /** Bits of what the connection waits for: 1 to read, 4 to write. */
  readonly interestOps: number
  readonly outstandingRequests: number
  readonly received: number
  readonly sent: number
  /** `shortName` of the operation in @meerkat/protocol, NA before the first. */
  readonly lastOperation: string
  /** Milliseconds since 1970. */
  readonly establishedAtMs: number
  /** xid of the last request that was no ping, -1 if there is none. */
  readonly lastCxid: number
  readonly lastZxid: Zxid
  /** On the clock of `elapsedMs`. */
  readonly lastResponseAtMs: number
  readonly lastLatencyMs: number
  readonly minLatencyMs: number
  readonly averageLatencyMs: number
  readonly maxLatencyMs: number
}

export interface ExpiryBucket<T> {
  /** On the clock of `elapsedMs`. */
  readonly atMs: number
  readonly members: readonly T[]
}

export interface WatchSummary {
  readonly connections: number
  readonly paths: number
  readonly watches: number
}

export interface DigestStatus {
  readonly zxid: Zxid
  readonly version: number
  readonly digest: bigint
}

export interface ConfigurationStatus {
  /** -1 where the port is not open. */
  readonly clientPort: number
  readonly secureClientPort: number
  /** Absolute, with `version-2`. */
  readonly dataDir: string
  readonly dataLogDir: string
  readonly tickTimeMs: number
  readonly maxClientConnections: number
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  readonly listenBacklog: number
  /** 0 for a server that stands alone. */
  readonly serverId: number
  /** The text of zoo.cfg. */
  readonly file: string
  /** Every setting as Apache's system properties, `zookeeper.admin.serverPort`; the same without secrets. */
  readonly properties: Readonly<Record<string, string>>
}

/** What an HTTP request says of who sends it. */
export interface AdminCredentials {
  /** `digest user:password`, as after `Authorization:`. */
  readonly authorization: string
  readonly remoteAddress: string
  /** DER of the client's certificate, over HTTPS. */
  readonly certificate?: Buffer
}

export type AuthorizationResult = 'permitted' | 'not authenticated' | 'not authorized'

export interface SnapshotStatus {
  readonly lastZxid: Zxid
  readonly file: string
  readonly sizeBytes: number
}

export interface EnsembleStatus {
  /** Lines that `conf` adds: initLimit, syncLimit, electionAlg, electionPort, quorumPort, peerType, membership. */
  configurationLines(): string
  /** `leading - broadcast`. */
  peerState(): string
  leader(): { readonly isLeader: boolean; readonly id: number; readonly address: string }
  /** Bytes of the last, the smallest and the largest proposal, of a leader. */
  proposalSizes(): ResponseSizes | undefined
  observers(): readonly Readonly<Record<string, string | number | boolean | bigint>>[]
  resetObserverStatistics(): void
  votingView(): Readonly<Record<string, VotingMember>>
  zabState(): ZabState
  /** Gauges that only a leader or follower has: learners, synced_followers and so on. */
  gauges(): Readonly<Record<string, number>>
}

/** Bytes; -1 as long as there was none. */
export interface ResponseSizes {
  readonly last: number
  readonly min: number
  readonly max: number
}

export interface VotingMember {
  readonly serverAddresses: readonly string[]
  readonly electionAddresses: readonly string[]
  readonly clientAddress: string
  readonly learnerType: 'participant' | 'observer'
}

export interface ZabState {
  readonly serverId: number
  readonly isLeader: boolean
  readonly quorumAddress: string
  readonly electionAddress: string
  readonly clientAddress: string
  readonly voting: boolean
  readonly lastZxid: Zxid
  readonly state: string
}
