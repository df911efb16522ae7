import { FileDestination } from '../logging/fileDestination.ts'
import { complain, dropLine } from '../logging/openLog.ts'
import type { LogSettings } from '../logging/openLog.ts'
import type { Logging } from '../logging/logging.ts'
import { auditOff, auditToDestination, auditToLog } from './auditLog.ts'
import type { AuditLog } from './auditLog.ts'

export interface AuditSettings {
  /** audit.enable. */
  readonly enabled: boolean
  /** meerkat.audit.file; undefined is among the other log lines. */
  readonly file: string | undefined
}

/** Opens the audit log; its file rotates as the log's does. Throws if the file cannot be opened. */
export function openAuditLog(
  { enabled, file }: AuditSettings,
  { maxSizeMb, maxFiles }: Pick<LogSettings, 'maxSizeMb' | 'maxFiles'>,
  logging: Logging,
): AuditLog {
  if (!enabled) return auditOff
  if (file === undefined) return auditToLog(logging)
  const options = { file, maxFiles, maxSizeBytes: maxSizeMb * 1024 * 1024, onFailure: complain(file) }
  return auditToDestination(new FileDestination(options, dropLine('pretty')), Date.now)
}
