/** Sessions: when they expire, and the handshake (reference 1.3, 1.4 and 1.12). */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { bytesOf, firstSessionId, sessionIdOf, sessionPassword, zeros, zxidOf, type SessionId } from '@meerkat/protocol'
import { Sessions } from '../src/sessions.ts'
import { FIRST_SESSION, TestServer } from './harness.ts'

const TICK = 2000

function makeSessions(): Sessions {
  return new Sessions({ tickMs: TICK, firstId: sessionIdOf(1n) })
}

const ids = (sessions: readonly { id: SessionId }[]) => sessions.map(({ id }) => Number(id)).sort((a, b) => a - b)

suite('A session', () => {
  test('expires at the first tick after its time: (t / tick + 1) * tick of now + timeout', () => {
    for (const now of [0, 1, 1999, 2000, 2001]) {
      const sessions = makeSessions()
      sessions.expire(now)
      const session = sessions.add(sessionIdOf(7n), 5000, now)
      const at = (Math.floor((now + 5000) / TICK) + 1) * TICK
      assert.equal(session.expiresAt, at)
      assert.deepEqual(sessions.expire(at - 1), [])
      assert.deepEqual(ids(sessions.expire(at)), [7])
      assert.deepEqual(sessions.expire(at + 100_000), [])
    }
  })

  test('that is heard of lives on, and is never shortened by a later word with a smaller timeout', () => {
    const sessions = makeSessions()
    const session = sessions.add(sessionIdOf(7n), 10_000, 0)
    sessions.touch(session, 4000, 100)
    assert.equal(session.expiresAt, 12_000)
    sessions.touch(session, 10_000, 5000)
    assert.deepEqual(sessions.expire(15_999), [])
    assert.deepEqual(ids(sessions.expire(16_000)), [7])
  })

  test('that is closing does not expire', () => {
    const sessions = makeSessions()
    sessions.add(sessionIdOf(7n), 4000, 0).closing = true
    assert.deepEqual(sessions.expire(100_000), [])
    assert.equal(sessions.count, 1)
  })

  test('that is removed does not expire, and one that is added twice is one', () => {
    const sessions = makeSessions()
    const session = sessions.add(sessionIdOf(7n), 4000, 0)
    assert.equal(sessions.add(sessionIdOf(7n), 9000, 0), session)
    sessions.add(sessionIdOf(8n), 4000, 0)
    assert.equal(sessions.remove(sessionIdOf(7n)), session)
    assert.equal(sessions.remove(sessionIdOf(7n)), undefined)
    assert.deepEqual(ids(sessions.expire(6000)), [8])
  })

  test('has its whole time anew when the server starts again', () => {
    const sessions = makeSessions()
    sessions.add(sessionIdOf(7n), 4000, 0)
    sessions.restart(100_000)
    assert.deepEqual(sessions.expire(104_000), [])
    assert.deepEqual(ids(sessions.expire(106_000)), [7])
  })
})

test('Sessions are told by the time at which they expire, earliest first', () => {
  const sessions = makeSessions()
  sessions.add(sessionIdOf(1n), 9000, 0)
  sessions.add(sessionIdOf(2n), 4000, 0)
  sessions.add(sessionIdOf(3n), 9500, 0)
  assert.deepEqual(
    sessions.expiry().map(({ atMs, members }) => [atMs, ids(members)]),
    [
      [6000, [2]],
      [10_000, [1, 3]],
    ],
  )
})

test('Session ids are the server id, 40 bits of time and a counter; each is one more than the one before', () => {
  assert.equal(firstSessionId({ elapsedMs: 0x123_4567_89ab, serverId: 3 }), 0x0323_4567_89ab_0000n)
  const server = new TestServer()
  assert.equal(server.connect().session?.sessionId, FIRST_SESSION)
  assert.equal(server.connect().session?.sessionId, FIRST_SESSION + 1n)
})

