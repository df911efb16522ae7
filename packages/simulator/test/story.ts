/** Histories and their logs, for tests of the judge. */
import { OpCode, sessionIdOf, zxidOf, type LoggedTxn, type Stat, type Txn } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import type { Guarantee } from '../src/history/guarantees.ts'
import type { Entry, Request, Result, WriteRequest } from '../src/history/history.ts'
import { judge, type Evidence } from '../src/history/judge.ts'

export const SESSION = sessionIdOf(7n)
export const OTHER = sessionIdOf(8n)
const TIME = 1000

/** A history and its log, built an entry at a time; everything in it is right until a test says otherwise. */
export class Story {
  readonly entries: Entry[] = []
  readonly log: LoggedTxn[] = []
  atMs = 0
  private xid = 0

  connect(connection: number, session = SESSION): this {
    this.entries.push({ kind: 'connected', atMs: this.atMs, connection, session, timeoutMs: 1000 })
    return this
  }

  identified(connection: number, identity: string): this {
    this.entries.push({ kind: 'identified', atMs: this.atMs, connection, identity })
    return this
  }

  session(connection: number, session = SESSION): this {
    return this.logged({ type: OpCode.createSession, timeOut: 1000 }, { session }).connect(connection, session)
  }

  logged(txn: Txn, { session = SESSION, cxid = 0 }: { session?: bigint; cxid?: number } = {}): this {
    const zxid = zxidOf((this.log.at(-1)?.header.zxid ?? 0) + 1)
    const header = { sessionId: sessionIdOf(session), cxid, zxid, time: TIME, type: txn.type }
    this.log.push({ header, txn, digest: undefined })
    return this
  }

  get zxid(): number {
    return this.log.at(-1)?.header.zxid ?? 0
  }

  call(connection: number, request: Request): number {
    this.entries.push({ kind: 'call', atMs: this.atMs, connection, xid: ++this.xid, request })
    return this.xid
  }

  reply(
    connection: number,
    xid: number,
    { zxid = this.zxid, err = 0, result = {} }: { zxid?: number; err?: number; result?: Result } = {},
  ): this {
    this.entries.push({ kind: 'reply', atMs: this.atMs, connection, xid, zxid, err, result })
    return this
  }

  event(connection: number, type: number, path: string, zxid = this.zxid): this {
    this.entries.push({ kind: 'event', atMs: this.atMs, connection, zxid, type, path })
    return this
  }

  /** A create that is asked for, logged and answered. */
  create(connection: number, path: string, { session = SESSION, mode = 0 } = {}): this {
    const xid = this.call(connection, { op: 'create', path, data: 'x', mode, ttlMs: -1 })
    return this.logged(createOf(path, mode), { session, cxid: xid }).reply(connection, xid, { result: { path } })
  }

  /** A write that is asked for, logged as `txn` and answered with its error. */
  write(connection: number, request: WriteRequest, txn: Txn, { session = SESSION, result = {} } = {}): this {
    const xid = this.call(connection, request)
    const err = txn.type === OpCode.error ? txn.err : 0
    return this.logged(txn, { session, cxid: xid }).reply(connection, xid, { err, result })
  }

  read(connection: number, request: Request, reply: { zxid?: number; err?: number; result?: Result } = {}): this {
    return this.reply(connection, this.call(connection, request), reply)
  }

  breaks(...guarantees: Guarantee[]): void {
    this.breaksWith({}, ...guarantees)
  }

  breaksWith(options: Partial<Evidence>, ...guarantees: Guarantee[]): void {
    const broken = judge({ entries: this.entries, log: this.log, ...options }).map(({ guarantee }) => guarantee)
    assert.deepEqual([...new Set(broken)], guarantees)
  }
}

export function createOf(path: string, mode: number): Txn {
  return { type: OpCode.create2, path, data: null, acl: [], ephemeral: mode === 1, parentCVersion: 1 }
}

export function exists(path: string, watch = false): Request {
  return { op: 'exists', path, watch }
}

export function statOf(zxid: number): Stat {
  const at = zxidOf(zxid)
  const times = { czxid: at, mzxid: at, pzxid: at, ctime: TIME, mtime: TIME }
  return { ...times, version: 0, cversion: 0, aversion: 0, ephemeralOwner: 0n, dataLength: 1, numChildren: 0 }
}

export const MISSING = { err: -101 }
