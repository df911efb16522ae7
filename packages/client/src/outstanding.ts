import type { Request } from './sessionTypes.ts'

interface Entry {
  readonly xid: number
  readonly request: Request
}

/** How many answered requests may stay in front before the list is cut. */
const SLACK = 1024

/** Requests that were sent and not answered yet, oldest first: a server answers in order. */
export class OutstandingRequests {
  private entries: Entry[] = []
  private head = 0
  private xid = 0

  get size(): number {
    return this.entries.length - this.head
  }

  /** The oldest one's xid; undefined if there is none. */
  get next(): number | undefined {
    return this.entries[this.head]?.xid
  }

  /** Numbers a request, from 1 on, and after the largest int from 1 again. */
  nextXid(): number {
    this.xid = this.xid === 0x7fff_ffff ? 1 : this.xid + 1
    return this.xid
  }

  add(request: Request): number {
    const xid = this.nextXid()
    this.entries.push({ xid, request })
    return xid
  }

  /** Takes the oldest request if it has this xid. */
  take(xid: number): Request | undefined {
    const entry = this.entries[this.head]
    if (entry?.xid !== xid) return undefined
    this.head++
    if (this.head === this.entries.length || this.head === SLACK) {
      this.entries.splice(0, this.head)
      this.head = 0
    }
    return entry.request
  }

  takeAll(): Request[] {
    const requests = this.entries.slice(this.head).map(({ request }) => request)
    this.entries = []
    this.head = 0
    return requests
  }
}
