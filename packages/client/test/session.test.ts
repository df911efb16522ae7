import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  bytesOf,
  ConnectRequest,
  ErrorCode,
  frameOf,
  Input,
  OpCode,
  Output,
  PathRequest,
  ReplyHeader,
  RequestHeader,
  SetWatches2Request,
  sessionIdOf,
  SyncResponse,
  WatcherEvent,
  writeConnectResponse,
  zeros,
  zxidOf,
  type Bytes,
} from '@meerkat/protocol'
import { Session } from '../src/session.ts'
import type { Request, SessionEffect, SessionOptions } from '../src/sessionTypes.ts'
import { SET_WATCHES_BYTES } from '../src/watches.ts'

const TIMEOUT_MS = 9000

function newSession(options: Partial<SessionOptions> = {}): Session {
  const servers = [{ host: 'a', port: 1 }]
  return new Session({ servers, sessionTimeoutMs: TIMEOUT_MS, readOnly: false, random: () => 0, ...options })
}

/** A session that is connected at time 0. */
function connected(options: Partial<SessionOptions> = {}): Session {
  const session = newSession(options)
  session.step({ type: 'start' }, 0)
  session.step({ type: 'opened' }, 0)
  session.step({ type: 'received', bytes: welcome() }, 0)
  return session
}

function reconnected(session: Session, nowMs: number): SessionEffect[] {
  session.step({ type: 'lost', reason: 'gone' }, nowMs)
  session.step({ type: 'time' }, nowMs + 1000)
  session.step({ type: 'opened' }, nowMs + 1000)
  return session.step({ type: 'received', bytes: welcome() }, nowMs + 1000)
}

function welcome({ timeOut = TIMEOUT_MS, readOnly = false } = {}): Bytes {
  const output = new Output()
  const response = {
    protocolVersion: 0,
    timeOut,
    sessionId: sessionIdOf(7n),
    passwd: bytesOf('p'.repeat(16)),
    readOnly,
  }
  writeConnectResponse(output, response)
  return output.written()
}

function reply(xid: number, { zxid = 1, err = 0, path = '/' } = {}): Bytes {
  return frameOf((output) => {
    ReplyHeader.write(output, { xid, zxid: zxidOf(zxid), err })
    if (err === 0 && xid > 0) SyncResponse.write(output, { path })
  })
}

function event(type: number, path: string): Bytes {
  return frameOf((output) => {
    ReplyHeader.write(output, { xid: -1, zxid: zxidOf(5), err: 0 })
    WatcherEvent.write(output, { type, state: 3, path })
  })
}

function request(path: string, watch?: Request['watch']): Request {
  return {
    type: OpCode.sync,
    write: (output) => PathRequest.write(output, { path }),
    answer: () => {},
    ...(watch === undefined ? {} : { watch }),
  }
}

/** Effects in a few words each. */
function told(effects: readonly SessionEffect[]): string[] {
  return effects.map((effect) => {
    switch (effect.type) {
      case 'connect':
        return `connect ${effect.server.host}`
      case 'send':
        return `send ${sentName(effect.bytes)}`
      case 'reply':
        return `reply ${effect.error}`
      case 'authReply':
        return `authReply ${effect.error}`
      case 'state':
        return `state ${effect.state}`
      case 'event':
        return `event ${effect.event.type} ${effect.event.path} to ${[...effect.watchers].length}`
      case 'disconnect':
        return 'disconnect'
    }
  })
}

function sentName(bytes: Bytes): string {
  const { xid, type } = RequestHeader.read(new Input(bytes, 4))
  return `${type}#${xid}`
}