suite('The handshake', () => {
  test('makes a session by a transaction, and is answered once that is durable', () => {
    const server = new TestServer()
    const client = server.open()
    client.handshake({ timeOut: 7000 })
    assert.equal(client.session, undefined)
    assert.equal(client.connection.state, 'connecting')
    const [logged] = server.take()
    assert.deepEqual(logged?.txn, { type: -10, timeOut: 7000 })
    assert.deepEqual([logged.header.sessionId, logged.header.cxid], [FIRST_SESSION, 0])
    server.durable()
    const answer = client.received[0]
    assert.ok(answer?.kind === 'connected')
    assert.equal(answer.timeOut, 7000)
    assert.ok(answer.passwd?.equals(sessionPassword(FIRST_SESSION)))
  })

  test('is answered with the readOnly byte only if the client sent one', () => {
    const server = new TestServer()
    for (const [readOnly, length, answer] of [
      [undefined, 36, undefined],
      [false, 37, false],
      [true, 37, false],
    ] as const) {
      const client = server.open()
      client.handshake({ readOnly })
      server.commit()
      assert.equal(client.handshakeBytes?.length, 4 + length)
      assert.equal(client.session?.readOnly, answer)
    }
  })

  test('keeps the timeout within the bounds of the server', () => {
    const server = new TestServer()
    const negotiated = (timeOut: number) => server.connect(timeOut).session?.timeOut
    assert.deepEqual([0, -5, 3999, 4001, 40_001, 0x7fff_ffff].map(negotiated), [4000, 4000, 4000, 4001, 40_000, 40_000])
  })

  test('of a client that has seen a zxid from the future is not answered; its connection is closed', () => {
    const server = new TestServer()
    const client = server.open()
    client.handshake({ lastZxidSeen: zxidOf(server.zxid + 1) })
    assert.equal(client.closedBecause, 'client has seen a newer zxid')
    assert.deepEqual(client.received, [])
    const other = server.open()
    other.handshake({ lastZxidSeen: server.zxid })
    server.commit()
    assert.ok(other.session)
  })

  test('with a wrong password is refused: timeout 0, session 0, 16 zero bytes, closed; the session is not harmed', () => {
    const server = new TestServer()
    const owner = server.connect()
    for (const passwd of [zeros(16), bytesOf('short'), null]) {
      const thief = server.open()
      thief.handshake({ sessionId: owner.session?.sessionId ?? FIRST_SESSION, passwd })
      assert.deepEqual([thief.session?.timeOut, thief.session?.sessionId], [0, 0n])
      assert.ok(thief.session?.passwd?.equals(zeros(16)))
      assert.equal(thief.closedBecause, 'session refused')
    }
    assert.equal(owner.connection.state, 'established')
    owner.create('/still-here')
  })

  test('for a session that is gone or closing is refused, though the password is right', () => {
    const server = new TestServer()
    const client = server.connect()
    client.send('closeSession', {})
    const early = server.open()
    early.attach(client)
    assert.equal(early.closedBecause, 'session refused')
    server.commit()
    const late = server.open()
    late.attach(client)
    assert.equal(late.closedBecause, 'session refused')
    const never = server.open()
    const sessionId = sessionIdOf(0x1234n)
    never.handshake({ sessionId, passwd: sessionPassword(sessionId) })
    assert.equal(never.closedBecause, 'session refused')
  })
})

suite('A session on a new connection', () => {
  test('goes on: same id, same ephemerals, a timeout negotiated anew, no transaction', () => {
    const server = new TestServer()
    const client = server.connect()
    client.create('/e', { flags: 1 })
    client.drop()
    const again = server.open()
    again.handshake({
      sessionId: client.session?.sessionId ?? FIRST_SESSION,
      passwd: client.session?.passwd ?? null,
      timeOut: 20_000,
    })
    assert.deepEqual([again.session?.sessionId, again.session?.timeOut], [FIRST_SESSION, 20_000])
    assert.equal(server.take().length, 0)
    assert.deepEqual(again.ok('getEphemerals', { prefixPath: '/' }).ephemerals, ['/e'])
  })

  test('closes the connection that it had', () => {
    const server = new TestServer()
    const client = server.connect()
    const again = server.open()
    again.attach(client)
    assert.equal(client.closedBecause, 'session moved to another connection')
    again.create('/a')
  })

  test('knows nothing of the watches and the identities of the one before', () => {
    const server = new TestServer()
    const client = server.connect()
    client.authenticate('bob:hash')
    client.ok('getData', { path: '/', watch: true })
    const again = server.open()
    again.attach(client)
    assert.ok(server.state.watches.isEmpty)
    assert.equal(again.ok('whoAmI', {}).clientInfo.length, 1)
  })

  test('never gets the replies that the one before waited for', () => {
    const server = new TestServer()
    const client = server.connect()
    client.send('create', { path: '/a', data: null, acl: [], flags: 0 })
    const again = server.open()
    again.attach(client)
    server.commit()
    assert.deepEqual(again.replies, [])
    assert.deepEqual(client.replies, [])
  })
})

