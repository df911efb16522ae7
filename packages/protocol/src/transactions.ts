/**
 * Transactions: what the log stores and a leader proposes (org.apache.zookeeper.txn, server.util.SerializeUtils).
 *
 *   TxnHeader{long clientId, int cxid, long zxid, long time, int type}  32 bytes
 *   the record of the type
 *   TxnDigest{int version, long treeDigest}                             12 bytes, not after an error
 */
import { boolean, buffer, int, record, safeLong, sessionId, ustring, zxid } from './jute.ts'
import { JuteError, Input, nullableVector, type Codec, type Infer, type Output } from './jute.ts'
import { OpCode } from './operations.ts'
import { AclList, type Acl } from './records.ts'

export const TxnHeader = record({ sessionId, cxid: int, zxid, time: safeLong, type: int })
export type TxnHeader = Infer<typeof TxnHeader>

/** Null reads as empty. */
const Acls: Codec<readonly Acl[]> = {
  read: (input) => AclList.read(input) ?? [],
  write: (output, value) => AclList.write(output, value),
  size: AclList.size,
}

const CreateTxnV0 = record({ path: ustring, data: buffer, acl: Acls, ephemeral: boolean })
const ContainerTxn = record({ path: ustring, data: buffer, acl: Acls, parentCVersion: int })
const TtlTxn = record({ path: ustring, data: buffer, acl: Acls, parentCVersion: int, ttl: safeLong })
const PathTxn = record({ path: ustring })
const SetDataTxn = record({ path: ustring, data: buffer, version: int })
const SetAclTxn = record({ path: ustring, acl: Acls, version: int })
const CheckTxn = record({ path: ustring, version: int })
const CreateSessionTxn = record({ timeOut: int })
const ErrorTxn = record({ err: int })
const MultiPart = record({ type: int, data: buffer })

type Of<T extends number, C> = { type: T } & Infer<C>

export type CreateTxn = Of<1 | 15, typeof CreateTxnV0> & { parentCVersion: number }
export type CreateContainerTxn = Of<19, typeof ContainerTxn>
export type CreateTtlTxn = Of<21, typeof TtlTxn>
export type DeleteTxn = Of<2 | 20, typeof PathTxn>
export type SetDataTxn = Of<5 | 16, typeof SetDataTxn>
export type SetAclTxn = Of<7, typeof SetAclTxn>
export type CheckTxn = Of<13, typeof CheckTxn>
export type CreateSessionTxn = Of<-10, typeof CreateSessionTxn>
/** `paths` is undefined where an old server, or one with closeSessionTxn.enabled=false, wrote no record. */
export type CloseSessionTxn = { type: -11; paths: readonly string[] | undefined }
export type ErrorTxn = Of<-1, typeof ErrorTxn>
export type MultiTxn = { type: 14; txns: readonly Txn[] }

export type Txn =
  | CreateTxn
  | CreateContainerTxn
  | CreateTtlTxn
  | DeleteTxn
  | SetDataTxn
  | SetAclTxn
  | CheckTxn
  | CreateSessionTxn
  | CloseSessionTxn
  | ErrorTxn
  | MultiTxn

/** The tree's digest after a transaction: a 64-bit value in two unsigned halves. */
export interface Digest {
  readonly high: number
  readonly low: number
}

export const DIGEST_VERSION = 2
const DIGEST_SIZE = 12

const simple: Record<number, Codec<unknown>> = {
  [OpCode.createContainer]: ContainerTxn,
  [OpCode.createTTL]: TtlTxn,
  [OpCode.delete]: PathTxn,
  [OpCode.deleteContainer]: PathTxn,
  [OpCode.setData]: SetDataTxn,
  [OpCode.reconfig]: SetDataTxn,
  [OpCode.setACL]: SetAclTxn,
  [OpCode.check]: CheckTxn,
  [OpCode.createSession]: CreateSessionTxn,
  [OpCode.error]: ErrorTxn,
}

