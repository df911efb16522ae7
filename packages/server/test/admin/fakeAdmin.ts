import { startAdminServer } from '../../src/admin/adminServer.ts'
import type { AdminServerOptions } from '../../src/admin/adminServer.ts'
import { TraceMask } from '../../src/admin/traceMask.ts'
import { Logging } from '../../src/logging/logging.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { fakeStatus } from '../fakeStatus.ts'

/** An admin server on a free port over a server that is made up. */
export function adminOptions(changes: Partial<AdminServerOptions> = {}): AdminServerOptions {
  const destination = {
    write: () => undefined,
    flush: () => undefined,
    close: () => Promise.resolve(),
    dropped: 0,
  }
  return {
    address: '127.0.0.1',
    port: 0,
    commandUrl: '/commands',
    idleTimeoutMs: 30_000,
    rateLimiterIntervalMs: 300_000,
    transport: 'http',
    status: fakeStatus(),
    metrics: createMetrics('default'),
    metricsStyle: 'default',
    traceMask: new TraceMask(),
    logging: new Logging({ level: 'info', format: 'json', destination, nowMs: () => 0 }),
    snapshotEnabled: true,
    restoreEnabled: true,
    serializeLastProcessedZxid: true,
    useXForwardedFor: false,
    ...changes,
  }
}

export async function withAdmin(
  changes: Partial<AdminServerOptions>,
  run: (base: string, options: AdminServerOptions) => Promise<void>,
): Promise<void> {
  const options = adminOptions(changes)
  const server = await startAdminServer(options)
  try {
    await run(`http://127.0.0.1:${server.port}/commands`, options)
  } finally {
    await server.close()
  }
}
