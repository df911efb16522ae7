/** From a request, or the server's own wish, to a transaction in flight (PrepRequestProcessor). */
import {
  ErrorCode,
  NO_SESSION,
  OpCode,
  bytesOf,
  type Input,
  type SessionId,
  type Txn,
  type TxnHeader,
  type Zxid,
} from '@meerkat/protocol'
import type { Connection } from '../connection.ts'
import { decodeRequest } from '../identification.ts'
import { prepareDeleteContainer } from '../operations/delete.ts'
import { isTxn, type WriteOperation } from '../operations/operation.ts'
import { prepareCloseSession } from '../operations/sessions.ts'
import type { Author, State } from '../state.ts'
import { Proposals } from './proposals.ts'

export class Writes {
  readonly proposals: Proposals
  private readonly state: State

  constructor(state: State) {
    this.state = state
    this.proposals = new Proposals(state.tree.lastZxid)
  }

  /** A client's write; `input` stands behind the request's header. A request that fails is a transaction that says so. */
  proposeRequest(connection: Connection, operation: WriteOperation, request: { xid: number; input: Input }): Zxid {
    const header = this.header(connection.sessionId, request.xid)
    return this.propose(header, this.prepare(connection, operation, { header, input: request.input }), connection)
  }

  private prepare(
    { session, identities }: Connection,
    operation: WriteOperation,
    { header, input }: { header: TxnHeader; input: Input },
  ): Txn {
    if (session === undefined || session.closing) return failure(ErrorCode.SESSIONEXPIRED)
    const request = decodeRequest(input, () => ({ value: operation.decode(input) as never }))
    if (request === undefined) return failure(ErrorCode.MARSHALLINGERROR)
    const result = operation.prepare(this.state, request.value, authorOf(header, identities))
    return isTxn(result) ? result : failure(result)
  }

  proposeCreateSession(connection: Connection): Zxid {
    const txn: Txn = { type: OpCode.createSession, timeOut: connection.timeoutMs }
    return this.propose(this.header(connection.sessionId, 0), txn, connection)
  }

  /** A session whose time is over. */
  proposeCloseSession(id: SessionId): void {
    const header = this.header(id, 0)
    this.propose(header, prepareCloseSession(this.state, undefined, authorOf(header, [])), undefined)
  }

  /** A container, or a znode whose time is over. */
  proposeDeleteContainer(path: string): void {
    const header = this.header(NO_SESSION, 0)
    const result = prepareDeleteContainer(this.state, { path: bytesOf(path) }, authorOf(header, []))
    this.propose(header, isTxn(result) ? result : failure(result), undefined)
  }

  private header(sessionId: SessionId, cxid: number): TxnHeader {
    return { sessionId, cxid, zxid: this.proposals.nextZxid, time: this.state.nowMs, type: 0 }
  }

  private propose(header: TxnHeader, txn: Txn, connection: Connection | undefined): Zxid {
    header.type = txn.type
    const hasDigest = this.state.rules.digestEnabled && txn.type !== OpCode.error
    const digest = hasDigest ? this.state.outstanding.digest.value : undefined
    this.proposals.add({ header, txn, digest, connection })
    return header.zxid
  }
}

function failure(err: number): Txn {
  return { type: OpCode.error, err }
}

function authorOf({ sessionId, zxid, time }: TxnHeader, identities: Author['identities']): Author {
  return { sessionId, identities, zxid, time }
}
