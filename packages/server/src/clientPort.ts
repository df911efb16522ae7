/** Connections of clients, plain or secure: limits, four-letter words, and the way to the driver. */
import type { Connection } from '@meerkat/engine'
import type { Id } from '@meerkat/protocol'
import { asBytes } from '@meerkat/protocol'
import type { Socket } from 'node:net'
import { hostAddressOf } from './authentication/connection.ts'
import type { Client, ClientLink } from './client.ts'
import type { Driver } from './driver.ts'
import type { Logger } from './logging/logger.ts'
import type { ConnectionOrigin } from './serverStatus.ts'

export interface ClientPortOptions {
  readonly driver: Driver
  readonly log: Logger
  readonly limits: ConnectionLimits
  readonly keepAlive: boolean
  /** The answer to a four-letter word, or undefined if the bytes are none. */
  readonly fourLetterWord: (bytes: Buffer, secure: boolean) => WordAnswer | undefined
  /** Takes where each client comes from. */
  readonly origins: WeakMap<Connection, ConnectionOrigin>
  /** The ids that a connection has at once: its address, its certificate. */
  readonly identify: (origin: ConnectionOrigin) => Id[]
  readonly nowMs: () => number
  readonly onRejected: () => void
  readonly onSessionlessExpired: () => void
  /** A client ended its connection, and the server had not. */
  readonly onBrokenOff: () => void
}

export type WordAnswer = { readonly text: string } | 'more bytes'

export interface Stranger {
  readonly origin: ConnectionOrigin
  /** Whether its four-letter word is being answered. */
  readonly isAsking: boolean
}

export interface ConnectionLimits {
  /** Connections of one address; 0 or less is no limit. */
  readonly perAddress: number
  /** Connections in all, of both ports; 0 or less is no limit. */
  readonly total: number
  /** A connection that has no session by then is closed. */
  readonly sessionlessTimeoutMs: number
}

/** Time that a client gets to take what was sent to it before its connection was ended. */
const LINGER_MS = 5000

/** Sends and pauses on a socket. */
class SocketLink implements ClientLink {
  private readonly socket: Socket
  private readonly isPlain: boolean

  constructor(socket: Socket, { isPlain }: { isPlain: boolean }) {
    this.socket = socket
    this.isPlain = isPlain
  }

  send(bytes: Uint8Array): boolean {
    this.socket.write(bytes)
    return this.socket.writableLength === 0
  }

  get descriptor(): number | undefined {
    const { socket } = this
    return this.isPlain && socket.writable && socket.writableLength === 0 ? descriptorOf(socket) : undefined
  }

  get unsentBytes(): number {
    return this.socket.writableLength
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  end(): void {
    const { socket } = this
    socket.destroySoon()
    if (socket.destroyed) return
    const timeout = setTimeout(() => socket.destroy(), LINGER_MS)
    socket.once('close', () => clearTimeout(timeout))
  }
}

/** Node.js gives it in a field that it does not document; without it everything is sent by `write`. */
function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as { _handle?: { fd?: number } | null }
  return handle?.fd !== undefined && handle.fd >= 0 ? handle.fd : undefined
}

export class ClientPort {
  private readonly options: ClientPortOptions
  private readonly sockets = new Set<Socket>()
  /** The sockets of clients, or the streams that TLS made of them. */
  private readonly clients = new Set<Socket>()
  private readonly perAddress = new Map<string, number>()
  /** Connections that have not said yet that they are clients', or never will. */
  private readonly strangers = new Map<Socket, Stranger>()

  constructor(options: ClientPortOptions) {
    this.options = options
  }

  /** Connections without a client, four-letter words under way among them. */
  withoutClient(): Iterable<Stranger> {
    return this.strangers.values()
  }

