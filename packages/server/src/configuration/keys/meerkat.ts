import { choice, int, path } from './key.ts'
import type { KeyTable } from './key.ts'

/** Keys that only Meerkat has. */
export const meerkat = {
  'meerkat.users.file': path(
    'File with users and passwords for SASL DIGEST-MD5 and for the scheme `digest`, instead of a JAAS file.',
  ),
  'meerkat.log.level': choice('Least level of log lines.', ['trace', 'debug', 'info', 'warn', 'error', 'fatal'], {
    default: 'info',
  }),
  'meerkat.log.file': path('File for the log instead of standard output.'),
  'meerkat.log.maxSizeMb': int('Size at which the log file is put aside and a new one begun.', {
    default: 64,
    min: 1,
    unit: 'MB',
  }),
  'meerkat.log.maxFiles': int('Log files kept, the current one among them.', { default: 10, min: 1 }),
  'meerkat.log.format': choice('Form of log lines.', ['json', 'pretty'], { default: 'json' }),
  'meerkat.audit.file': path('File for the audit log.', { defaultText: 'among the log lines' }),
  'meerkat.shutdown.deadlineMs': int('Time a graceful stop may take.', { default: 10_000, min: 0, unit: 'ms' }),
  'meerkat.limits.sessionOutputBytes': int(
    'Replies and events that a connection may leave unread before it is closed.',
    { default: 67_108_864, min: 1, unit: 'bytes' },
  ),
} as const satisfies KeyTable
