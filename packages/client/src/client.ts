/** A ZooKeeper client: one session, its operations as promises, its watches as callbacks or async iterators. */
import { EventEmitter } from 'node:events'
import {
  AddWatchMode,
  bytesOf,
  copyOf,
  ErrorCode,
  OpCode,
  OPERATIONS,
  readMultiResults,
  ReservedPath,
  WatcherType,
  writeMulti,
  type Acl,
  type Bytes,
  type Codec,
  type Infer,
  type OperationName,
  type SessionId,
  type Stat,
} from '@meerkat/protocol'
import { Connection, type Call } from './connection.ts'
import { createRequest, toBytes, type CreateOptions, type Data } from './create.ts'
import { ZooKeeperError } from './errors.ts'
import { EventQueue } from './eventQueue.ts'
import {
  multiOutcomes,
  multiReadOutcome,
  multiWrite,
  type MultiOperation,
  type MultiOutcome,
  type MultiReadOperation,
  type MultiReadOutcome,
} from './multi.ts'
import type { WatchMode, WatchOption, WatchType, ZooKeeperOptions } from './options.ts'
import { createSaslDigestClient } from './saslClient.ts'
import { parseConnectString, type ServerAddress } from './servers.ts'
import type { SessionState } from './sessionTypes.ts'
import { socketTransport } from './transport.ts'
import type { WatchEvent, Watcher, WatchKind } from './watches.ts'

const DEFAULT_SESSION_TIMEOUT_MS = 30_000

/** The client's own watches that each type of removal takes away. */
const KINDS_OF_TYPE: Record<WatchType, readonly WatchKind[]> = {
  children: ['children'],
  data: ['data', 'exists'],
  any: ['children', 'data', 'exists', 'persistent', 'persistentRecursive'],
  persistent: ['persistent'],
  persistentRecursive: ['persistentRecursive'],
}

interface ClientEvents {
  state: [state: SessionState, reason: string | undefined]
}

/** Operations fail with ZooKeeperError; those in flight at a lost connection fail with CONNECTIONLOSS. */
export class ZooKeeper extends EventEmitter<ClientEvents> {
  /** Where this client is with its session. */
  state: SessionState = 'connecting'
  private readonly chroot: string
  private readonly connection: Connection
  private readonly usesSasl: boolean
  private reason: string | undefined

  private constructor(options: ZooKeeperOptions) {
    super()
    // Every loop over a watch listens to the state.
    this.setMaxListeners(0)
    const { servers, chroot } = parseConnectString(options.servers)
    this.chroot = options.chroot ?? chroot
    const { sasl } = options
    this.usesSasl = sasl !== undefined
    this.connection = new Connection(
      {
        servers,
        sessionTimeoutMs: options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS,
        readOnly: options.readOnly ?? false,
        ...(sasl === undefined ? {} : { sasl: () => createSaslDigestClient(sasl) }),
        ...(options.resume === undefined ? {} : { resume: options.resume }),
        ...(options.maxBuffer === undefined ? {} : { maxBuffer: options.maxBuffer }),
        random: Math.random,
      },
      options.transport ?? socketTransport(options.tls),
      {
        stateChanged: (state, reason) => this.changeState(state, reason),
        watchFired: (watchers, event) => this.fire(watchers, event),
      },
    )
    for (const { scheme, auth } of options.auth ?? []) this.addAuth(scheme, auth).catch(() => {})
  }

  /** A client that has begun to connect; what it is asked meanwhile waits for the connection. */
  static open(options: ZooKeeperOptions): ZooKeeper {
    const client = new ZooKeeper(options)
    // Whoever opens it can listen to its first state.
    process.nextTick(() => client.connection.start())
    return client
  }

  /**
   * A client with a session. Fails with CONNECTIONLOSS where no server gave one within the session timeout; the
   * message says what went wrong last.
   */
  static async connect(options: ZooKeeperOptions): Promise<ZooKeeper> {
    const client = ZooKeeper.open(options)
    await client.connected(options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS)
    return client
  }

  get sessionId(): SessionId {
    return this.connection.session.id
  }

  get sessionPassword(): Bytes {
    return this.connection.session.sessionPassword
  }

