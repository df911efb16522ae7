/** What the file of an operation declares. */
import type { ErrorCode, Input, Output, Txn } from '@meerkat/protocol'
import type { Connection } from '../connection.ts'
import type { Author, State } from '../state.ts'

/** Answered from the committed tree, at once or behind the writes of its session. */
export interface ReadOperation {
  readonly kind: 'read'
  /** What is sent before the reply: the events that setWatches finds due. */
  before?(state: State, connection: Connection, input: Input): void
  /** Appends the reply's body; when the result is not OK, what was appended is taken back. */
  read(state: State, connection: Connection, input: Input, output: Output): ErrorCode
}

/** Goes through the log. */
export interface WriteOperation {
  readonly kind: 'write'
  readonly decode: (input: Input) => unknown
  /** Checks the request against the tree as it will be, and makes its transaction. */
  prepare(state: State, request: never, author: Author): Txn | ErrorCode
  /** Appends the reply's body once the transaction is applied. */
  reply(state: State, txn: Txn, output: Output): void
}

export interface TypedWrite<Q, T extends Txn> {
  readonly decode: (input: Input) => Q
  readonly prepare: (state: State, request: Q, author: Author) => T | ErrorCode
  readonly reply: (state: State, txn: T, output: Output) => void
}

/** One declaration, checked by its own types, as a row of the table of operations. */
export function writeOperation<Q, T extends Txn>(operation: TypedWrite<Q, T>): WriteOperation {
  return { kind: 'write', ...operation }
}

/** Whether prepare gave a transaction. */
export function isTxn(result: Txn | ErrorCode): result is Txn {
  return typeof result !== 'number'
}

export function noBody(): void {
  // The header says it all.
}
