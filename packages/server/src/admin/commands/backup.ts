/** Snapshot and restore over HTTP. Refusals of the command itself have a status and no error text, as Apache's have. */
import { toHex } from '@meerkat/protocol'
import type { AdminContext, Command, CommandRequest, CommandResult } from './command.ts'

export const backupCommands = {
  snapshot: {
    aliases: ['snap'],
    help: 'Takes a snapshot and sends it; with `?streaming=false` it only stays on the server. Headers `last_zxid`, `snapshot_size`.',
    needsServing: true,
    protected: 'always',
    get: takeSnapshot,
  },
  restore: {
    aliases: ['rest'],
    help: 'Replaces the data by those of the snapshot in the body; answers its `last_zxid`.',
    needsServing: true,
    protected: 'always',
    post: restore,
  },
} as const satisfies Record<string, Command>

async function takeSnapshot(context: AdminContext, { query }: CommandRequest): Promise<CommandResult> {
  const { status, metrics } = context
  const log = context.logging.logger('admin')
  const refused = refusal(context, 'snapshot')
  if (refused !== undefined) return { status: refused }
  try {
    const { lastZxid, file, sizeBytes } = await status.takeSnapshot()
    const headers = { last_zxid: `0x${toHex(lastZxid)}`, snapshot_size: String(sizeBytes) }
    return { headers, ...(isTrue(query.get('streaming') ?? 'true') && { file }) }
  } catch (error) {
    metrics.snapshot_error_count.add(1)
    log.error('the snapshot asked for over HTTP failed', { error })
    return { status: 500 }
  }
}

async function restore(context: AdminContext, { body }: CommandRequest): Promise<CommandResult> {
  const { status, metrics } = context
  const log = context.logging.logger('admin')
  const refused = refusal(context, 'restore')
  if (refused !== undefined) return { status: refused }
  try {
    const startMs = status.elapsedMs()
    const lastZxid = await status.restoreSnapshot(body)
    metrics.restore_time.add(status.elapsedMs() - startMs)
    log.warn('the data was replaced by a snapshot sent over HTTP', { lastZxid: `0x${toHex(lastZxid)}` })
    return { fields: { last_zxid: lastZxid } }
  } catch (error) {
    metrics.restore_error_count.add(1)
    log.error('the restore asked for over HTTP failed; nothing was changed', { error })
    return { status: 500 }
  }
}

function refusal(context: AdminContext, command: 'snapshot' | 'restore'): number | undefined {
  if (!context[`${command}Enabled`]) return 503
  if (!context.serializeLastProcessedZxid) return 500
  if (context.limiters[command].allow()) return undefined
  context.metrics[`${command}_rate_limited_count`].add(1)
  return 429
}

/** As Java's Boolean.parseBoolean. */
function isTrue(text: string): boolean {
  return text.toLowerCase() === 'true'
}
