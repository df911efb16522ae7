/**
 * Bytes of large requests in progress (ZooKeeperServer.checkRequestSizeWhenMessageReceived). A request that does not fit
 * costs its connection. One that is answered at once is never in progress.
 */
import type { Connection, Waiting } from '@meerkat/engine'

export interface LargeRequestSettings {
  /** A request with more bytes than this is a large one. */
  readonly thresholdBytes: number
  /** What large requests may have together. */
  readonly maxBytes: number
}

interface LargeRequest {
  readonly connection: Connection
  readonly waiting: Waiting
  readonly bytes: number
}

export class LargeRequests {
  private readonly settings: LargeRequestSettings
  private inProgress: LargeRequest[] = []
  private total = 0

  constructor(settings: LargeRequestSettings) {
    this.settings = settings
  }

  /** Bytes of those in progress when they were last settled. */
  get bytes(): number {
    return this.total
  }

  isLarge(bytes: number): boolean {
    return bytes > this.settings.thresholdBytes
  }

  fits(bytes: number): boolean {
    return this.total + bytes <= this.settings.maxBytes
  }

  /** The last request that `connection` waits for has this many bytes. */
  begun(connection: Connection, bytes: number): void {
    const waiting = connection.waiting.at(-1)
    if (waiting === undefined) return
    this.inProgress.push({ connection, waiting, bytes })
    this.total += bytes
  }

  /** Forgets those that were answered, and those whose connections are gone. */
  settle(): void {
    if (this.inProgress.length === 0) return
    this.inProgress = this.inProgress.filter(
      ({ connection, waiting }) => connection.waiting.indexOf(waiting, connection.waitingHead) >= 0,
    )
    this.total = this.inProgress.reduce((sum, { bytes }) => sum + bytes, 0)
  }
}
