/**
 * The engine's contract: what it is told, and what it wants done.
 *
 * Inputs are the methods of Engine: time has passed, a connection came, asked or went, the log is durable up to a zxid. A
 * step computes and returns; it does no IO, reads no clock and draws no random number. What it wants done stands in
 * `Effects` until the driver takes it.
 *
 * The order of durability, the heart of the system:
 *   1. a transaction is in `log` when its request was accepted; nobody outside sees any of it;
 *   2. the driver writes and syncs what `log` holds, whole records in order, one group at a time;
 *   3. only then it says `durable(zxid)`, and the engine applies the transactions up to zxid, in order, fires their
 *      watches and answers their requests (with one server, durable here is committed);
 *   4. what stands in `dirty` then may be sent: it says nothing that a crash could take back.
 */
import type { EventType, Id, Input, Output, Txn, TxnHeader, Zxid } from '@meerkat/protocol'
import type { Connection, OutputPool, Waiting } from './connection.ts'

export type CloseReason =
  | 'session closed'
  | 'session expired'
  | 'session refused'
  | 'session moved to another connection'
  | 'client has seen a newer zxid'
  | 'authentication failed'
  | 'authentication required'
  | 'unknown operation'
  | 'malformed request'
  | 'log failed'

export interface Effects {
  /** Connections with bytes in `output` to be sent. */
  readonly dirty: Connection[]
  /** Connections to be closed once their output is sent. */
  readonly closing: { connection: Connection; reason: CloseReason }[]
  /** Output buffers that the driver is done with. */
  readonly spare: OutputPool
}

/** Transactions that wait to be written, as records of the log. */
export interface LogGroup {
  readonly records: Output
  readonly first: Zxid
  readonly last: Zxid
}

/** Answers to the packets about who somebody is; they change nothing but the connection. */
export interface Authenticator {
  /** `auth`: the identities to add, or how the connection ends: after AUTHFAILED, or at once and without a reply. */
  authenticate(connection: Connection, scheme: string, auth: Uint8Array | null): readonly Id[] | 'failed' | 'refused'
  /** `sasl`: one step of the exchange. */
  sasl(connection: Connection, token: Uint8Array | null): SaslStep
  /** Whether an operation is allowed before (more) authentication. */
  mayProceed(connection: Connection, opcode: number): boolean
}

export type SaslStep =
  | { readonly kind: 'continue'; readonly token: Uint8Array | null }
  | { readonly kind: 'done'; readonly token: Uint8Array | null; readonly identities: readonly Id[] }
  | { readonly kind: 'failed'; readonly err: number; readonly close: boolean }

/** Told of what happens, for metrics and the audit log. Calls are on the hot path. */
export interface Observer {
  /** Whether `written` wants to see the request: its bytes are kept until the answer. */
  readonly keepsRequests: boolean
  /** A client asked for a session, a new one or one that it had. */
  handshake(isRenewal: boolean): void
  /** A session was made for a client that waited for it. */
  sessionCreated(latencyMs: number): void
  /** A read, or a ping, was answered. */
  read(connection: Connection, opcode: number, latencyMs: number, replyBytes: number): void
  /** A read, told of by `read` too, gave what it was asked for: its request from `body` on, its reply from `frame` on. */
  found(opcode: number, request: Input, body: number, reply: Output, frame: number): void
  /** A write was answered. */
  written(connection: Connection, write: AnsweredWrite): void
  /** A transaction was applied. `isAwaited`: a client of this server waits for it. */
  committed(header: TxnHeader, txn: Txn, isAwaited: boolean): void
  /** Sessions ran out of time. */
  expired(sessions: number): void
  /** A request was refused for a hard limit of this path's quota. */
  quotaExceeded(path: string): void
  /** Watches were fired by one change. */
  fired(type: EventType, watches: number): void
}

export interface AnsweredWrite {
  /** With the request's bytes if the observer keeps them. */
  readonly request: Waiting
  readonly txn: Txn
  readonly err: number
  readonly latencyMs: number
  readonly replyBytes: number
}

export const NO_OBSERVER: Observer = {
  keepsRequests: false,
  handshake: nothing,
  read: nothing,
  written: nothing,
  committed: nothing,
  expired: nothing,
  found: nothing,
  quotaExceeded: nothing,
  sessionCreated: nothing,
  fired: nothing,
}

function nothing(): void {
  // Nobody wants to know.
}