const paths = nullableVector(ustring)

export function writeTxn(output: Output, txn: Txn): void {
  switch (txn.type) {
    case OpCode.create:
    case OpCode.create2:
      CreateTxnV0.write(output, txn)
      output.int(txn.parentCVersion)
      return
    case OpCode.closeSession:
      if (txn.paths !== undefined) paths.write(output, [...txn.paths])
      return
    case OpCode.multi:
      return writeMultiTxn(output, txn)
    default:
      simple[txn.type]?.write(output, txn)
  }
}

function writeMultiTxn(output: Output, { txns }: MultiTxn): void {
  output.int(txns.length)
  for (const txn of txns) {
    output.int(txn.type)
    const length = output.reserve(4)
    writeTxn(output, txn)
    output.view.setInt32(length, output.length - length - 4)
  }
}

/** Reads the record of a transaction of `type`; what follows it (the digest) is left in the input. */
export function readTxn(input: Input, type: number): Txn {
  switch (type) {
    case OpCode.create:
    case OpCode.create2: {
      const txn = CreateTxnV0.read(input)
      // Servers before 3.3.3 wrote no parentCVersion; -1 means "one more than now".
      return { type, ...txn, parentCVersion: input.remaining >= 4 ? input.int() : -1 }
    }
    case OpCode.closeSession:
      return { type, paths: hasClosingRecord(input) ? (paths.read(input) ?? []) : undefined }
    case OpCode.multi:
      return readMultiTxn(input)
    default: {
      const codec = simple[type] as Codec<object> | undefined
      if (codec === undefined) throw new JuteError(`Unsupported Txn with type=${type}`)
      return { type, ...codec.read(input) } as Txn
    }
  }
}

/**
 * Whether a closeSession has a record. A server with closeSessionTxn.enabled=false writes none, only the digest, whose
 * version would read as the count of two paths, both of them empty, which no path is.
 */
function hasClosingRecord(input: Input): boolean {
  const { remaining } = input
  return remaining > 0 && !(remaining === DIGEST_SIZE && input.view.getInt32(input.offset) === DIGEST_VERSION)
}

function readMultiTxn(input: Input): MultiTxn {
  const count = input.count(MultiPart.size)
  const txns: Txn[] = []
  for (let i = 0; i < count; i++) {
    const { type, data } = MultiPart.read(input)
    if (data === null) throw new JuteError('a part of a multi transaction has no record')
    if (type === OpCode.multi) throw new JuteError('a multi transaction inside a multi transaction')
    txns.push(readTxn(new Input(data), type))
  }
  return { type: OpCode.multi, txns }
}

export function writeDigest(output: Output, digest: Digest): void {
  const at = output.reserve(DIGEST_SIZE)
  output.view.setInt32(at, DIGEST_VERSION)
  output.view.setInt32(at + 4, digest.high)
  output.view.setInt32(at + 8, digest.low)
}

/** The digest at the end of a transaction, or undefined if there is none, or one of a version that is not ours. */
export function readDigest(input: Input): Digest | undefined {
  if (input.remaining < DIGEST_SIZE) return undefined
  const version = input.int()
  const high = input.int() >>> 0
  const low = input.int() >>> 0
  return version === DIGEST_VERSION ? { high, low } : undefined
}

/** A whole transaction, as the log's record and a PROPOSAL carry it. */
export interface LoggedTxn {
  readonly header: TxnHeader
  readonly txn: Txn
  readonly digest: Digest | undefined
}

export function writeLoggedTxn(output: Output, { header, txn, digest }: LoggedTxn): void {
  TxnHeader.write(output, header)
  writeTxn(output, txn)
  if (digest !== undefined) writeDigest(output, digest)
}

export function readLoggedTxn(input: Input): LoggedTxn {
  const header = TxnHeader.read(input)
  const txn = readTxn(input, header.type)
  return { header, txn, digest: readDigest(input) }
}
