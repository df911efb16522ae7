/** The port for clients: plain TCP, TLS, or both on one port; four-letter words; limits on connections. */
import type { Id } from '@meerkat/protocol'
import { asBytes } from '@meerkat/protocol'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Client, ClientLink, Driver } from './driver.ts'
import type { Logger } from './logging/logger.ts'

export interface ClientPortOptions {
  readonly driver: Driver
  readonly log: Logger
  readonly secure: boolean
  readonly limits: ConnectionLimits
  readonly keepAlive: boolean
  /** The answer to a four-letter word, or undefined if the bytes are none. */
  readonly fourLetterWord: (bytes: Buffer, secure: boolean) => WordAnswer | undefined
  /** The ids that a connection has at once: its address, its certificate. */
  readonly identify: (socket: Socket) => Id[]
}

export type WordAnswer = { readonly text: string } | 'more bytes'

export interface ConnectionLimits {
  /** Connections of one address; 0 or less is no limit. */
  readonly perAddress: number
  /** Connections in all, of both ports; 0 or less is no limit. */
  readonly total: number
  /** A connection that has no session by then is closed. */
  readonly sessionlessTimeoutMs: number
}

/** Open connections by address, of both ports. */
export class ConnectionCount {
  private readonly byAddress = new Map<string, number>()
  total = 0

  add(address: string): void {
    this.total++
    this.byAddress.set(address, this.of(address) + 1)
  }

  remove(address: string): void {
    this.total--
    const rest = this.of(address) - 1
    if (rest > 0) this.byAddress.set(address, rest)
    else this.byAddress.delete(address)
  }

  of(address: string): number {
    return this.byAddress.get(address) ?? 0
  }
}

/** Sends and pauses on a socket. */
class SocketLink implements ClientLink {
  readonly socket: Socket

  constructor(socket: Socket) {
    this.socket = socket
  }

  send(bytes: Uint8Array): boolean {
    this.socket.write(bytes)
    return this.socket.writableLength === 0
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
    this.socket.destroySoon()
  }
}

export class ClientPort {
  private readonly options: ClientPortOptions
  private readonly count: ConnectionCount
  private readonly sockets = new Set<Socket>()

  constructor(options: ClientPortOptions, count: ConnectionCount) {
    this.options = options
    this.count = count
  }

  /** For a listening server's `connection` or `secureConnection`. */
  accept(socket: Socket): void {
    const { log, keepAlive } = this.options
    const address = socket.remoteAddress
    if (address === undefined) return void socket.destroy()
    const refusal = this.refusal(address)
    if (refusal !== undefined) {
      log.warn(`refused a connection: ${refusal}`, { address })
      return void socket.destroy()
    }
    this.count.add(address)
    this.sockets.add(socket)
    socket.setNoDelay(true)
    if (keepAlive) socket.setKeepAlive(true)
    socket.on('error', (error) => log.debug('connection broke', { address, error: error.message }))
    socket.once('close', () => {
      this.count.remove(address)
      this.sockets.delete(socket)
    })
    this.begin(socket)
  }

  private refusal(address: string): string | undefined {
    const { perAddress, total } = this.options.limits
    if (perAddress > 0 && this.count.of(address) >= perAddress) {
      return `too many connections from ${address}, the limit is ${perAddress} (maxClientCnxns)`
    }
    if (total > 0 && this.count.total >= total) return `too many connections, the limit is ${total} (maxCnxns)`
    return undefined
  }

  /** The first bytes tell a four-letter word from a client. */
  private begin(socket: Socket): void {
    let client: Client | undefined
    const timeout = setTimeout(() => {
      if (client?.connection.state !== 'established') socket.destroy()
    }, this.options.limits.sessionlessTimeoutMs)
    socket.once('close', () => clearTimeout(timeout))
    let first: Buffer | undefined
    const onData = (chunk: Buffer): void => {
      first = first === undefined ? chunk : Buffer.concat([first, chunk])
      if (first.length < 4) return
      const answer = this.options.fourLetterWord(first, this.options.secure)
      if (answer === 'more bytes') return
      socket.off('data', onData)
      if (answer !== undefined) return void socket.end(answer.text)
      client = this.serve(socket, first)
    }
    socket.on('data', onData)
  }

  private serve(socket: Socket, first: Buffer): Client {
    const { driver, identify } = this.options
    const client = driver.attach(new SocketLink(socket), identify(socket))
    socket.on('data', (chunk: Buffer) => driver.receive(client, chunk))
    socket.on('drain', () => driver.drained(client))
    socket.once('close', () => driver.detach(client))
    driver.receive(client, asBytes(first))
    return client
  }

  /** Ends what is open; new connections are the listening server's matter. */
  closeAll(): void {
    for (const socket of this.sockets) socket.destroy()
  }
}

export interface ListenAt {
  readonly host: string | undefined
  readonly port: number
  readonly backlog: number
}

/** Listens, or fails with a sentence that says what to do. */
export async function listenAt(server: Server, { host, port, backlog }: ListenAt): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, ...(host === undefined ? {} : { host }), ...(backlog > 0 ? { backlog } : {}) }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return server.address() as AddressInfo
}

export function plainServer(port: ClientPort): Server {
  return createServer({ allowHalfOpen: false, noDelay: true }, (socket) => port.accept(socket))
}
