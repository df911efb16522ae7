/** Runs a session: performs its effects on a transport and a timer, and turns its answers into promises. */
import { performance } from 'node:perf_hooks'
import { ErrorCode, type Bytes, type Input, type Output } from '@meerkat/protocol'
import { ZooKeeperError } from './errors.ts'
import { Session } from './session.ts'
import type { Request, SessionEffect, SessionInput, SessionOptions, SessionState } from './sessionTypes.ts'
import type { OpenTransport, Transport } from './transport.ts'
import type { ServerAddress } from './servers.ts'
import type { WatchEvent, Watcher } from './watches.ts'

export interface ConnectionListener {
  stateChanged(state: SessionState, reason: string | undefined): void
  watchFired(watchers: Iterable<Watcher>, event: WatchEvent): void
}

export interface Call<T> {
  readonly type: number
  readonly write: (output: Output) => void
  readonly read: (body: Input) => T
  /** As the caller wrote it, for the error. */
  readonly path?: string
  readonly watch?: Request['watch']
}

export class Connection {
  readonly session: Session
  /** The server that is used, or tried. */
  server: ServerAddress | undefined
  private readonly openTransport: OpenTransport
  private readonly listener: ConnectionListener
  private transport: Transport | undefined
  private timer: NodeJS.Timeout | undefined
  private timerDueMs = Infinity
  private readonly inputs: SessionInput[] = []
  private isStepping = false

  constructor(options: SessionOptions, openTransport: OpenTransport, listener: ConnectionListener) {
    this.session = new Session(options)
    this.openTransport = openTransport
    this.listener = listener
  }

  start(): void {
    this.step({ type: 'start' })
  }

  call<T>({ read, path, type, write, watch }: Call<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const answer = (error: number, body: Input | undefined): void => {
        if (body === undefined) return reject(new ZooKeeperError(error, path))
        try {
          resolve(read(body))
        } catch (problem) {
          reject(problem instanceof ZooKeeperError ? problem : unreadable(problem as Error, path))
        }
      }
      this.step({ type: 'request', request: { type, write, answer, ...(watch === undefined ? {} : { watch }) } })
    })
  }

  authenticate(scheme: string, auth: Bytes): Promise<void> {
    return new Promise((resolve, reject) => {
      const answer = (error: number): void => {
        if (error === 0) resolve()
        else reject(new ZooKeeperError(error))
      }
      this.step({ type: 'auth', auth: { scheme, auth, answer } })
    })
  }

  close(): void {
    this.step({ type: 'close' })
  }

  /** A listener may ask for more while effects are performed: that comes after them, or requests would change places. */
  private step(input: SessionInput): void {
    this.inputs.push(input)
    if (this.isStepping) return
    this.isStepping = true
    try {
      for (let next = this.inputs.shift(); next !== undefined; next = this.inputs.shift()) {
        for (const effect of this.session.step(next, performance.now())) this.perform(effect)
      }
    } finally {
      this.isStepping = false
    }
    this.armTimer()
  }

  private perform(effect: SessionEffect): void {
    switch (effect.type) {
      case 'connect':
        return this.connect(effect.server)
      case 'send':
        return this.transport?.send(effect.bytes)
      case 'disconnect':
        this.transport?.close()
        this.transport = undefined
        return
      case 'state':
        return this.listener.stateChanged(effect.state, effect.reason)
      case 'reply':
        return effect.request.answer(effect.error, effect.body)
      case 'authReply':
        return effect.auth.answer(effect.error)
      case 'event':
        return this.listener.watchFired(effect.watchers, effect.event)
    }
  }

  private connect(server: ServerAddress): void {
    this.server = server
    this.transport = this.openTransport(server, {
      opened: () => this.step({ type: 'opened' }),
      received: (bytes) => this.step({ type: 'received', bytes }),
      lost: (reason) => this.step({ type: 'lost', reason: `${server.host}:${server.port}: ${reason}` }),
    })
  }

  /** A timer that is due early enough is left as it is: the deadline moves with every request. */
  private armTimer(): void {
    const { deadline } = this.session
    if (deadline === undefined) {
      clearTimeout(this.timer)
      this.timerDueMs = Infinity
      return
    }
    if (this.timerDueMs <= deadline) return
    clearTimeout(this.timer)
    this.timerDueMs = deadline
    this.timer = setTimeout(
      () => {
        this.timerDueMs = Infinity
        this.step({ type: 'time' })
      },
      Math.max(0, Math.ceil(deadline - performance.now())),
    )
  }
}

function unreadable(problem: Error, path: string | undefined): ZooKeeperError {
  return new ZooKeeperError(ErrorCode.MARSHALLINGERROR, path, {
    reason: `the server's reply cannot be read: ${problem.message}`,
  })
}