describe('the session machine', () => {
  test('connects, shakes hands and sends what waited, in order', () => {
    const session = newSession()
    assert.deepEqual(told(session.step({ type: 'start' }, 0)), ['state connecting', 'connect a'])
    assert.deepEqual(session.step({ type: 'request', request: request('/a') }, 0), [])
    const [hello] = session.step({ type: 'opened' }, 0)
    assert.ok(hello?.type === 'send')
    const sent = ConnectRequest.read(new Input(hello.bytes, 4))
    assert.deepEqual([sent.timeOut, sent.sessionId, sent.passwd?.equals(zeros(16))], [TIMEOUT_MS, 0n, true])
    assert.deepEqual(told(session.step({ type: 'received', bytes: welcome({ timeOut: 4000 }) }, 0)), [
      'state connected',
      'send 9#1',
    ])
    assert.equal(session.negotiatedTimeoutMs, 4000)
    assert.equal(session.id, 7n)
    assert.deepEqual(told(session.step({ type: 'received', bytes: reply(1, { zxid: 9 }) }, 0)), ['reply 0'])
    assert.equal(session.lastZxidSeen, 9)
  })

  test('takes up its session again with the same id, password and last zxid', () => {
    const session = connected()
    session.step({ type: 'request', request: request('/a') }, 0)
    session.step({ type: 'received', bytes: reply(1, { zxid: 42 }) }, 0)
    session.step({ type: 'lost', reason: 'gone' }, 0)
    session.step({ type: 'time' }, 1000)
    const [hello] = session.step({ type: 'opened' }, 1000)
    assert.ok(hello?.type === 'send')
    const sent = ConnectRequest.read(new Input(hello.bytes, 4))
    assert.deepEqual([sent.sessionId, sent.lastZxidSeen, sent.passwd?.toString()], [7n, 42, 'p'.repeat(16)])
  })

  test('fails what is in flight and what waits with CONNECTIONLOSS when the connection is lost', () => {
    const session = connected()
    session.step({ type: 'request', request: request('/a') }, 0)
    assert.deepEqual(told(session.step({ type: 'lost', reason: 'gone' }, 0)), ['state disconnected', 'reply -4'])
    session.step({ type: 'request', request: request('/b') }, 0)
    session.step({ type: 'time' }, 1000)
    assert.deepEqual(told(session.step({ type: 'lost', reason: 'gone' }, 1000)), ['state disconnected', 'reply -4'])
  })

  test('pings after a third of the timeout without sending, and gives up after two thirds without hearing', () => {
    const session = connected()
    assert.equal(session.deadline, 3000)
    assert.deepEqual(told(session.step({ type: 'time' }, 3000)), ['send 11#-2'])
    assert.deepEqual(session.step({ type: 'received', bytes: reply(-2) }, 3001), [])
    assert.equal(session.deadline, 6000)
    assert.deepEqual(told(session.step({ type: 'time' }, 6000)), ['send 11#-2'])
    assert.deepEqual(told(session.step({ type: 'time' }, 9001)), ['disconnect', 'state disconnected'])
  })

  test('tries each server once at once, and then again after a pause', () => {
    const servers = ['a', 'b', 'c'].map((host) => ({ host, port: 1 }))
    const session = newSession({ servers })
    const tried = [told(session.step({ type: 'start' }, 0)).at(-1)]
    for (let i = 0; i < 2; i++) {
      session.step({ type: 'lost', reason: 'refused' }, 0)
      assert.equal(session.deadline, 0)
      tried.push(told(session.step({ type: 'time' }, 0)).at(-1))
    }
    assert.deepEqual(
      tried.toSorted((a = '', b = '') => a.localeCompare(b)),
      ['connect a', 'connect b', 'connect c'],
    )
    session.step({ type: 'lost', reason: 'refused' }, 0)
    assert.equal(session.deadline, 100)
  })

  test('does not wait for a server that never answers', () => {
    const session = newSession()
    session.step({ type: 'start' }, 0)
    assert.equal(session.deadline, TIMEOUT_MS)
    assert.deepEqual(told(session.step({ type: 'time' }, TIMEOUT_MS)), ['disconnect', 'state disconnected'])
  })

  test('ends when the server says that the session has expired', () => {
    const session = connected()
    session.step({ type: 'lost', reason: 'gone' }, 0)
    session.step({ type: 'request', request: request('/a') }, 0)
    session.step({ type: 'time' }, 1000)
    session.step({ type: 'opened' }, 1000)
    assert.deepEqual(told(session.step({ type: 'received', bytes: welcome({ timeOut: 0 }) }, 1000)), [
      'disconnect',
      'state expired',
      'reply -112',
    ])
    assert.deepEqual(told(session.step({ type: 'request', request: request('/b') }, 1000)), ['reply -112'])
    assert.equal(session.deadline, undefined)
  })

  test('breaks off a connection whose replies are out of order', () => {
    const session = connected()
    session.step({ type: 'request', request: request('/a') }, 0)
    assert.deepEqual(told(session.step({ type: 'received', bytes: reply(2) }, 0)), [
      'disconnect',
      'state disconnected',
      'reply -4',
    ])
  })

  test('breaks off a connection with a frame beyond the limit', () => {
    const session = connected({ maxBuffer: 1000 })
    const bytes = zeros(4)
    bytes[1] = 1
    assert.deepEqual(told(session.step({ type: 'received', bytes }, 0)), ['disconnect', 'state disconnected'])
  })

  test('reads replies wherever the stream was cut', () => {
    const session = connected()
    for (const path of ['/a', '/b']) session.step({ type: 'request', request: request(path) }, 0)
    const stream = bytesOf(reply(1).toString('hex') + reply(2).toString('hex'), 'hex')
    const effects: SessionEffect[] = []
    for (const byte of stream)
      effects.push(
        ...session.step(
          { type: 'received', bytes: bytesOf([byte].map((b) => b.toString(16).padStart(2, '0')).join(''), 'hex') },
          0,
        ),
      )
    assert.deepEqual(told(effects), ['reply 0', 'reply 0'])
  })

  test('says whether the server is a read-only one', () => {
    const session = newSession({ readOnly: true })
    session.step({ type: 'start' }, 0)
    session.step({ type: 'opened' }, 0)
    const effects = session.step({ type: 'received', bytes: welcome({ readOnly: true }) }, 0)
    assert.deepEqual(told(effects), ['state connectedReadOnly'])
  })

  test('closes by a request, and ends with its answer', () => {
    const session = connected()
    assert.deepEqual(told(session.step({ type: 'close' }, 0)), ['send -11#1'])
    assert.deepEqual(told(session.step({ type: 'request', request: request('/a') }, 0)), ['reply -4'])
    assert.deepEqual(told(session.step({ type: 'received', bytes: reply(1) }, 0)), ['disconnect', 'state closed'])
  })

  test('closed before it began, it stays closed', () => {
    const session = newSession()
    assert.deepEqual(told(session.step({ type: 'close' }, 0)), ['state closed'])
    assert.deepEqual(session.step({ type: 'start' }, 0), [])
  })
})