  /** The negotiated timeout, in milliseconds. */
  get sessionTimeoutMs(): number {
    return this.connection.session.negotiatedTimeoutMs
  }

  /** The highest zxid that this client has seen in a reply. */
  get lastZxidSeen(): number {
    return this.connection.session.lastZxidSeen
  }

  /** The server that is used, or tried. */
  get server(): ServerAddress | undefined {
    return this.connection.server
  }

  get isConnected(): boolean {
    return this.state === 'connected' || this.state === 'connectedReadOnly' || this.state === 'saslAuthenticated'
  }

  /** Waits for a connection that can be used, with SASL an authenticated one; closes the client if none comes in time. */
  connected(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => fail(ErrorCode.CONNECTIONLOSS), timeoutMs)
      const done = (): void => {
        clearTimeout(timer)
        this.off('state', listen)
      }
      const fail = (code: number): void => {
        done()
        this.connection.close()
        const reason = `no session: ${this.reason ?? 'no server answered'}`
        reject(new ZooKeeperError(code, undefined, code === ErrorCode.CONNECTIONLOSS ? { reason } : {}))
      }
      const listen = (state: SessionState): void => {
        if (state === 'expired') return fail(ErrorCode.SESSIONEXPIRED)
        if (state === 'authFailed') return fail(ErrorCode.AUTHFAILED)
        if (state !== 'saslAuthenticated' && (this.usesSasl || !this.isConnected)) return
        done()
        resolve()
      }
      this.on('state', listen)
      listen(this.state)
    })
  }

  /** The path of the new znode: with a sequential mode, not the path given. */
  async create(path: string, data: Data = null, options: CreateOptions = {}): Promise<string> {
    const { type, request } = createRequest(this.full(path), data, options, false)
    // Operations of a kind of their own answer with a Stat too; the path comes first in both.
    const created = await this.call('create', request, path, { type, codec: requestCodec(type) })
    return this.stripped(created.path)
  }

  async create2(path: string, data: Data = null, options: CreateOptions = {}): Promise<{ path: string; stat: Stat }> {
    const { type, request } = createRequest(this.full(path), data, options, true)
    const created = await this.call('create2', request, path, { type, codec: requestCodec(type) })
    return { path: this.stripped(created.path), stat: created.stat }
  }

  async delete(path: string, version = -1): Promise<void> {
    await this.call('delete', { path: this.full(path), version }, path)
  }

  /** The Stat, or null for no such znode. A watch is left either way. */
  async exists(path: string, { watch }: WatchOption = {}): Promise<Stat | null> {
    const request = { path: this.full(path), watch: watch !== undefined }
    try {
      return (await this.call('exists', request, path, watching('exists', request.path, watch))).stat
    } catch (error) {
      if (error instanceof ZooKeeperError && error.code === ErrorCode.NONODE) return null
      throw error
    }
  }

  getData(path: string, { watch }: WatchOption = {}): Promise<{ data: Bytes | null; stat: Stat }> {
    const request = { path: this.full(path), watch: watch !== undefined }
    return this.dataCall(request, path, watch)
  }

  private async dataCall(
    request: { path: string; watch: boolean },
    path: string,
    watch: Watcher | undefined,
  ): Promise<{ data: Bytes | null; stat: Stat }> {
    const { data, stat } = await this.call('getData', request, path, watching('data', request.path, watch))
    // A copy, since the bytes lie in a much larger chunk that came from the socket.
    return { data: data === null ? null : copyOf(data), stat }
  }

  async setData(path: string, data: Data, version = -1): Promise<Stat> {
    return (await this.call('setData', { path: this.full(path), data: toBytes(data), version }, path)).stat
  }

  getACL(path: string): Promise<{ acl: readonly Acl[]; stat: Stat }> {
    return this.call('getACL', { path: this.full(path) }, path)
  }

  async setACL(path: string, acl: readonly Acl[], version = -1): Promise<Stat> {
    return (await this.call('setACL', { path: this.full(path), acl, version }, path)).stat
  }

  /** In no particular order. */
  async getChildren(path: string, { watch }: WatchOption = {}): Promise<readonly string[]> {
    const request = { path: this.full(path), watch: watch !== undefined }
    return (await this.call('getChildren', request, path, watching('children', request.path, watch))).children
  }

  getChildren2(path: string, { watch }: WatchOption = {}): Promise<{ children: readonly string[]; stat: Stat }> {
    const request = { path: this.full(path), watch: watch !== undefined }
    return this.call('getChildren2', request, path, watching('children', request.path, watch))
  }

  /** Once this returns, the server has applied what the leader had committed when it was asked. */
  async sync(path: string): Promise<void> {
    await this.call('sync', { path: this.full(path) }, path)
  }

  /** All or nothing. Fails with the error of the operation that failed; `results` has the code of each. */
  multi(operations: readonly MultiOperation[]): Promise<MultiOutcome[]> {
    const writes = operations.map((operation) => multiWrite(operation, (path) => this.full(path)))
    return this.connection.call({
      type: OpCode.multi,
      write: (output) => writeMulti(output, writes),
      read: (body) => multiOutcomes(readMultiResults(body), operations, (path) => this.stripped(path)),
    })
  }

  /** Each operation by itself: one that fails does not fail the others. */
  multiRead(operations: readonly MultiReadOperation[]): Promise<MultiReadOutcome[]> {
    const reads = operations.map(({ op, path }) => ({
      type: OpCode[op],
      request: { path: this.full(path), watch: false },
    }))
    return this.connection.call({
      type: OpCode.multiRead,
      write: (output) => writeMulti(output, reads),
      read: (body) => readMultiResults(body).map((result, i) => multiReadOutcome(result, operations[i])),
    })
  }

  /** A watch that stays. Told of changes of the znode and its children's names, or of the whole tree below it. */
  async addWatch(path: string, watch: Watcher, mode: WatchMode = 'persistentRecursive'): Promise<void> {
    const request = { path: this.full(path), mode: AddWatchMode[mode] }
    await this.call('addWatch', request, path, watching(mode, request.path, watch))
  }

  /**
   * The changes of a znode, or of the tree below it, until the loop is left. Ends with an error when the session does,
   * or when the reader falls too far behind.
   */
  async *watch(path: string, mode: WatchMode = 'persistentRecursive'): AsyncGenerator<WatchEvent, void> {
    const queue = new EventQueue()
    const watcher: Watcher = (event) => queue.push(event)
    const listen = (state: SessionState): void => {
      if (state === 'expired') queue.fail(new ZooKeeperError(ErrorCode.SESSIONEXPIRED, path))
      if (state === 'closed') queue.end()
    }
    this.on('state', listen)
    try {
      await this.addWatch(path, watcher, mode)
      yield* queue
    } finally {
      this.off('state', listen)
      await this.stopWatching(path, watcher, mode)
    }
  }

  private async stopWatching(path: string, watcher: Watcher, mode: WatchMode): Promise<void> {
    const full = this.full(path)
    const { watches } = this.connection.session
    const wasSet = watches.remove([mode], full, watcher).length > 0
    if (!wasSet || watches.has(mode, full) || !this.isConnected) return
    // Servers before 3.9 know no removal of persistent watches alone; the watch then goes with the session.
    await this.call('removeWatches', { path: full, type: WatcherType[mode] }, path).catch(() => {})
  }

  /**
   * Removes all watches of a type that this client has on a path. With `local`, they go even where the server cannot
   * be asked.
   */
  async removeWatches(path: string, type: WatchType = 'any', { local = false } = {}): Promise<void> {
    const full = this.full(path)
    const { watches } = this.connection.session
    const kinds = KINDS_OF_TYPE[type]
    if (!kinds.some((kind) => watches.has(kind, full))) throw new ZooKeeperError(ErrorCode.NOWATCHER, path)
    try {
      await this.call('removeWatches', { path: full, type: WatcherType[type] }, path)
    } catch (error) {
      if (!local) throw error
    }
    for (const { watchers, event } of watches.remove(kinds, full)) {
      this.fire(watchers, { type: event, path: full, zxid: -1 })
    }
  }

  /** Whether the server has a watch of this type from this connection. */
  async checkWatches(path: string, type: WatchType = 'any'): Promise<boolean> {
    try {
      await this.call('checkWatches', { path: this.full(path), type: WatcherType[type] }, path)
      return true
    } catch (error) {
      if (error instanceof ZooKeeperError && error.code === ErrorCode.NOWATCHER) return false
      throw error
    }
  }

  /** The ephemeral znodes of this session whose paths begin with `prefix`. */
  async getEphemerals(prefix = '/'): Promise<readonly string[]> {
    const { ephemerals } = await this.call('getEphemerals', { prefixPath: this.full(prefix) }, prefix)
    return ephemerals.map((path) => this.stripped(path))
  }

  async getAllChildrenNumber(path: string): Promise<number> {
    return (await this.call('getAllChildrenNumber', { path: this.full(path) }, path)).totalNumber
  }

  /** How the server knows this connection. */
  async whoAmI(): Promise<readonly { authScheme: string | null; user: string | null }[]> {
    return (await this.call('whoAmI', {})).clientInfo
  }

  /** The ensemble's configuration; the chroot does not matter here. */
  getConfig({ watch }: WatchOption = {}): Promise<{ data: Bytes | null; stat: Stat }> {
    const request = { path: ReservedPath.config, watch: watch !== undefined }
    return this.dataCall(request, request.path, watch)
  }

  /** Changes the ensemble: by servers that join and leave, or to the list `members`. */
  async reconfig(change: {
    readonly joining?: string
    readonly leaving?: string
    readonly members?: string
    readonly fromConfig?: number
  }): Promise<{ data: Bytes | null; stat: Stat }> {
    return this.call('reconfig', {
      joiningServers: change.joining ?? null,
      leavingServers: change.leaving ?? null,
      newMembers: change.members ?? null,
      curConfigId: change.fromConfig ?? -1,
    })
  }

  /** Credentials for this and every later connection. */
  addAuth(scheme: string, auth: string | Uint8Array): Promise<void> {
    return this.connection.authenticate(scheme, toBytes(auth) ?? bytesOf(''))
  }

  /** Ends the session, and its ephemeral znodes with it, if the server can be told; else it expires there. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.isEnded) return resolve()
      const listen = (): void => {
        if (!this.isEnded) return
        this.off('state', listen)
        resolve()
      }
      this.on('state', listen)
      this.connection.close()
    })
  }

  private get isEnded(): boolean {
    return this.state === 'closed' || this.state === 'expired' || this.state === 'authFailed'
  }

  private call<N extends OperationName>(
    name: N,
    request: Infer<(typeof OPERATIONS)[N]['request']>,
    path?: string,
    more: Partial<Pick<Call<unknown>, 'watch'>> & { type?: number; codec?: Codec<unknown> } = {},
  ): Promise<Infer<(typeof OPERATIONS)[N]['response']>> {
    const { code, request: codec, response } = OPERATIONS[name]
    const { type = code, codec: requestCodec = codec, watch } = more
    return this.connection.call({
      type,
      write: (output) => requestCodec.write(output, request),
      read: (body) => (response as Codec<Infer<(typeof OPERATIONS)[N]['response']>>).read(body),
      ...(path === undefined ? {} : { path }),
      ...(watch === undefined ? {} : { watch }),
    })
  }

  private full(path: string): string {
    if (this.chroot === '') return path
    return path === '/' ? this.chroot : this.chroot + path
  }

  private stripped(path: string): string {
    if (path === this.chroot) return '/'
    return path.startsWith(`${this.chroot}/`) ? path.slice(this.chroot.length) : path
  }

  private changeState(state: SessionState, reason: string | undefined): void {
    this.state = state
    if (reason !== undefined) this.reason = reason
    this.emit('state', state, reason)
  }

  /** Each watcher by itself: one that throws stops neither the others nor the session. */
  private fire(watchers: Iterable<Watcher>, event: WatchEvent): void {
    const told = { ...event, path: this.stripped(event.path) }
    for (const watcher of watchers) {
      try {
        watcher(told)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}

function watching(kind: WatchKind, path: string, watcher: Watcher | undefined): Partial<Pick<Call<unknown>, 'watch'>> {
  return watcher === undefined ? {} : { watch: { kind, path, watcher } }
}

function requestCodec(type: 1 | 15 | 19 | 21): Codec<unknown> {
  return type === OpCode.createTTL ? OPERATIONS.createTTL.request : OPERATIONS.create.request
}
