/** A TCP or TLS connection to one server. */
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import type { Bytes } from '@meerkat/protocol'
import type { ServerAddress } from './servers.ts'

/** What of node:tls a client sets: its trust, its own certificate and the checks of the server's. */
export type TlsOptions = Pick<
  ConnectionOptions,
  | 'ca'
  | 'cert'
  | 'key'
  | 'pfx'
  | 'passphrase'
  | 'rejectUnauthorized'
  | 'servername'
  | 'checkServerIdentity'
  | 'minVersion'
  | 'maxVersion'
  | 'ciphers'
>

export interface Transport {
  /** Queues bytes; what is sent within one turn of the event loop leaves in one write. */
  send(bytes: Bytes): void
  /** Closes at once. Nothing is heard of this transport any more. */
  close(): void
}

export interface TransportListener {
  opened(): void
  received(bytes: Bytes): void
  lost(reason: string): void
}

export type OpenTransport = (server: ServerAddress, listener: TransportListener) => Transport

/** Opens connections over TCP, or over TLS where `tls` is given. */
export function socketTransport(tls?: TlsOptions): OpenTransport {
  return (server, listener) => {
    const socket = tls === undefined ? connectTcp(server) : connectTls({ ...server, ...tls })
    socket.setNoDelay(true)
    return listen(socket, tls === undefined ? 'connect' : 'secureConnect', listener)
  }
}

function listen(socket: Socket, openEvent: string, listener: TransportListener): Transport {
  let reason = 'the server closed the connection'
  let isCorked = false
  let isClosed = false
  socket.once(openEvent, () => {
    if (!isClosed) listener.opened()
  })
  socket.on('data', (bytes: Bytes) => {
    if (!isClosed) listener.received(bytes)
  })
  socket.on('error', (error: NodeJS.ErrnoException) => (reason = problemOf(error)))
  socket.on('close', () => {
    if (!isClosed) listener.lost(reason)
  })
  return {
    send: (bytes) => {
      if (!isCorked) {
        isCorked = true
        socket.cork()
        process.nextTick(() => {
          isCorked = false
          socket.uncork()
        })
      }
      socket.write(bytes)
    },
    close: () => {
      isClosed = true
      socket.destroy()
    },
  }
}

/** A connection that was tried over several addresses fails with all of their errors, and no message of its own. */
function problemOf(error: NodeJS.ErrnoException): string {
  if (error instanceof AggregateError) return (error.errors as Error[]).map(({ message }) => message).join('; ')
  return error.message
}
