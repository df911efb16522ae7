/**
 * The audit log: who changed what (org.apache.zookeeper.audit). Its fields and their order are Apache's; as lines of
 * Apache's form in a file of its own, or as fields of ordinary log lines of component `audit`.
 */
import type { LogDestination } from '../logging/destination.ts'
import type { Logging } from '../logging/logging.ts'

export type AuditOperation =
  | 'serverStart'
  | 'serverStop'
  | 'create'
  | 'delete'
  | 'setData'
  | 'setAcl'
  | 'multiOperation'
  | 'reconfig'
  | 'ephemeralZNodeDeletionOnSessionCloseOrExpire'

/** What is not known or has no meaning for an operation is left out. */
export interface AuditEvent {
  /** `0x` and the session in hexadecimal. */
  readonly session?: string
  /** `usersForAudit` of the session; of what the server does itself, the user it runs as. */
  readonly user?: string
  readonly ip?: string
  readonly operation: AuditOperation
  readonly znode?: string
  /** `znodeTypeOf` the flags, of a creation. */
  readonly znode_type?: string
  /** `aclForAudit`, of setAcl. */
  readonly acl?: string
  /** `invoked` is for serverStop alone: its end cannot be told. */
  readonly result: 'success' | 'failure' | 'invoked'
}

export interface AuditLog {
  /** Asked before an event is made: with the audit log off nothing else is spent on it. */
  readonly enabled: boolean
  record(event: AuditEvent): void
  close(): Promise<void>
}

export const auditOff: AuditLog = { enabled: false, record: () => undefined, close: () => Promise.resolve() }

/** Events among the other log lines, whatever their level; failures are errors there, as in Apache's. */
export function auditToLog(logging: Logging): AuditLog {
  logging.setComponentLevel('audit', 'info')
  const logger = logging.logger('audit')
  return {
    enabled: true,
    record: (event) => logger[event.result === 'failure' ? 'error' : 'info']('audit', { ...event }),
    close: () => Promise.resolve(),
  }
}

/** Events in a destination of their own, one line each. */
export function auditToDestination(destination: LogDestination, nowMs: () => number): AuditLog {
  return {
    enabled: true,
    record: (event) => {
      const level = event.result === 'failure' ? 'ERROR' : 'INFO'
      destination.write(`${new Date(nowMs()).toISOString()} ${level} audit: ${auditText(event)}\n`)
    },
    close: () => destination.close(),
  }
}

/** Apache's form: `session=0x1<TAB>user=127.0.0.1<TAB>…<TAB>result=success`. */
export function auditText(event: AuditEvent): string {
  return ORDER.filter((name) => event[name] !== undefined)
    .map((name) => `${name}=${withoutControls(String(event[name]))}`)
    .join('\t')
}

const ORDER = ['session', 'user', 'ip', 'operation', 'znode', 'znode_type', 'acl', 'result'] as const

/** A tab or an end of line within a value must not look like another field or line. */
function withoutControls(value: string): string {
  return value.replaceAll(/\p{Cc}/gu, ' ')
}
