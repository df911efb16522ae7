/** What goes into the state machine of a session, and what comes out of it. */
import type { Bytes, Input, Output, SessionId } from '@meerkat/protocol'
import type { ServerAddress } from './servers.ts'
import type { WatchEvent, Watcher, WatchKind } from './watches.ts'

export interface SessionOptions {
  readonly servers: readonly ServerAddress[]
  /** The wish; the server may negotiate another. */
  readonly sessionTimeoutMs: number
  /** Whether a server that has no quorum, and so takes no writes, is good enough. */
  readonly readOnly: boolean
  /** Makes the client's half of a SASL exchange anew for each connection. */
  readonly sasl?: () => SaslMechanism
  /** A session to take up again. */
  readonly resume?: { readonly id: SessionId; readonly password: Bytes }
  readonly maxBuffer?: number
  /** Numbers from 0 up to 1. */
  readonly random: () => number
}

/** The client's half of a SASL mechanism. `step` throws when the server cannot be trusted. */
export interface SaslMechanism {
  start(): Bytes
  step(challenge: Bytes): { readonly token: Bytes | null; readonly done: boolean }
}

/** One request. The machine carries it and hands it back; it calls `write` alone. */
export interface Request {
  readonly type: number
  /** Writes the record, without header. */
  readonly write: (output: Output) => void
  /** For the driver: takes the answer. `body` is undefined where `error` is not 0. */
  readonly answer: (error: number, body: Input | undefined) => void
  /** Set once the reply says so. */
  readonly watch?: { readonly kind: WatchKind; readonly path: string; readonly watcher: Watcher }
}

export interface AuthRequest {
  readonly scheme: string
  readonly auth: Bytes
  readonly answer: (error: number) => void
}

export type SessionState =
  | 'connecting'
  | 'connected'
  | 'connectedReadOnly'
  | 'saslAuthenticated'
  | 'disconnected'
  | 'authFailed'
  | 'expired'
  | 'closed'

export type SessionInput =
  | { readonly type: 'start' }
  | { readonly type: 'opened' }
  | { readonly type: 'received'; readonly bytes: Bytes }
  | { readonly type: 'lost'; readonly reason: string }
  | { readonly type: 'request'; readonly request: Request }
  | { readonly type: 'auth'; readonly auth: AuthRequest }
  | { readonly type: 'close' }
  /** `nowMs` has reached `deadline`. */
  | { readonly type: 'time' }

export type SessionEffect =
  | { readonly type: 'connect'; readonly server: ServerAddress }
  | { readonly type: 'send'; readonly bytes: Bytes }
  | { readonly type: 'disconnect' }
  | { readonly type: 'state'; readonly state: SessionState; readonly reason?: string }
  | { readonly type: 'reply'; readonly request: Request; readonly error: number; readonly body: Input | undefined }
  | { readonly type: 'authReply'; readonly auth: AuthRequest; readonly error: number }
  | { readonly type: 'event'; readonly watchers: Iterable<Watcher>; readonly event: WatchEvent }
