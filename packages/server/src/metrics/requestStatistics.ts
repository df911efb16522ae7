import { Summary } from './summary.ts'

/**
 * What `srvr` shows of the requests since the start or the last reset (org.apache.zookeeper.server.ServerStats).
 * The client port updates the fields itself: all of them are on the path of every request.
 */
export class RequestStatistics {
  received = 0
  sent = 0
  /** Milliseconds from the arrival of a request to its reply. */
  readonly latency = new Summary('none')
  /** Bytes of the last, the smallest and the largest reply; -1 as long as there was none. */
  lastResponseBytes = -1
  minResponseBytes = -1
  maxResponseBytes = -1
  /** Not reset, as in Apache's server. */
  authFailed = 0
  fsyncThresholdExceeded = 0
  nonMutualTlsRemoteConnections = 0
  nonMutualTlsLocalConnections = 0

  addResponse(bytes: number): void {
    this.lastResponseBytes = bytes
    if (bytes > this.maxResponseBytes) this.maxResponseBytes = bytes
    if (this.minResponseBytes === -1 || bytes < this.minResponseBytes) this.minResponseBytes = bytes
  }

  reset(): void {
    this.received = 0
    this.sent = 0
    this.latency.reset()
    this.lastResponseBytes = -1
    this.minResponseBytes = -1
    this.maxResponseBytes = -1
  }
}
