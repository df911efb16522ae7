/**
 * A server without its ports: data recovered from the disk, the engine over it, the log, the snapshots and the driver that
 * ties them. The world comes in by `World`, so that the simulator runs the same.
 */
import { Engine, Recovery, SnapshotSource, type Authenticator, type Connection, type Observer } from '@meerkat/engine'
import {
  RecoveryError,
  TransactionLog,
  purge,
  recover,
  type Clock,
  type Disk,
  type Random,
  type RecoveryReport,
  type Timer,
} from '@meerkat/io'
import {
  NO_SESSION,
  SnapshotReader,
  asBytes,
  firstSessionId,
  zxidOf,
  type ConnectRequestFrame,
  type Zxid,
} from '@meerkat/protocol'
import { join } from 'node:path'
import type { ServerConfiguration } from './configuration/configuration.ts'
import { Driver } from './driver.ts'
import { engineRules } from './engineRules.ts'
import type { FanOut } from './fanOut/fanOut.ts'
import { ConnectionThrottle } from './limits/connectionThrottle.ts'
import { FlushTiming } from './limits/flushTiming.ts'
import { Intake } from './limits/intake.ts'
import { LargeRequests } from './limits/largeRequests.ts'
import type { CountLimit } from './limits/metrics.ts'
import { RequestThrottle } from './limits/requestThrottle.ts'
import type { Logger } from './logging/logger.ts'
import { QuotaWatch } from './quotaWatch.ts'
import { Snapshots } from './snapshots.ts'

const LOOK_AT_QUOTAS_MS = 1000

export interface World {
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
  /** Runs a callback after the input that is there now. */
  readonly soon: (callback: () => void) => void
  /** Sends to many clients at once, where there are threads. */
  readonly fanOut?: FanOut | undefined
}

export interface CoreOptions {
  readonly configuration: ServerConfiguration
  readonly world: World
  readonly log: Logger
  readonly authenticator: Authenticator
  readonly observer: Observer
  readonly events: CoreEvents
}

/** What metrics and the log of the server are told. */
export interface CoreEvents {
  recovered(report: RecoveryReport, mismatches: number): void
  received(bytes: number): void
  synced(milliseconds: number, bytes: number, transactions: number): void
  snapshotTaken(milliseconds: number): void
  snapshotFailed(): void
  closed(connection: Connection, reason: string): void
  /** A sync took longer than fsync.warningthresholdms. */
  slowSync(): void
  limited: CountLimit
}

export class Core {
  readonly engine: Engine
  readonly driver: Driver
  readonly snapshots: Snapshots
  readonly report: RecoveryReport
  readonly dataDirectory: string
  readonly logDirectory: string
  private readonly options: CoreOptions
  private readonly transactionLog: TransactionLog
  private readonly timers = new Set<Timer>()
  private readonly connectionThrottle: ConnectionThrottle | undefined
  private syncMs = 0

  private constructor(options: CoreOptions, recovery: Recovery, report: RecoveryReport) {
    const { configuration, world, log, authenticator, observer, events } = options
    this.options = options
    this.report = report
    this.dataDirectory = dataDirectoryOf(configuration)
    this.logDirectory = logDirectoryOf(configuration)
    this.engine = new Engine({ state: recovery.finish(), authenticator, observer, digestLog: recovery.digestLog })
    this.transactionLog = new TransactionLog({
      disk: world.disk,
      clock: world.clock,
      directory: this.logDirectory,
      forceSync: configuration.log.forceSync,
      preAllocBytes: configuration.log.preAllocSizeKb * 1024,
      sizeLimitBytes: Math.max(0, configuration.log.sizeLimitKb) * 1024,
      onSync: (milliseconds) => {
        this.syncMs = milliseconds
        if (milliseconds > configuration.log.fsyncWarningThresholdMs) this.warnOfSlowSync(milliseconds)
      },
    })
    this.connectionThrottle = connectionThrottleOf(options)
    this.snapshots = new Snapshots(
      {
        ...world,
        directory: this.dataDirectory,
        snapCount: configuration.snapshot.count,
        sizeLimitBytes: configuration.snapshot.sizeLimitKb * 1024,
        compression: configuration.snapshot.compressionMethod ?? '',
        serializeLastZxid: configuration.snapshot.serializeLastProcessedZxid,
        log,
        onTaken: (milliseconds) => events.snapshotTaken(milliseconds),
        onFailed: () => events.snapshotFailed(),
      },
      { engine: this.engine, transactionLog: this.transactionLog, transactions: report.txns },
    )
    this.driver = new Driver({
      engine: this.engine,
      log: this.transactionLog,
      clock: world.clock,
      soon: world.soon,
      fanOut: world.fanOut,
      maxFrameBytes: configuration.limits.juteMaxBufferBytes,
      globalOutstandingLimit: configuration.limits.globalOutstandingLimit,
      sessionOutputBytes: configuration.limits.sessionOutputBytes,
      admits: (request) => this.admits(request),
      intake: intakeOf(options, this.engine),
      flushTiming: flushTimingOf(options),
      events: {
        received: (bytes) => events.received(bytes),
        synced: (bytes, transactions) => {
          events.synced(this.syncMs, bytes, transactions)
          return this.snapshots.synced(transactions)
        },
        logFailed: (error) =>
          log.error('the log cannot be written: writes are refused until it can, reads go on', { error }),
        logRecovered: () => log.info('the log can be written again'),
        closed: (connection, reason) => events.closed(connection, reason),
      },
    })
  }