  /** Counts a socket in, before any handshake of TLS; false, and it is destroyed, at a limit. */
  admit(socket: Socket): boolean {
    const { log, onRejected } = this.options
    const address = socket.remoteAddress === undefined ? undefined : hostAddressOf(socket.remoteAddress)
    const limit = address === undefined ? 'it is gone' : this.limitAt(address)
    if (address === undefined || limit !== undefined) {
      if (address !== undefined) {
        onRejected()
        log.warn('a connection was refused', { address, limit })
      }
      socket.destroy()
      return false
    }
    this.perAddress.set(address, (this.perAddress.get(address) ?? 0) + 1)
    this.sockets.add(socket)
    socket.once('close', () => this.leave(socket, address))
    socket.on('error', (error) => log.debug('a connection broke', { address, error: error.message }))
    socket.setNoDelay(true)
    if (this.options.keepAlive) socket.setKeepAlive(true)
    return true
  }

  private limitAt(address: string): string | undefined {
    const { perAddress, total } = this.options.limits
    if (perAddress > 0 && (this.perAddress.get(address) ?? 0) >= perAddress) return `maxClientCnxns=${perAddress}`
    return total > 0 && this.sockets.size >= total ? `maxCnxns=${total}` : undefined
  }

  private leave(socket: Socket, address: string): void {
    this.sockets.delete(socket)
    const rest = (this.perAddress.get(address) ?? 1) - 1
    if (rest > 0) this.perAddress.set(address, rest)
    else this.perAddress.delete(address)
  }

  /** Serves an admitted socket, or the stream that TLS makes of it. The first bytes tell a four-letter word from a client. */
  serve(socket: Socket, tls: Pick<ConnectionOrigin, 'secure' | 'clientCertificate'>): void {
    let client: Client | undefined
    let first: Buffer | undefined
    const origin: ConnectionOrigin = {
      ...tls,
      remoteAddress: socket.remoteAddress ?? '',
      remotePort: socket.remotePort ?? 0,
      establishedAtMs: this.options.nowMs(),
    }
    const stranger = { origin, isAsking: false }
    this.strangers.set(socket, stranger)
    socket.once('close', () => this.strangers.delete(socket))
    socket.once('end', () => {
      if (!socket.writableEnded) this.options.onBrokenOff()
    })
    this.limitSessionless(socket, () => client === undefined || client.connection.state === 'new')
    const onData = (chunk: Buffer): void => {
      first = first === undefined ? chunk : Buffer.concat([first, chunk])
      if (first.length < 4) return
      stranger.isAsking = true
      const answer = this.options.fourLetterWord(first, origin.secure)
      if (answer === 'more bytes') return
      socket.off('data', onData)
      if (answer !== undefined) return void socket.end(answer.text)
      this.strangers.delete(socket)
      client = this.attach(socket, first, origin)
    }
    socket.on('data', onData)
  }

  /** Closes a connection that is still without a session when its time is over. */
  private limitSessionless(socket: Socket, isSessionless: () => boolean): void {
    const { log, limits, onSessionlessExpired } = this.options
    const close = (): void => {
      if (!isSessionless()) return
      // Whoever was answered a four-letter word wanted no session, however long the answer takes to get through.
      if (!socket.writableEnded && !socket.destroyed) {
        onSessionlessExpired()
        log.warn('a connection that began no session was closed', {
          address: socket.remoteAddress,
          'nio.sessionlessCnxnTimeout': limits.sessionlessTimeoutMs,
        })
      }
      socket.destroy()
    }
    // After a pause of the process timers come before input: what has arrived meanwhile is read first.
    const timeout = setTimeout(() => setImmediate(close), limits.sessionlessTimeoutMs)
    socket.once('close', () => clearTimeout(timeout))
  }

  private attach(socket: Socket, first: Buffer, origin: ConnectionOrigin): Client {
    const { driver, identify, origins } = this.options
    const client = driver.attach(new SocketLink(socket, { isPlain: !origin.secure }), identify(origin))
    origins.set(client.connection, origin)
    this.clients.add(socket)
    socket.on('data', (chunk: Buffer) => driver.receive(client, asBytes(chunk)))
    socket.on('drain', () => driver.drained(client))
    socket.once('close', () => {
      this.clients.delete(socket)
      driver.detach(client)
    })
    driver.receive(client, asBytes(first))
    return client
  }

  /** Closes what is open, once the clients that the driver has ended had their moment. */
  async closeAll(): Promise<void> {
    const ended = [...this.clients].filter((socket) => socket.writableEnded)
    await Promise.all(ended.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    for (const socket of this.sockets) socket.destroy()
  }
}
