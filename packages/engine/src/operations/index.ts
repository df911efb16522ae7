/** The operations by their number, and how each type of transaction is applied. */
import { OpCode, type Output, type Txn, type TxnHeader } from '@meerkat/protocol'
import type { State } from '../state.ts'
import { applyCreate, create, create2, createContainer, createTTL } from './create.ts'
import { applyDelete, deleteContainer, deleteZnode } from './delete.ts'
import { exists } from './exists.ts'
import { getAcl } from './getAcl.ts'
import { getChildren, getChildren2 } from './getChildren.ts'
import { getData } from './getData.ts'
import { getAllChildrenNumber, getEphemerals, whoAmI } from './listings.ts'
import { applyMulti, multiOperation } from './multi.ts'
import { multiRead } from './multiRead.ts'
import type { ReadOperation, WriteOperation } from './operation.ts'
import { reconfig } from './reconfig.ts'
import { applyCloseSession, applyCreateSession, closeSession } from './sessions.ts'
import { applySetAcl, setAcl } from './setAcl.ts'
import { applySetData, setData } from './setData.ts'
import { sync } from './sync.ts'
import { THROTTLED, throttled } from './throttled.ts'
import { addWatch, checkWatches, removeWatches, setWatches, setWatches2 } from './watching.ts'

export type Operation = ReadOperation | WriteOperation

/** The table, with `multiResults` as the place where the results of a multi go. */
export function operationTable(multiResults: Output): ReadonlyMap<number, Operation> {
  return new Map<number, Operation>([
    [OpCode.create, create],
    [OpCode.create2, create2],
    [OpCode.createContainer, createContainer],
    [OpCode.createTTL, createTTL],
    [OpCode.delete, deleteZnode],
    [OpCode.deleteContainer, deleteContainer],
    [OpCode.exists, exists],
    [OpCode.getData, getData],
    [OpCode.setData, setData],
    [OpCode.getACL, getAcl],
    [OpCode.setACL, setAcl],
    [OpCode.getChildren, getChildren],
    [OpCode.getChildren2, getChildren2],
    [OpCode.sync, sync],
    [OpCode.multi, multiOperation(multiResults)],
    [OpCode.multiRead, multiRead],
    [OpCode.reconfig, reconfig],
    [OpCode.addWatch, addWatch],
    [OpCode.checkWatches, checkWatches],
    [OpCode.removeWatches, removeWatches],
    [OpCode.setWatches, setWatches],
    [OpCode.setWatches2, setWatches2],
    [OpCode.getEphemerals, getEphemerals],
    [OpCode.getAllChildrenNumber, getAllChildrenNumber],
    [OpCode.whoAmI, whoAmI],
    [OpCode.closeSession, closeSession],
    [THROTTLED, throttled],
  ])
}

/** Applies a committed transaction to the tree and the sessions, and fires the watches. */
export function applyTxn(state: State, txn: Txn, header: TxnHeader, multiResults?: Output): void {
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
    case OpCode.reconfig:
      return applySetData(state, txn, header)
    case OpCode.setACL:
      return applySetAcl(state, txn)
    case OpCode.multi:
      return applyMulti(state, txn, header, multiResults)
    case OpCode.createSession:
      return applyCreateSession(state, txn, header)
    case OpCode.closeSession:
      return applyCloseSession(state, txn, header)
    case OpCode.check:
    case OpCode.error:
      return
  }
}