  /** Recovers what the disk holds. Throws io's RecoveryError, which says what is wrong and what to do. */
  static async open(options: CoreOptions): Promise<Core> {
    const { configuration, world, log, events } = options
    const recovery = newRecovery(options)
    const report = await recover({
      ...world,
      dataDirectory: dataDirectoryOf(configuration),
      logDirectory: logDirectoryOf(configuration),
      initializeFile: join(configuration.dataLogDir, 'initialize'),
      target: {
        begin: () => recovery.begin(),
        loaded: (zxid, tail) => recovery.loaded(zxid, tail),
        replay: (txn) => recovery.replay(txn),
        source: () => {
          const source = recovery.source()
          return {
            writeSlice: (output) => source.writeSlice(output),
            tail: () => ({
              ...source.tail(),
              serializeLastZxid: configuration.snapshot.serializeLastProcessedZxid,
            }),
          }
        },
      },
      trustEmpty: configuration.snapshot.trustEmpty,
      autocreate: configuration.createDatabase,
      onNotice: (notice) => log.warn(notice),
    })
    if (report.lastZxid < 0) throw notInitialized(configuration)
    events.recovered(report, recovery.mismatches)
    return new Core(options, recovery, report)
  }

  /** The chance, 0 to 1, that the connection throttle turns a client away. */
  get connectionDropProbability(): number {
    return this.connectionThrottle?.dropProbability ?? 0
  }

  private admits({ sessionId }: ConnectRequestFrame): boolean {
    const { configuration, events, world } = this.options
    const { newSessionWeight, renewSessionWeight } = configuration.connectionThrottle
    const cost = sessionId === NO_SESSION ? newSessionWeight : renewSessionWeight
    const isAdmitted = this.connectionThrottle?.admits(cost, world.clock.monotonicMs()) ?? true
    if (isAdmitted) events.limited('connection_token_deficit', this.connectionThrottle?.deficit ?? 0)
    else events.limited('connection_rejected', 1)
    return isAdmitted
  }

  private warnOfSlowSync(milliseconds: number): void {
    const { configuration, events, log } = this.options
    events.slowSync()
    log.warn('the disk took long to make transactions durable: writes wait for it', {
      directory: this.logDirectory,
      milliseconds: Math.round(milliseconds),
      'fsync.warningthresholdms': configuration.log.fsyncWarningThresholdMs,
    })
  }

  /** Sessions and old files begin to be looked after. */
  start(): void {
    const { clock } = this.options.world
    const { autopurge, tickTimeMs } = this.options.configuration
    this.engine.start(clock.wallMs(), clock.monotonicMs())
    this.driver.perform()
    this.repeat(Math.min(Math.max(tickTimeMs / 4, 10), 500), () => this.driver.tick())
    this.watchQuotas()
    if (autopurge.purgeIntervalHours > 0) {
      const clean = (): void => void this.purge()
      clean()
      this.repeat(autopurge.purgeIntervalHours * 3_600_000, clean)
    }
  }

  private watchQuotas(): void {
    const watch = new QuotaWatch(this.options.log)
    let seen: Zxid | undefined
    this.repeat(LOOK_AT_QUOTAS_MS, () => {
      if (seen === this.engine.lastZxid) return
      seen = this.engine.lastZxid
      watch.look(this.engine.state.quotas.status())
    })
  }

  private repeat(everyMs: number, task: () => void): void {
    const timer = this.options.world.clock.after(everyMs, () => {
      this.timers.delete(timer)
      this.repeat(everyMs, task)
      task()
    })
    this.timers.add(timer)
  }

