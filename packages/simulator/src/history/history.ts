/** What clients of a server asked and were told, in the order in which it happened to them. */
import type { Acl, Stat } from '@meerkat/protocol'

/** `mode` is a CreateFlag; `ttlMs` is -1 but for those with a time to live. Data is text, a byte a character. */
export interface CreateRequest {
  readonly op: 'create'
  readonly path: string
  readonly data: string
  readonly mode: number
  readonly ttlMs: number
  /** None is open to everybody. */
  readonly acl?: readonly Acl[]
}
/** -1 is any version. */
export interface DeleteRequest {
  readonly op: 'delete'
  readonly path: string
  readonly version: number
}
export interface SetDataRequest {
  readonly op: 'setData'
  readonly path: string
  readonly data: string
  readonly version: number
}
export interface CheckRequest {
  readonly op: 'check'
  readonly path: string
  readonly version: number
}
/** The version is that of the ACL. */
export interface SetAclRequest {
  readonly op: 'setACL'
  readonly path: string
  readonly acl: readonly Acl[]
  readonly version: number
}
export type MultiPart = CreateRequest | DeleteRequest | SetDataRequest | CheckRequest

export interface Watched {
  readonly data: readonly string[]
  readonly exist: readonly string[]
  readonly child: readonly string[]
  readonly persistent: readonly string[]
  readonly recursive: readonly string[]
}

export type WriteRequest =
  | CreateRequest
  | DeleteRequest
  | SetDataRequest
  | SetAclRequest
  | { readonly op: 'multi'; readonly parts: readonly MultiPart[] }
  | { readonly op: 'closeSession' }

export type ReadRequest =
  | { readonly op: 'getData' | 'exists' | 'getChildren'; readonly path: string; readonly watch: boolean }
  | { readonly op: 'getACL'; readonly path: string }
  | { readonly op: 'getEphemerals' }
  | { readonly op: 'sync'; readonly path: string }
  | { readonly op: 'addWatch'; readonly path: string; readonly mode: 'persistent' | 'recursive' }
  | { readonly op: 'setWatches'; readonly relativeZxid: number; readonly watched: Watched }

export type Request = WriteRequest | ReadRequest

/** What a reply said beside its error; a field is there if the operation has it. */
export interface Result {
  readonly path?: string
  readonly data?: string
  readonly stat?: Stat
  /** Sorted. */
  readonly children?: readonly string[]
  /** Sorted. */
  readonly acl?: readonly Acl[]
  readonly parts?: readonly (Result & { readonly err: number })[]
}

/** `atMs` is the time of the clients' own clock, which never jumps. */
export type Entry = { readonly atMs: number; readonly connection: number } & (
  | { readonly kind: 'connected'; readonly session: bigint; readonly timeoutMs: number }
  /** The client proves who it is, by a digest id, before it asks for anything. */
  | { readonly kind: 'identified'; readonly identity: string }
  /** The server says that the session is no more. */
  | { readonly kind: 'refused'; readonly session: bigint }
  | { readonly kind: 'lost' }
  /** What came cannot be read. */
  | { readonly kind: 'garbled'; readonly text: string }
  | { readonly kind: 'call'; readonly xid: number; readonly request: Request }
  | {
      readonly kind: 'reply'
      readonly xid: number
      readonly zxid: number
      readonly err: number
      readonly result: Result
    }
  | { readonly kind: 'event'; readonly zxid: number; readonly type: number; readonly path: string }
)

type Noted = Entry extends infer E ? (E extends Entry ? Omit<E, 'atMs'> : never) : never

/** Writes down what happens. */
export class History {
  readonly entries: Entry[] = []
  private readonly now: () => number
  private readonly onEntry: (entry: Entry) => void
  private connections = 0

  constructor(now: () => number, onEntry: (entry: Entry) => void = () => {}) {
    this.now = now
    this.onEntry = onEntry
  }

  newConnection(): number {
    return ++this.connections
  }

  note(noted: Noted): void {
    const entry: Entry = { ...noted, atMs: this.now() }
    this.entries.push(entry)
    this.onEntry(entry)
  }
}
