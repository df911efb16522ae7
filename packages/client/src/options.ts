/** What a client is told when it is made, and with its operations. */
import type { AddWatchMode, Bytes, SessionId, WatcherType } from '@meerkat/protocol'
import type { SaslCredentials } from './saslClient.ts'
import type { OpenTransport, TlsOptions } from './transport.ts'
import type { Watcher } from './watches.ts'

export interface ZooKeeperOptions {
  /** `host:port,host:port`, with an optional chroot at the end. */
  readonly servers: string
  /** The wish; servers keep it within 2 and 20 of their ticks. 30 seconds unless given. */
  readonly sessionTimeoutMs?: number
  /** A path below which this client lives, instead of one in `servers`. */
  readonly chroot?: string
  readonly auth?: readonly { readonly scheme: string; readonly auth: string | Uint8Array }[]
  /** Whether a server that is cut off from its quorum, and takes no writes, is good enough. */
  readonly readOnly?: boolean
  readonly tls?: TlsOptions
  readonly sasl?: SaslCredentials
  /** A session to take up again. */
  readonly resume?: { readonly id: SessionId; readonly password: Bytes }
  /** The longest reply that is accepted, in bytes (jute.maxbuffer). */
  readonly maxBuffer?: number
  /** How connections are made, instead of by TCP or TLS. */
  readonly transport?: OpenTransport
}

export interface WatchOption {
  /** Told once of the next change. */
  readonly watch?: Watcher
}

export type WatchMode = keyof typeof AddWatchMode
export type WatchType = keyof typeof WatcherType
