/** Sessions and when they expire (server.SessionTrackerImpl, server.ExpiryQueue). */
import type { Bytes, SessionId } from '@meerkat/protocol'
import { sessionIdOf, sessionPassword } from '@meerkat/protocol'
import type { Connection } from './connection.ts'

export interface Session {
  readonly id: SessionId
  readonly timeoutMs: number
  /** The connection that serves it now. */
  connection: Connection | undefined
  /** A closeSession is in flight: nothing more is accepted. */
  closing: boolean
  /** The end of the tick in which it expires, on the monotonic clock. */
  expiresAt: number
}

export class Sessions {
  private readonly byId = new Map<SessionId, Session>()
  private readonly buckets = new Map<number, Set<Session>>()
  private readonly tickMs: number
  private nextId: SessionId
  /** Every bucket up to here has been emptied. */
  private expiredUpTo = 0

  constructor({ tickMs, firstId }: { tickMs: number; firstId: SessionId }) {
    this.tickMs = tickMs
    this.nextId = firstId
  }

  get count(): number {
    return this.byId.size
  }

  newId(): SessionId {
    const id = this.nextId
    this.nextId = sessionIdOf(id + 1n)
    return id
  }

  get(id: SessionId): Session | undefined {
    return this.byId.get(id)
  }

  /** The session, if the password is its own and it is not about to be closed. */
  authenticate(id: SessionId, password: Bytes | null): Session | undefined {
    if (password?.equals(sessionPassword(id)) !== true) return undefined
    const session = this.byId.get(id)
    return session?.closing === true ? undefined : session
  }

  /** The session that was to be closed lives on; it is closed when it expires again. */
  reopen(id: SessionId, elapsedMs: number): void {
    const session = this.byId.get(id)
    if (session === undefined) return
    session.closing = false
    this.touch(session, session.timeoutMs, elapsedMs)
  }

  values(): Iterable<Session> {
    return this.byId.values()
  }

  /** Adds a session, or finds the one that is there (a replay over a fuzzy snapshot). */
  add(id: SessionId, timeoutMs: number, elapsedMs: number): Session {
    const known = this.byId.get(id)
    if (known !== undefined) return known
    const session: Session = { id, timeoutMs, connection: undefined, closing: false, expiresAt: 0 }
    this.byId.set(id, session)
    this.touch(session, timeoutMs, elapsedMs)
    return session
  }

  remove(id: SessionId): Session | undefined {
    const session = this.byId.get(id)
    if (session === undefined) return undefined
    this.byId.delete(id)
    this.leaveBucket(session)
    return session
  }

  /** The session was heard of. Deadlines are rounded up to the next tick, so that most calls change nothing. */
  touch(session: Session, timeoutMs: number, elapsedMs: number): void {
    const at = (Math.floor((elapsedMs + timeoutMs) / this.tickMs) + 1) * this.tickMs
    if (at <= session.expiresAt || session.closing) return
    this.leaveBucket(session)
    session.expiresAt = at
    const bucket = this.buckets.get(at)
    if (bucket === undefined) this.buckets.set(at, new Set([session]))
    else bucket.add(session)
  }

  private leaveBucket(session: Session): void {
    const bucket = this.buckets.get(session.expiresAt)
    bucket?.delete(session)
    if (bucket?.size === 0) this.buckets.delete(session.expiresAt)
  }

  /** Takes the sessions whose time is over out of their buckets. */
  expire(elapsedMs: number): Session[] {
    const expired: Session[] = []
    if (elapsedMs < this.expiredUpTo + this.tickMs) return expired
    this.expiredUpTo = Math.floor(elapsedMs / this.tickMs) * this.tickMs
    for (const [at, bucket] of this.buckets) {
      if (at > elapsedMs) continue
      this.buckets.delete(at)
      for (const session of bucket) if (!session.closing) expired.push(session)
    }
    return expired
  }

  /** A new server gives every session its whole time again. */
  restart(elapsedMs: number): void {
    this.buckets.clear()
    for (const session of this.byId.values()) {
      session.expiresAt = 0
      this.touch(session, session.timeoutMs, elapsedMs)
    }
  }

  /** Sessions by the time at which they expire, earliest first. */
  expiry(): { atMs: number; members: Session[] }[] {
    return [...this.buckets].map(([atMs, bucket]) => ({ atMs, members: [...bucket] })).sort((a, b) => a.atMs - b.atMs)
  }
}
