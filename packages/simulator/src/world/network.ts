/**
 * Connections between clients and the server: bytes arrive late, in pieces, in order; a connection may break at either
 * end at different times, or fall silent with nobody told; a client may be slow to take its replies.
 */
import type { Core } from '@meerkat/server'
import { copyOf, type Bytes } from '@meerkat/protocol'
import type { Transport, TransportEvents } from '../clients/session.ts'
import type { Chance } from './chance.ts'
import type { VirtualTime } from './virtualTime.ts'

type ClientLink = Parameters<Core['driver']['attach']>[0]

/** What the server does with a connection. */
export interface Acceptor {
  accept(link: Link): ServerEnd | undefined
  /** Runs on the server's machine, so that nothing does while that stands still; never after the process's end. */
  schedule(delayMs: number, run: () => void): void
}

export interface ServerEnd {
  received(bytes: Bytes): void
  drained(): void
  closed(): void
}

export interface NetworkFaults {
  latencyMs: number
  /** How likely a message ends the connection, or leaves it silent. */
  breakRate: number
  silenceRate: number
}

export class Network {
  readonly faults: NetworkFaults = { latencyMs: 1, breakRate: 0, silenceRate: 0 }
  readonly time: VirtualTime
  readonly chance: Chance
  readonly links = new Set<Link>()
  acceptor: Acceptor | undefined

  constructor(time: VirtualTime, chance: Chance) {
    this.time = time
    this.chance = chance
  }

  delayMs(): number {
    return this.faults.latencyMs * (0.1 + this.chance.fraction() ** 4 * 10)
  }

  dial(client: TransportEvents): Transport {
    const link = new Link(this, client)
    this.links.add(link)
    this.time.after(this.delayMs(), () => link.reachServer())
    return link.clientEnd
  }

  /** The server's process is gone: its machine resets every connection. */
  serverGone(): void {
    this.acceptor = undefined
    for (const link of this.links) link.serverGone()
  }
}

/** One direction: what was sent, in order. */
interface Queued {
  readonly bytes: Bytes
  readonly onLeft: () => void
}

/** A client slower than this takes its replies in steps. */
const PIECE = 700

export class Link implements ClientLink {
  readonly clientEnd: Transport
  private readonly network: Network
  private readonly client: TransportEvents
  private server: ServerEnd | undefined
  private acceptor: Acceptor | undefined
  private readonly toServer: Bytes[] = []
  private readonly toClient: Queued[] = []
  private unsent = 0
  private isServerPaused = false
  private isSilent = false
  private isBroken = false
  private isClientClosed = false
  private isServerClosed = false
  /** Set by `end`: closes once nothing is unsent. */
  private isEnding = false
  private lastArrival = { server: 0, client: 0 }
  /** The client takes nothing until then. */
  private clientBusyUntil = 0

  constructor(network: Network, client: TransportEvents) {
    this.network = network
    this.client = client
    this.clientEnd = { send: (bytes) => this.sendToServer(bytes), close: () => this.closeByClient() }
  }

  // --- making it ---

  reachServer(): void {
    const { acceptor } = this.network
    if (acceptor === undefined) return this.tellClient()
    acceptor.schedule(0, () => {
      if (this.isClientClosed) return
      this.acceptor = acceptor
      this.server = acceptor.accept(this)
      if (this.server === undefined) return this.tellClient()
      this.network.time.after(this.network.delayMs(), () => {
        if (!this.isClientClosed) this.client.opened()
      })
    })
  }

  // --- from the client ---

  private sendToServer(bytes: Bytes): void {
    this.disturb()
    if (this.isClientClosed || this.isBroken) return
    for (const piece of this.pieces(bytes)) {
      this.toServer.push(copyOf(piece))
      this.network.time.after(this.arrivalMs('server'), () => {
        this.acceptor?.schedule(0, () => this.arriveAtServer())
      })
    }
  }

  private arriveAtServer(): void {
    if (this.isServerPaused || this.isSilent || this.isServerClosed) return
    const bytes = this.toServer.shift()
    if (bytes !== undefined) this.server?.received(bytes)
  }

  private closeByClient(): void {
    if (this.isClientClosed) return
    this.isClientClosed = true
    if (this.isSilent) return
    this.network.time.after(this.arrivalMs('server'), () => this.acceptor?.schedule(0, () => this.closeAtServer()))
  }

