/** What the audit log is told of the writes that were answered (org.apache.zookeeper.audit.AuditHelper). */
import type { AnsweredWrite, Connection } from '@meerkat/engine'
import {
  ErrorCode,
  Input,
  MultiHeader,
  OpCode,
  OPERATIONS,
  operationName,
  type CloseSessionTxn,
  type OperationName,
  type SessionId,
  type Txn,
  type TxnHeader,
} from '@meerkat/protocol'
import { userName } from '../admin/environment.ts'
import type { AuditLog } from './auditLog.ts'
import { aclForAudit, auditOperationOf, usersForAudit, znodeTypeOf } from './describe.ts'

export interface AuditedWrite extends AnsweredWrite {
  readonly connection: Connection
  /** Where the connection comes from. */
  readonly ip: string
}

export function auditWrite(audit: AuditLog, { connection, ip, request, txn, err }: AuditedWrite): void {
  const name = operationName(request.opcode)
  const operation = name === undefined ? undefined : auditOperationOf(name)
  if (name === undefined || operation === undefined) return
  const users = usersForAudit(connection.identities)
  const who = { session: sessionText(connection.sessionId), ...(users === undefined ? {} : { user: users }), ip }
  const isFailed =
    err !== ErrorCode.OK || (txn.type === OpCode.multi && txn.txns.some(({ type }) => type === OpCode.error))
  const result = isFailed ? 'failure' : 'success'
  // Of a multi that failed nothing happened, so its parts are not told either.
  if (txn.type === OpCode.multi && !isFailed) {
    for (const part of partsOf(request)) audit.record({ ...who, ...part, result })
    return
  }
  audit.record({ ...who, operation, ...describeRequest(name, request, txn), result })
}

function sessionText(id: SessionId): string {
  return `0x${BigInt.asUintN(64, id).toString(16)}`
}

/** What a request says of the znode; of a sequential one, the transaction knows its name. */
function describeRequest(name: OperationName, request: AnsweredWrite['request'], txn: Txn): Record<string, string> {
  const input = new Input(request.bytes, request.start + 8, request.end)
  const fields = described(name, input)
  return 'path' in txn && fields['znode'] !== undefined ? { ...fields, znode: txn.path } : fields
}

function described(name: OperationName, input: Input): Record<string, string> {
  try {
    switch (name) {
      case 'create':
      case 'create2':
      case 'createContainer':
      case 'createTTL': {
        const { path, flags } = OPERATIONS[name].request.read(input)
        const type = znodeTypeOf(flags)
        return { znode: path, ...(type === undefined ? {} : { znode_type: type }) }
      }
      case 'delete':
      case 'setData':
        return { znode: OPERATIONS[name].request.read(input).path }
      case 'setACL': {
        const { path, acl } = OPERATIONS.setACL.request.read(input)
        return { znode: path, acl: aclForAudit(acl ?? []) }
      }
      default:
        return {}
    }
  } catch {
    // A request that could not be read has failed, and the audit log says so without its details.
    return {}
  }
}

function* partsOf(request: AnsweredWrite['request']) {
  const input = new Input(request.bytes, request.start + 8, request.end)
  for (let header = MultiHeader.read(input); !header.done; header = MultiHeader.read(input)) {
    const name = operationName(header.type)
    if (name === undefined) return
    if (name === 'check') {
      OPERATIONS.check.request.read(input)
      continue
    }
    const operation = auditOperationOf(name)
    if (operation === undefined) return
    yield { operation, ...described(name, input) }
  }
}

export function auditClosedSession(audit: AuditLog, { sessionId }: TxnHeader, { paths }: CloseSessionTxn): void {
  const user = userName()
  for (const znode of paths ?? []) {
    audit.record({
      session: sessionText(sessionId),
      user,
      operation: 'ephemeralZNodeDeletionOnSessionCloseOrExpire',
      znode,
      result: 'success',
    })
  }
}
