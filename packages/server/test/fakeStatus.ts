import type { Readable } from 'node:stream'
import { sessionIdOf, zxidOf } from '@meerkat/protocol'
import type { SessionId } from '@meerkat/protocol'
import { RequestStatistics } from '../src/metrics/requestStatistics.ts'
import type { ConnectionStatus, ServerStatus } from '../src/status.ts'

const alice = sessionIdOf(0x100001168cd0000n)
const bob = sessionIdOf(0x100001168cd0001n)

export function fakeConnection(changes: Partial<ConnectionStatus> = {}): ConnectionStatus {
  return {
    remoteAddress: '127.0.0.1:37000',
    secure: false,
    sessionId: alice,
    sessionTimeoutMs: 10_000,
    interestOps: 1,
    outstandingRequests: 0,
    received: 40,
    sent: 41,
    lastOperation: 'PING',
    establishedAtMs: 1_795_247_255_999,
    lastCxid: 37,
    lastZxid: zxidOf(35),
    lastResponseAtMs: 1_177_707,
    lastLatencyMs: 1,
    minLatencyMs: 0,
    averageLatencyMs: 2.9,
    maxLatencyMs: 10,
    ...changes,
  }
}

/** A server that says what Apache's did in the session whose answers the tests hold. */
export function fakeStatus(changes: Partial<ServerStatus> = {}): ServerStatus {
  return {
    version: '3.9.4-7246445ec281f3dbf53dc54e970c914f39713903, built on 2025-08-19 19:53 UTC',
    isServing: () => true,
    mode: () => 'standalone',
    elapsedMs: () => 1_178_000,
    nowMs: () => Date.UTC(2026, 10, 21, 7, 47, 38),
    uptimeMs: () => 41_272,
    lastZxid: () => zxidOf(0x23),
    statistics: new RequestStatistics(),
    outstandingRequests: () => 0,
    counts: () => ({
      znodes: 12,
      ephemerals: 2,
      watches: 1,
      approximateDataBytes: 243,
      globalSessions: 3,
      localSessions: 0,
      connections: 4,
      connectionDropProbability: 0,
      tlsHandshakes: 0,
    }),
    quotas: () => [{ namespace: 'app', countLimit: 100, bytesLimit: 100_000, count: 4, bytes: 5 }],
    connections: () => [fakeConnection()],
    resetConnectionStatistics: () => undefined,
    sessionExpiry: () => [
      { atMs: 1_187_000, members: [] },
      { atMs: 1_189_000, members: [alice] },
    ],
    connectionExpiry: () => [
      { atMs: 1_191_000, members: [{ remoteAddress: '127.0.0.1:37000', sessionId: alice }] },
      { atMs: 1_201_000, members: [{ remoteAddress: '127.0.0.1:37058', sessionId: 0n as SessionId }] },
    ],
    ephemerals: () =>
      new Map([
        [alice, ['/app/e1']],
        [bob, ['/app/e2']],
      ]),
    watchSummary: () => ({ connections: 3, paths: 1, watches: 1 }),
    watchesBySession: () => new Map([[bob, ['/none']]]),
    watchesByPath: () => new Map([['/none', [bob]]]),
    digestLog: () => [{ zxid: zxidOf(128), version: 2, digest: 15_642_258_069n }],
    lastSnapshot: () => ({ zxid: zxidOf(35), atMs: 1_795_247_673_900 }),
    directorySizes: () => ({ dataBytes: 67_109_358, logBytes: 67_109_358 }),
    configuration: {
      clientPort: 23_281,
      secureClientPort: -1,
      dataDir: '/data/version-2',
      dataLogDir: '/log/version-2',
      tickTimeMs: 2000,
      maxClientConnections: 60,
      minSessionTimeoutMs: 4000,
      maxSessionTimeoutMs: 40_000,
      listenBacklog: -1,
      serverId: 0,
      file: 'tickTime=2000\n',
      properties: { 'zookeeper.admin.serverPort': '23280' },
    },
    authorize: ({ authorization }) =>
      authorization === 'digest super:test'
        ? 'permitted'
        : authorization === 'digest foo:bar'
          ? 'not authorized'
          : 'not authenticated',
    takeSnapshot: () => Promise.reject(new Error('no snapshot in this test')),
    restoreSnapshot: (snapshot: Readable) => {
      snapshot.resume()
      return Promise.resolve(zxidOf(437))
    },
    ...changes,
  }
}