suite('The end of a session', () => {
  test('comes when its client is silent for its timeout, with its ephemerals and its connection', () => {
    const server = new TestServer()
    const [client, other] = [server.connect(10_000), server.connect(40_000)]
    client.create('/e', { flags: 1 })
    client.create('/p')
    server.tick(11_999)
    assert.equal(server.take().length, 0)
    server.tick(1)
    server.commit()
    assert.deepEqual(server.last.txn, { type: -11, paths: ['/e'] })
    assert.equal(client.closedBecause, 'session expired')
    assert.equal(other.fails('exists', { path: '/e', watch: false }), 'NONODE')
    assert.equal(other.stat('/p').version, 0)
  })

  test('does not come while requests or pings do', () => {
    const server = new TestServer()
    const client = server.connect(4000)
    for (let i = 0; i < 10; i++) {
      server.tick(3000)
      client.send('ping', {})
    }
    assert.equal(client.connection.state, 'established')
  })

  test('by closeSession is answered, and then the connection is closed', () => {
    const server = new TestServer()
    const client = server.connect()
    client.create('/e', { flags: 1 })
    client.send('create', {
      path: '/f',
      data: null,
      acl: [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }],
      flags: 1,
    })
    client.send('closeSession', {})
    assert.equal(client.closedBecause, undefined)
    server.commit()
    assert.deepEqual(server.last.txn, { type: -11, paths: ['/e', '/f'] })
    assert.deepEqual(
      client.replies.map(({ name, err }) => [name, err]),
      [
        ['create2', 0],
        ['create', 0],
        ['closeSession', 0],
      ],
    )
    assert.equal(client.closedBecause, 'session closed')
    assert.equal(server.state.sessions.count, 0)
  })

  test('is an empty list of paths where it owns nothing, and no record where closeSessionTxn is off', () => {
    const server = new TestServer()
    server.connect().call('closeSession', {})
    assert.deepEqual(server.last.txn, { type: -11, paths: [] })
    const old = new TestServer({ rules: { closeSessionTxnEnabled: false } })
    const client = old.connect()
    client.create('/e', { flags: 1 })
    client.call('closeSession', {})
    assert.deepEqual(old.last.txn, { type: -11, paths: undefined })
    assert.equal(old.connect().fails('exists', { path: '/e', watch: false }), 'NONODE')
  })

  test('begins when its close is in flight: no write behind it happens', () => {
    const server = new TestServer()
    const client = server.connect(10_000)
    client.create('/a')
    server.tick(12_000)
    client.send('setData', { path: '/a', data: null, version: -1 })
    client.send('multi', [{ type: 2, request: { path: '/a', version: -1 } }])
    server.commit()
    assert.deepEqual(
      server.log.slice(-3).map(({ txn }) => (txn.type === -1 ? txn.err : txn.type)),
      [-11, -112, -112],
    )
    assert.equal(client.closedBecause, 'session expired')
    assert.equal(server.connect().stat('/a').version, 0)
  })

  test('takes an ephemeral that another session made anew at the same path only from its owner', () => {
    const server = new TestServer()
    const [first, second] = [server.connect(), server.connect()]
    first.create('/e', { flags: 1 })
    second.ok('delete', { path: '/e', version: -1 })
    second.create('/e', { flags: 1 })
    first.call('closeSession', {})
    assert.equal(second.stat('/e').ephemeralOwner, second.session?.sessionId)
  })
})