describe('watches', () => {
  const watcher = (): void => {}

  test('are set by a reply that says so: exists on a missing znode, everything else on one that is there', () => {
    const cases = [
      { kind: 'exists', err: ErrorCode.NONODE, heard: 1 },
      { kind: 'exists', err: 0, heard: 1 },
      { kind: 'data', err: ErrorCode.NONODE, heard: 0 },
      { kind: 'data', err: 0, heard: 1 },
      { kind: 'exists', err: ErrorCode.NOAUTH, heard: 0 },
    ] as const
    for (const { kind, err, heard } of cases) {
      const session = connected()
      session.step({ type: 'request', request: request('/a', { kind, path: '/a', watcher }) }, 0)
      session.step({ type: 'received', bytes: reply(1, { err }) }, 0)
      const effects = session.step({ type: 'received', bytes: event(1, '/a') }, 0)
      assert.deepEqual(told(effects), [`event nodeCreated /a to ${heard}`], `${kind} ${err}`)
    }
  })

  test('are set again after a reconnect, before the requests that waited, with the last zxid seen', () => {
    const session = connected()
    session.watches.add('data', '/a', watcher)
    session.watches.add('persistentRecursive', '/b', watcher)
    session.step({ type: 'request', request: request('/x') }, 0)
    session.step({ type: 'received', bytes: reply(1, { zxid: 77 }) }, 0)
    session.step({ type: 'lost', reason: 'gone' }, 0)
    session.step({ type: 'request', request: request('/y') }, 0)
    session.step({ type: 'time' }, 1000)
    session.step({ type: 'opened' }, 1000)
    const effects = session.step({ type: 'received', bytes: welcome() }, 1000)
    assert.deepEqual(told(effects), ['state connected', 'send 105#-8', 'send 9#2'])
    const renewal = effects[1]
    assert.ok(renewal?.type === 'send')
    const record = SetWatches2Request.read(new Input(renewal.bytes, 12))
    assert.deepEqual([record.relativeZxid, record.dataWatches, record.persistentRecursiveWatches], [77, ['/a'], ['/b']])
  })

  test('go in the older request, which old servers know, where none is persistent', () => {
    const session = connected()
    session.watches.add('children', '/a', watcher)
    assert.deepEqual(told(reconnected(session, 0)), ['state connected', 'send 101#-8'])
  })

  test('go in batches of at most 128 KiB', () => {
    const session = connected()
    for (let i = 0; i < 3000; i++)
      session.watches.add('data', `/${'p'.repeat(95)}${String(i).padStart(4, '0')}`, watcher)
    const sent = reconnected(session, 0).filter((effect) => effect.type === 'send')
    assert.equal(sent.length, 3)
    for (const { bytes } of sent) assert.ok(bytes.length < SET_WATCHES_BYTES + 100)
  })
})

