/** When snapshots are taken, and what old files go (server.SyncRequestProcessor, server.DatadirCleanupManager). */
import type { Engine, SnapshotSource } from '@meerkat/engine'
import {
  writeSnapshot,
  type SnapshotSource as FileSource,
  type Clock,
  type Disk,
  type Random,
  type TransactionLog,
} from '@meerkat/io'
import type { SnapshotCompression, Zxid } from '@meerkat/protocol'
import type { Logger } from './logging/logger.ts'

export interface SnapshotSettings {
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
  readonly directory: string
  readonly snapCount: number
  /** 0 or less is off. */
  readonly sizeLimitBytes: number
  readonly compression: SnapshotCompression
  readonly serializeLastZxid: boolean
  readonly log: Logger
  readonly onTaken: (milliseconds: number) => void
  readonly onFailed: () => void
}

export interface TakenSnapshot {
  readonly name: string
  readonly bytes: number
  readonly zxid: Zxid
  readonly lastZxid: Zxid
  readonly atMs: number
}

const PAUSE_MS = 1

export class Snapshots {
  private readonly settings: SnapshotSettings
  private readonly engine: Engine
  private readonly transactionLog: TransactionLog
  private transactions: number
  /** Half the setting, and a random part of the other half: the members of an ensemble do not all do it at once. */
  private nextCount = 0
  private nextBytes = 0
  private running: Promise<TakenSnapshot> | undefined
  last: { readonly zxid: Zxid; readonly atMs: number } | undefined

  /** `transactions`: how many the log holds above the last snapshot. */
  constructor(
    settings: SnapshotSettings,
    parts: { engine: Engine; transactionLog: TransactionLog; transactions: number },
  ) {
    this.settings = settings
    this.engine = parts.engine
    this.transactionLog = parts.transactionLog
    this.transactions = parts.transactions
    this.draw()
  }

  private draw(): void {
    const { snapCount, sizeLimitBytes, random } = this.settings
    this.nextCount = Math.floor(snapCount / 2) + Math.floor((random.fraction() * snapCount) / 2)
    this.nextBytes = sizeLimitBytes > 0 ? sizeLimitBytes / 2 + (random.fraction() * sizeLimitBytes) / 2 : Infinity
  }

  /** A group is durable; if it is time, the log is rolled and a snapshot begins beside the requests. */
  synced(transactions: number): Promise<void> | undefined {
    this.transactions += transactions
    if (this.transactions <= this.nextCount && this.transactionLog.bytesSinceRoll <= this.nextBytes) return undefined
    this.transactions = 0
    this.draw()
    return this.rollAndBegin()
  }

  private async rollAndBegin(): Promise<void> {
    await this.transactionLog.roll()
    if (this.running !== undefined) {
      this.settings.log.warn('a snapshot is due, but the one before is still being written: skipped')
      return
    }
    this.take().catch(() => undefined)
  }

  /** Takes a snapshot now, or joins the one under way. */
  take(): Promise<TakenSnapshot> {
    this.running ??= this.write(this.engine.snapshot()).finally(() => {
      this.running = undefined
    })
    return this.running
  }

  /** Writes a snapshot of any state. */
  async write(state: SnapshotSource): Promise<TakenSnapshot> {
    const { clock, compression, directory, disk, log, onFailed, onTaken, serializeLastZxid } = this.settings
    const began = clock.monotonicMs()
    const { zxid } = state
    let lastZxid = zxid
    const source: FileSource = {
      writeSlice: (output) => state.writeSlice(output),
      tail: () => {
        const tail = state.tail()
        lastZxid = tail.lastZxid
        return { ...tail, serializeLastZxid }
      },
    }
    try {
      const { name, bytes } = await writeSnapshot({
        disk,
        directory,
        zxid,
        source,
        compression,
        pause: () => this.pause(),
      })
      const milliseconds = clock.monotonicMs() - began
      const atMs = clock.wallMs()
      this.last = { zxid, atMs }
      onTaken(milliseconds)
      log.info('snapshot taken', { file: name, bytes, milliseconds: Math.round(milliseconds) })
      return { name, bytes, zxid, lastZxid, atMs }
    } catch (error) {
      onFailed()
      log.error('a snapshot could not be written; the log keeps what it would have held', { error })
      throw error
    } finally {
      state.close()
    }
  }

  /** Between slices requests have the disk and the processor for themselves. */
  private pause(): Promise<void> {
    return new Promise((resolve) => {
      this.settings.clock.after(PAUSE_MS, resolve)
    })
  }

  /** Waits for the snapshot under way, if there is one. */
  async settled(): Promise<void> {
    await this.running?.catch(() => undefined)
  }
}