suite('Authentication', () => {
  test('that fails is answered AUTHFAILED with zxid 0, and the connection is closed', () => {
    const client = new TestServer().connect()
    client.send('auth', { type: 0, scheme: 'nonsense', auth: null })
    assert.deepEqual(
      client.replies.map(({ xid, zxid, err }) => [xid, zxid, err]),
      [[-4, 0, -115]],
    )
    assert.equal(client.closedBecause, 'authentication failed')
  })

  test('that succeeds is answered at once with zxid 0, and adds an identity once', () => {
    const client = new TestServer().connect()
    for (let i = 0; i < 2; i++) client.send('auth', { type: 0, scheme: 'digest', auth: bytesOf('bob:hash') })
    assert.deepEqual(
      client.replies.map(({ xid, zxid, err }) => [xid, zxid, err]),
      [
        [-4, 0, 0],
        [-4, 0, 0],
      ],
    )
    assert.equal(client.connection.identities.length, 2)
  })

  test('by SASL takes its steps, and adds the identity at its end', () => {
    const client = new TestServer().connect()
    client.send('sasl', { token: bytesOf('first') })
    client.send('sasl', { token: bytesOf('second') })
    assert.deepEqual(
      client.replies.map(({ body }) => body),
      [{ token: bytesOf('more') }, { token: null }],
    )
    assert.deepEqual(client.connection.identities.at(-1), { scheme: 'sasl', id: 'bob' })
  })

  test('by SASL that fails closes the connection, unless such clients are tolerated', () => {
    const client = new TestServer().connect()
    client.send('sasl', { token: bytesOf('tolerated') })
    assert.deepEqual([client.replies.at(-1)?.err, client.closedBecause], [-115, undefined])
    client.send('sasl', { token: bytesOf('wrong') })
    assert.deepEqual([client.replies.at(-1)?.err, client.closedBecause], [-115, 'authentication failed'])
  })

  test('that is demanded and lacking is answered SESSIONCLOSEDREQUIRESASLAUTH, and the connection is closed', () => {
    const server = new TestServer({ mayProceed: () => false })
    const client = server.connect()
    client.send('getData', { path: '/', watch: false })
    assert.equal(client.replies.at(-1)?.err, -124)
    assert.equal(client.closedBecause, 'authentication required')
  })
})

suite('Requests that are none', () => {
  test('an operation that does not exist is answered UNIMPLEMENTED with zxid -1, and the connection is closed', () => {
    const client = new TestServer().connect()
    const frame = client.frame('ping', {}, 5)
    frame[11] = 99
    client.sendBytes(frame)
    assert.deepEqual(
      client.replies.map(({ xid, zxid, err }) => [xid, zxid, err]),
      [[5, -1, -6]],
    )
    assert.equal(client.closedBecause, 'unknown operation')
  })

  test('a frame that is too short for a header closes the connection; what follows it is not read', () => {
    const client = new TestServer().connect()
    client.sendBytes(bytesOf('0000000400000001', 'hex'), client.frame('getData', { path: '/', watch: false }))
    assert.deepEqual(client.replies, [])
    assert.equal(client.closedBecause, 'malformed request')
  })
})

test('Restoring another state closes every connection, and serves the sessions and znodes of that state', () => {
  const other = new TestServer()
  const known = other.connect()
  known.create('/restored')
  const server = new TestServer()
  const client = server.connect()
  client.create('/before')
  client.send('sync', { path: '/' })
  server.engine.restore(other.state)
  server.flush()
  assert.equal(client.closedBecause, 'session expired')
  const again = server.open()
  again.attach(known)
  assert.equal(again.stat('/restored').version, 0)
  assert.equal(again.fails('exists', { path: '/before', watch: false }), 'NONODE')
  assert.equal(server.engine.outstanding, 0)
  again.create('/after')
  assert.deepEqual(server.last.digest, server.state.tree.digest.value)
})