describe('credentials', () => {
  const auth = { scheme: 'digest', auth: bytesOf('a:b'), answer: (): void => {} }

  test('are sent again on every connection, and answered once', () => {
    const session = connected()
    assert.deepEqual(told(session.step({ type: 'auth', auth }, 0)), ['send 100#-4'])
    assert.deepEqual(told(session.step({ type: 'received', bytes: reply(-4, { zxid: 0 }) }, 0)), ['authReply 0'])
    assert.deepEqual(told(reconnected(session, 0)), ['state connected', 'send 100#-4'])
    assert.deepEqual(session.step({ type: 'received', bytes: reply(-4, { zxid: 0 }) }, 2000), [])
  })

  test('that are refused end the session', () => {
    const session = connected()
    session.step({ type: 'auth', auth }, 0)
    const effects = session.step({ type: 'received', bytes: reply(-4, { err: ErrorCode.AUTHFAILED }) }, 0)
    assert.deepEqual(told(effects), ['disconnect', 'state authFailed', 'authReply -115'])
    assert.deepEqual(told(session.step({ type: 'request', request: request('/a') }, 0)), ['reply -115'])
  })

  test('of SASL are exchanged before anything else is sent', () => {
    const sasl = (): { start(): Bytes; step(challenge: Bytes): { token: Bytes | null; done: boolean } } => {
      let steps = 0
      return {
        start: () => bytesOf(''),
        step: () => (++steps === 1 ? { token: bytesOf('answer'), done: false } : { token: null, done: true }),
      }
    }
    const session = newSession({ sasl })
    session.step({ type: 'start' }, 0)
    session.step({ type: 'request', request: request('/a') }, 0)
    session.step({ type: 'opened' }, 0)
    assert.deepEqual(told(session.step({ type: 'received', bytes: welcome() }, 0)), ['state connected', 'send 102#1'])
    assert.deepEqual(told(session.step({ type: 'received', bytes: reply(1, { path: 'challenge' }) }, 0)), [
      'send 102#2',
    ])
    assert.deepEqual(told(session.step({ type: 'received', bytes: reply(2, { path: 'proof' }) }, 0)), [
      'state saslAuthenticated',
      'send 9#3',
    ])
  })
})
