/** A transaction as text, close to Apache's TxnLogToolkit, and as JSON. */
import { operationName, OpCode, toHex, type Acl, type Bytes, type LoggedTxn, type Txn } from '@meerkat/protocol'

/** One line: when, which session, its request, the zxid, the operation and its fields. Data only with `showsData`. */
export function txnLine({ header, txn }: LoggedTxn, showsData: boolean): string {
  const { time, sessionId, cxid, zxid, type } = header
  const fields = fieldsOf(txn, showsData)
  return (
    `${new Date(time).toISOString()} session 0x${toHex(sessionId)} cxid 0x${(cxid >>> 0).toString(16)} ` +
    `zxid 0x${toHex(zxid)} ${nameOf(type)}${fields === '' ? '' : ` ${fields}`}`
  )
}

function nameOf(type: number): string {
  return operationName(type) ?? `unknown ${type}`
}

function fieldsOf(txn: Txn, showsData: boolean): string {
  const data = (bytes: Bytes | null): string => (showsData ? (bytes?.toString() ?? '') : sizeOf(bytes))
  switch (txn.type) {
    case OpCode.create:
    case OpCode.create2:
      return `${txn.path},${data(txn.data)},${aclText(txn.acl)},${txn.ephemeral},${txn.parentCVersion}`
    case OpCode.createContainer:
      return `${txn.path},${data(txn.data)},${aclText(txn.acl)},${txn.parentCVersion}`
    case OpCode.createTTL:
      return `${txn.path},${data(txn.data)},${aclText(txn.acl)},${txn.parentCVersion},${txn.ttl}`
    case OpCode.setData:
    case OpCode.reconfig:
      return `${txn.path},${data(txn.data)},${txn.version}`
    case OpCode.setACL:
      return `${txn.path},${aclText(txn.acl)},${txn.version}`
    case OpCode.delete:
    case OpCode.deleteContainer:
      return txn.path
    case OpCode.check:
      return `${txn.path},${txn.version}`
    case OpCode.createSession:
      return String(txn.timeOut)
    case OpCode.closeSession:
      return txn.paths === undefined ? '' : `[${txn.paths.join(',')}]`
    case OpCode.error:
      return String(txn.err)
    case OpCode.multi:
      return txn.txns.map((part) => `${nameOf(part.type)}:${fieldsOf(part, showsData)}`).join(';')
  }
}

function sizeOf(data: Bytes | null): string {
  return data === null ? 'null' : `${data.length} bytes`
}

function aclText(acl: readonly Acl[]): string {
  return `[${acl.map(({ perms, id }) => `${perms}:${id.scheme}:${id.id}`).join(',')}]`
}

/** The fields by their names. Numbers beyond 2^53, and zxids, are hexadecimal text; data is base64. */
export function txnJson({ header, txn, digest }: LoggedTxn, showsData: boolean): object {
  return {
    zxid: `0x${toHex(header.zxid)}`,
    time: new Date(header.time).toISOString(),
    session: `0x${toHex(header.sessionId)}`,
    cxid: header.cxid,
    ...partJson(txn, showsData),
    ...(digest === undefined ? {} : { digest: `0x${hex32(digest.high)}${hex32(digest.low)}` }),
  }
}

function partJson(txn: Txn, showsData: boolean): object {
  const { type, ...fields } = txn
  const operation = nameOf(type)
  if (txn.type === OpCode.multi) return { operation, operations: txn.txns.map((part) => partJson(part, showsData)) }
  if (!('data' in fields)) return { operation, ...fields }
  const { data, ...others } = fields
  return { operation, ...others, ...dataJson(data, showsData) }
}

/** The size always; the bytes in base64 where they are asked for. */
export function dataJson(data: Bytes | null, showsData: boolean): object {
  return { dataLength: data?.length ?? null, ...(showsData ? { data: data?.toString('base64') ?? null } : {}) }
}

export function hex32(value: number): string {
  return value.toString(16).padStart(8, '0')
}
