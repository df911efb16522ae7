/** Turns what the engine and the driver tell into metrics and the audit log. */
import type { Connection, Observer } from '@meerkat/engine'
import { EventType, OpCode } from '@meerkat/protocol'
import type { AuditLog } from './audit/auditLog.ts'
import { auditClosedSession, auditWrite } from './audit/auditRequests.ts'
import type { CoreEvents } from './core.ts'
import type { Metrics } from './metrics/metrics.ts'
import { WrittenNamespaces, namespaceOf } from './metrics/namespaces.ts'
import { ReadNamespaces } from './metrics/readNamespaces.ts'

export interface ObservationOptions {
  readonly metrics: Metrics
  readonly audit: AuditLog
  /** Where a connection comes from. */
  readonly addressOf: (connection: Connection) => string
}

export function createObserver({ metrics, audit, addressOf }: ObservationOptions): Observer {
  const { requests } = metrics
  const readNamespaces = new ReadNamespaces(metrics.read_per_namespace)
  const writtenNamespaces = new WrittenNamespaces(metrics.write_per_namespace)
  return {
    keepsRequests: audit.enabled,
    handshake(isRenewal) {
      requests.received++
      requests.sent++
      metrics.connection_request_count.add(1)
      if (isRenewal) metrics.connection_revalidate_count.add(1)
    },
    sessionCreated(latencyMs) {
      requests.latency.add(latencyMs)
      metrics.updatelatency.add(latencyMs)
    },
    read(_connection, opcode, latencyMs, replyBytes) {
      requests.received++
      requests.sent++
      requests.latency.add(latencyMs)
      requests.addResponse(replyBytes)
      metrics.response_bytes.add(replyBytes)
      if (opcode !== OpCode.ping) metrics.readlatency.add(latencyMs)
    },
    found: (opcode, request, body, reply, frame) => readNamespaces.count(opcode, request, body, reply, frame),
    written(connection, write) {
      requests.received++
      requests.sent++
      requests.latency.add(write.latencyMs)
      requests.addResponse(write.replyBytes)
      metrics.response_bytes.add(write.replyBytes)
      metrics.updatelatency.add(write.latencyMs)
      if (audit.enabled) auditWrite(audit, { ...write, connection, ip: addressOf(connection) })
    },
    committed(header, txn) {
      writtenNamespaces.count(txn)
      if (audit.enabled && txn.type === OpCode.closeSession) auditClosedSession(audit, header, txn)
    },
    expired: (sessions) => metrics.stale_sessions_expired.add(sessions),
    quotaExceeded: (path) => metrics.quota_exceeded_error_per_namespace.add(namespaceOf(path), 1),
    fired(type, watches) {
      requests.sent += watches
      firedMetric(metrics, type).add(watches)
    },
  }
}

function firedMetric(metrics: Metrics, type: EventType) {
  switch (type) {
    case EventType.nodeCreated:
      return metrics.node_created_watch_count
    case EventType.nodeDeleted:
      return metrics.node_deleted_watch_count
    case EventType.nodeDataChanged:
      return metrics.node_changed_watch_count
    case EventType.nodeChildrenChanged:
    case EventType.none:
      return metrics.node_children_watch_count
  }
}

/** The driver's and the disk's side. */
export function coreMetrics(metrics: Metrics): Omit<CoreEvents, 'closed'> {
  return {
    recovered(report, mismatches) {
      metrics.dbinittime.add(report.milliseconds)
      metrics.startup_snap_load_time.add(report.snapshotMilliseconds)
      metrics.startup_txns_load_time.add(report.milliseconds - report.snapshotMilliseconds)
      metrics.startup_txns_loaded.add(report.txns)
      metrics.digest_mismatches_count.add(mismatches)
    },
    received: (bytes) => metrics.bytes_received_count.add(bytes),
    synced(milliseconds, _bytes, transactions) {
      metrics.fsynctime.add(milliseconds)
      metrics.sync_processor_batch_size.add(transactions)
      metrics.sync_processor_request_queued.add(transactions)
      metrics.sync_processor_queue_flush_time_ms.add(milliseconds)
    },
    snapshotTaken: (milliseconds) => metrics.snapshottime.add(milliseconds),
    snapshotFailed: () => metrics.snapshot_error_count.add(1),
    slowSync() {
      metrics.requests.fsyncThresholdExceeded++
    },
    limited: (metric, amount) => metrics[metric].add(amount),
  }
}
