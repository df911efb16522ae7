/** One ZooKeeper server: where its parts are made and tied together. */
import { DigestLog, Engine, Recovery, type Connection, type Observer } from '@meerkat/engine'
import { TransactionLog, recover, systemClock, systemDisk, systemRandom, type RecoveryReport } from '@meerkat/io'
import { firstSessionId } from '@meerkat/protocol'
import type { AddressInfo, Server, Socket } from 'node:net'
import { join } from 'node:path'
import { initialIdentities, type ConnectionFacts } from './authentication/connection.ts'
import { createGate } from './authentication/gate.ts'
import { ClientPort, ConnectionCount, listenAt, plainServer } from './clientPort.ts'
import type { ServerConfiguration } from './configuration/configuration.ts'
import { Driver } from './driver.ts'
import { engineRules } from './engineRules.ts'
import type { Logging } from './logging/logging.ts'
import { Snapshots } from './snapshots.ts'

export interface ServerOptions {
  readonly configuration: ServerConfiguration
  readonly logging: Logging
}

export interface RunningServer {
  readonly clientAddress: AddressInfo | undefined
  /** Answers what was accepted, closes everything; within the deadline of the configuration. */
  stop(): Promise<void>
}

const disk = systemDisk
const clock = systemClock

export async function startServer({ configuration, logging }: ServerOptions): Promise<RunningServer> {
  const log = logging.logger('server')
  const rules = engineRules(configuration)
  const recovery = new Recovery({
    rules,
    seed: new DataView(systemRandom.bytes(4).buffer).getInt32(0),
    firstSessionId: firstSessionId({ elapsedMs: clock.monotonicMs(), serverId: rules.serverId }),
  })
  const dataDirectory = join(configuration.dataDir, 'version-2')
  const logDirectory = join(configuration.dataLogDir, 'version-2')
  const report = await recover({
    disk,
    clock,
    dataDirectory,
    logDirectory,
    initializeFile: join(configuration.dataLogDir, 'initialize'),
    target: {
      begin: () => recovery.begin(),
      loaded: (zxid, tail) => recovery.loaded(zxid, tail),
      replay: (txn) => recovery.replay(txn),
      source: () => {
        const source = recovery.source()
        return {
          writeSlice: (output) => source.writeSlice(output),
          tail: () => ({ ...source.tail(), serializeLastZxid: true }),
        }
      },
    },
    trustEmpty: configuration.snapshot.trustEmpty,
    autocreate: configuration.createDatabase,
    onNotice: (notice) => log.warn(notice),
  })
  void report
  void DigestLog
  const state = recovery.finish()
  const transactionLog = new TransactionLog({
    disk,
    clock,
    directory: logDirectory,
    forceSync: configuration.log.forceSync,
    preAllocBytes: configuration.log.preAllocSizeKb * 1024,
  })
  const facts = new WeakMap<Connection, ConnectionFacts>()
  const gate = createGate({
    rules: {
      schemes: new Set(configuration.authentication.schemes),
      digestAlgorithm: configuration.authentication.digest.algorithm,
      superDigest: configuration.authentication.digest.superDigest ?? null,
      x509SuperUser: null,
      ensembleNames: null,
    },
    enforcement: { schemes: new Set(), allowSaslFailedClients: false },
    users: undefined,
    superPassword: null,
    saslSuperUsers: new Set(),
    factsOf: (connection) => facts.get(connection) ?? { remoteAddress: '', clientCertificate: null },
    onFailure: () => undefined,
  })
  const observer: Observer = { read: () => undefined, written: () => undefined, committed: () => undefined }
  const engine = new Engine({ state, authenticator: gate, observer, digestLog: recovery.digestLog })
  const snapshots = new Snapshots(
    {
      disk,
      clock,
      random: systemRandom,
      directory: dataDirectory,
      snapCount: configuration.snapshot.count,
      sizeLimitBytes: configuration.snapshot.sizeLimitKb * 1024,
      compression: '',
      serializeLastZxid: true,
      log,
      onTaken: () => undefined,
      onFailed: () => undefined,
    },
    { engine, transactionLog, transactions: (report as RecoveryReport).txns },
  )
  const driver = new Driver({
    engine,
    log: transactionLog,
    clock,
    soon: (callback) => setImmediate(callback),
    maxFrameBytes: configuration.limits.juteMaxBufferBytes,
    globalOutstandingLimit: configuration.limits.globalOutstandingLimit,
    sessionOutputBytes: configuration.limits.sessionOutputBytes,
    events: {
      synced: (_bytes, transactions) => snapshots.synced(transactions),
      logFailed: (error) => log.error('the log cannot be written', { error }),
      logRecovered: () => log.info('the log can be written again'),
      closed: (connection, reason) => log.debug('connection closed', { id: connection.id, reason }),
    },
  })
  const port = new ClientPort(
    {
      driver,
      log,
      secure: false,
      limits: {
        perAddress: configuration.limits.maxClientCnxns,
        total: configuration.limits.maxCnxns,
        sessionlessTimeoutMs: configuration.limits.sessionlessTimeoutMs,
      },
      keepAlive: configuration.clientTcpKeepAlive,
      fourLetterWord: () => undefined,
      identify: (socket: Socket) =>
        initialIdentities({ remoteAddress: socket.remoteAddress ?? '', clientCertificate: null }, null),
    },
    new ConnectionCount(),
  )
  engine.start(clock.wallMs(), clock.monotonicMs())
  const timer = setInterval(() => driver.tick(), Math.min(Math.max(configuration.tickTimeMs / 4, 10), 500))
  const server: Server = plainServer(port)
  const clientAddress = await listenAt(server, {
    host: configuration.clientPortAddress,
    port: configuration.clientPort ?? 2181,
    backlog: configuration.clientPortListenBacklog,
  })
  return {
    clientAddress,
    async stop() {
      clearInterval(timer)
      server.close()
      await driver.settle()
      driver.stop()
      port.closeAll()
      await snapshots.settled()
      await transactionLog.close()
    },
  }
}
