/** One client as the driver has it: its byte stream, its connection in the engine, and what waits between them. */
import type { Connection } from '@meerkat/engine'
import { FrameSplitter, type Bytes } from '@meerkat/protocol'
import type { Run } from './limits/intake.ts'

/** A client's byte stream. */
export interface ClientLink {
  /** Sends `bytes`; true if they have left already, so that their memory may be used again. */
  send(bytes: Bytes): boolean
  /** The file descriptor to which may be written instead of `send`: a socket's that has nothing to send. */
  readonly descriptor?: number | undefined
  /** Bytes that were sent but have not left. */
  readonly unsentBytes: number
  pause(): void
  resume(): void
  /** Closes once everything was sent. */
  end(): void
}

export class Client {
  readonly connection: Connection
  readonly link: ClientLink
  readonly frames: FrameSplitter
  /** Frames that came before the session was there, or that must wait; nothing is read meanwhile. */
  held: Run[] = []
  isPaused = false

  constructor(connection: Connection, link: ClientLink, maxFrameBytes: number) {
    this.connection = connection
    this.link = link
    this.frames = new FrameSplitter(maxFrameBytes)
  }
}