  // --- the server's end ---

  send(bytes: Bytes): boolean {
    this.disturb()
    if (this.isServerClosed || this.isBroken) return true
    const { time, chance } = this.network
    const isFree = this.toClient.length === 0 && this.clientBusyUntil <= time.now && chance.happens(0.7)
    this.unsent += bytes.length
    // Bytes that have not left are in the server's memory still: whoever writes over them spoils the reply.
    const queued: Queued = {
      bytes: isFree ? copyOf(bytes) : bytes,
      onLeft: () => {
        this.unsent -= bytes.length
      },
    }
    if (isFree) queued.onLeft()
    this.toClient.push(isFree ? { ...queued, onLeft: () => {} } : queued)
    this.scheduleArrival()
    return isFree
  }

  get unsentBytes(): number {
    return this.unsent
  }

  private scheduleArrival(): void {
    this.network.time.after(this.arrivalMs('client'), () => this.arriveAtClient())
  }

  private arriveAtClient(): void {
    const { time } = this.network
    if (this.clientBusyUntil > time.now) {
      time.after(this.clientBusyUntil - time.now, () => this.arriveAtClient())
      return
    }
    const queued = this.toClient.shift()
    if (queued === undefined) return
    const bytes = copyOf(queued.bytes)
    queued.onLeft()
    this.acceptor?.schedule(0, () => {
      if (!this.isServerClosed) this.server?.drained()
    })
    if (!this.isClientClosed && !this.isSilent) for (const piece of this.pieces(bytes)) this.client.received(piece)
    if (this.isEnding && this.toClient.length === 0) this.tellClient()
  }

  pause(): void {
    this.isServerPaused = true
  }

  resume(): void {
    this.isServerPaused = false
    for (let count = this.toServer.length; count > 0; count--) this.acceptor?.schedule(0, () => this.arriveAtServer())
  }

  end(): void {
    if (this.isEnding) return
    this.isEnding = true
    if (this.toClient.length === 0) this.tellClient()
    this.acceptor?.schedule(0, () => this.closeAtServer())
  }

  // --- its end ---

  private closeAtServer(): void {
    if (this.isServerClosed) return
    this.isServerClosed = true
    this.network.links.delete(this)
    this.server?.closed()
  }

  private tellClient(): void {
    if (this.isSilent) return
    this.network.time.after(this.arrivalMs('client'), () => {
      if (this.isClientClosed) return
      this.isClientClosed = true
      this.client.closed()
    })
  }

  serverGone(): void {
    this.isServerClosed = true
    this.network.links.delete(this)
    this.loseReplies()
    this.tellClient()
  }

  /** Both ends hear of it, each in its time; what is under way is lost. */
  break(): void {
    if (this.isBroken) return
    this.isBroken = true
    this.toServer.length = 0
    this.loseReplies()
    this.tellClient()
    this.acceptor?.schedule(this.network.delayMs(), () => this.closeAtServer())
  }

  /** What is under way may be lost as well. */
  private loseReplies(): void {
    if (this.network.chance.happens(0.5)) this.toClient.length = 0
  }

  /** Nothing arrives any more, and nobody is told. */
  silence(): void {
    this.isSilent = true
  }

  /** The client takes nothing for so long. */
  stall(milliseconds: number): void {
    this.clientBusyUntil = this.network.time.now + milliseconds
  }

  private disturb(): void {
    const { chance, faults } = this.network
    if (chance.happens(faults.breakRate)) this.break()
    else if (chance.happens(faults.silenceRate)) this.silence()
  }

  /** Never before what was sent earlier. */
  private arrivalMs(end: 'server' | 'client'): number {
    const { time } = this.network
    const at = Math.max(time.now + this.network.delayMs(), this.lastArrival[end])
    this.lastArrival[end] = at
    return at - time.now
  }

  private pieces(bytes: Bytes): Bytes[] {
    const { chance } = this.network
    if (!chance.happens(0.1)) return [bytes]
    const pieces: Bytes[] = []
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + 1 + chance.below(PIECE))
      pieces.push(bytes.subarray(at, end))
      at = end
    }
    return pieces
  }
}
