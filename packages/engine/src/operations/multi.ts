/** multi: several writes, all or none (PrepRequestProcessor, DataTree.processTxn). */
import type { ErrorTxn, MultiTxn, MultiWrite, Output, Txn, TxnHeader } from '@meerkat/protocol'
import {
  CreateFlag,
  ErrorCode,
  MultiHeader,
  OpCode,
  readMultiWrites,
  writeMultiEnd,
  writeMultiResult,
} from '@meerkat/protocol'
import type { Author, State } from '../state.ts'
import { applyCreate, prepareCreate, replyPathAndStat } from './create.ts'
import { prepareCheck } from './check.ts'
import { applyDelete, prepareDelete } from './delete.ts'
import { isTxn, writeOperation } from './operation.ts'
import { applySetData, prepareSetData, replyStat } from './setData.ts'

const prepareCreates = {
  [OpCode.create]: prepareCreate(OpCode.create),
  [OpCode.create2]: prepareCreate(OpCode.create2),
  [OpCode.createContainer]: prepareCreate(OpCode.createContainer),
}
const prepareTtl = prepareCreate(OpCode.createTTL)

const TTL_FLAGS: ReadonlySet<number> = new Set([CreateFlag.persistentWithTtl, CreateFlag.persistentSequentialWithTtl])

/** Within a multi the flags decide what a create is (org.apache.zookeeper.Op.Create). */
function kindOf(type: 1 | 15 | 19, flags: number): 1 | 15 | 19 {
  if (flags === CreateFlag.container) return OpCode.createContainer
  return type === OpCode.createContainer ? OpCode.create : type
}

function preparePart(state: State, { type, request }: MultiWrite, author: Author): Txn | ErrorCode {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return prepareCreates[kindOf(type, request.flags)](state, request, author)
    case OpCode.createTTL:
      return TTL_FLAGS.has(request.flags)
        ? prepareTtl(state, request, author)
        : prepareCreates[kindOf(OpCode.create, request.flags)](state, { ...request, ttl: -1 }, author)
    case OpCode.delete:
      return prepareDelete(state, request, author)
    case OpCode.setData:
      return prepareSetData(state, request, author)
    case OpCode.check:
      return prepareCheck(state, request, author)
  }
}

/**
 * Later operations see the earlier ones. After a failure all of them are undone; the transaction keeps the earlier ones as
 * they were, the failed one as an error, and the rest as "not tried", which every server reads as "nothing happened".
 */
function prepare(state: State, operations: MultiWrite[], author: Author): MultiTxn {
  const mark = state.outstanding.mark()
  const txns: Txn[] = []
  let failed = false
  for (const operation of operations) {
    const result = failed ? ErrorCode.RUNTIMEINCONSISTENCY : preparePart(state, operation, author)
    if (isTxn(result)) {
      txns.push(result)
    } else {
      failed = true
      txns.push(errorTxn(result))
    }
  }
  if (failed) state.outstanding.rollback(mark)
  else state.outstanding.keep()
  return { type: OpCode.multi, txns }
}

function errorTxn(err: number): ErrorTxn {
  return { type: OpCode.error, err }
}

/**
 * Applies the parts in order. `results`, where somebody waits for the reply, takes their results as they come: a later part
 * may change what an earlier one made.
 */
export function applyMulti(state: State, { txns }: MultiTxn, header: TxnHeader, results?: Output): void {
  if (results !== undefined) results.length = 0
  const failed = txns.some(({ type }) => type === OpCode.error)
  for (const txn of txns) {
    if (!failed) applyPart(state, txn, header)
    if (results !== undefined) writeResult(state, failed ? errorOf(txn) : txn, results)
  }
  if (results !== undefined) writeMultiEnd(results)
}

/** In a failed multi an operation before the failed one has the result OK, as an error. */
function errorOf(txn: Txn): ErrorTxn {
  return txn.type === OpCode.error ? txn : errorTxn(ErrorCode.OK)
}

function applyPart(state: State, txn: Txn, header: TxnHeader): void {
  switch (txn.type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
      return applyCreate(state, txn, header)
    case OpCode.delete:
    case OpCode.deleteContainer:
      return applyDelete(state, txn, header)
    case OpCode.setData:
      return applySetData(state, txn, header)
    case OpCode.check:
      return
    default:
      throw new Error(`a multi cannot hold a transaction of type ${txn.type}`)
  }
}

function writeResult(state: State, txn: Txn, results: Output): void {
  switch (txn.type) {
    case OpCode.error:
      return writeMultiResult(results, { type: OpCode.error, body: { err: txn.err } })
    case OpCode.create:
      return writeMultiResult(results, { type: OpCode.create, body: { path: txn.path } })
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
      writeOkHeader(results, OpCode.create2)
      return replyPathAndStat(state, txn, results)
    case OpCode.setData:
      writeOkHeader(results, OpCode.setData)
      return replyStat(state, txn, results)
    case OpCode.check:
      return writeMultiResult(results, { type: OpCode.check, body: {} })
    default:
      writeMultiResult(results, { type: OpCode.delete, body: {} })
  }
}

function writeOkHeader(results: Output, type: number): void {
  MultiHeader.write(results, { type, done: false, err: ErrorCode.OK })
}

/** The reply is what `applyMulti` left. */
export function multiOperation(results: Output) {
  return writeOperation({
    decode: readMultiWrites,
    prepare,
    reply: (_state, _txn: MultiTxn, output) => output.raw(results.bytes, 0, results.length),
  })
}