  private async purge(): Promise<void> {
    const { configuration, world, log } = this.options
    try {
      const removed = await purge({
        disk: world.disk,
        dataDirectory: this.dataDirectory,
        logDirectory: this.logDirectory,
        keep: configuration.autopurge.snapRetainCount,
      })
      if (removed.length > 0) log.info('old snapshots and logs were purged', { files: removed })
    } catch (error) {
      log.error('old snapshots and logs could not be purged', { error })
    }
  }

  /**
   * Replaces tree and sessions by those of a snapshot; answers its last zxid. Nothing changes if it is not whole.
   *
   * The server's own zxid does not go back, so that what is in the log already is not replayed over the new tree and
   * clients may reconnect; a snapshot of the new tree is on disk before anybody sees it. All connections are closed.
   */
  async restore(snapshot: AsyncIterable<Uint8Array>): Promise<Zxid> {
    const recovery = newRecovery(this.options)
    const reader = new SnapshotReader(recovery.begin())
    for await (const chunk of snapshot) reader.read(asBytes(chunk))
    const tail = reader.finish()
    const zxid = tail.lastZxid ?? tail.digestZxid
    if (zxid === undefined)
      throw new Error('the snapshot does not say its last zxid (serializeLastProcessedZxid.enabled)')
    recovery.loaded(zxid, tail)
    const state = recovery.finish()
    await this.driver.hold()
    try {
      await this.snapshots.settled()
      await this.transactionLog.roll()
      state.tree.lastZxid = zxidOf(Math.max(zxid, this.engine.lastZxid))
      await this.snapshots.write(new SnapshotSource(state))
      this.engine.restore(state)
    } finally {
      this.driver.release()
    }
    return zxid
  }

  /** Answers what was accepted and closes every connection and file. */
  async stop(): Promise<void> {
    for (const timer of this.timers) timer.cancel()
    this.timers.clear()
    await this.driver.hold()
    this.driver.stop()
    await this.snapshots.settled()
    await this.transactionLog.close()
  }
}

/** Apache's server starts all the same, and turns every client away: its zxid is -1, which each has seen more than. */
function notInitialized({ dataDir, dataLogDir }: ServerConfiguration): RecoveryError {
  return new RecoveryError({
    file: dataDir,
    problem: 'there is no data, and db.autocreate=false does not let the server begin without',
    remedy: `Put the data there, or, to begin with an empty tree, make a file ${join(dataLogDir, 'initialize')}.`,
  })
}

function newRecovery({ configuration, world, observer }: CoreOptions): Recovery {
  const rules = engineRules(configuration)
  return new Recovery({
    rules,
    seed: new DataView(Uint8Array.from(world.random.bytes(4)).buffer).getInt32(0),
    firstSessionId: firstSessionId({ elapsedMs: world.clock.monotonicMs(), serverId: rules.serverId }),
    onFired: (type, watches) => observer.fired(type, watches),
    onQuotaExceeded: (path) => observer.quotaExceeded(path),
  })
}

function connectionThrottleOf({ configuration, world }: CoreOptions): ConnectionThrottle | undefined {
  const { connectionThrottle: settings } = configuration
  if (settings.tokens === 0) return undefined
  const { clock, random } = world
  return new ConnectionThrottle(settings, { nowMs: clock.monotonicMs(), fraction: () => random.fraction() })
}

function intakeOf({ configuration, events }: CoreOptions, engine: Engine): Intake | undefined {
  const { limits, requestThrottle: settings } = configuration
  const { largeRequestMaxBytes: maxBytes, largeRequestThresholdBytes: thresholdBytes } = limits
  const requestThrottle = settings.maxRequests > 0 ? new RequestThrottle(settings) : undefined
  const largeRequests = thresholdBytes > 0 ? new LargeRequests({ thresholdBytes, maxBytes }) : undefined
  if (requestThrottle === undefined && largeRequests === undefined) return undefined
  return new Intake({ engine, requestThrottle, largeRequests, count: events.limited })
}

function flushTimingOf({ configuration, world }: CoreOptions): FlushTiming | undefined {
  const { flushDelayMs: delayMs, maxWriteQueuePollTimeMs: maxIdleMs, maxBatchSize } = configuration.log
  if (delayMs <= 0) return undefined
  return new FlushTiming({ delayMs, maxIdleMs, maxBatchSize }, world.clock.monotonicMs())
}

function dataDirectoryOf({ dataDir }: ServerConfiguration): string {
  return join(dataDir, 'version-2')
}

function logDirectoryOf({ dataLogDir }: ServerConfiguration): string {
  return join(dataLogDir, 'version-2')
}
