/** Building the state from Apache's own files and from logs of ours (reference 2.7, 2.11, 3.6, A.1 and A.3). */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import type { LoggedTxn, Txn } from '@meerkat/protocol'
import { FILE_HEADER_SIZE, SnapshotReader, bytesOf, copyOf, sessionIdOf, zxidOf } from '@meerkat/protocol'
import type { Recovery } from '../src/index.ts'
import { DigestLog } from '../src/index.ts'
import { OPEN, TestServer, aclOf, decodeLog, freshRecovery } from './harness.ts'
import { checkTree, digestOf } from './tree/dump.ts'

const golden = (name: string) => copyOf(readFileSync(new URL(`../../protocol/test/golden/${name}`, import.meta.url)))

/** The twelve records of a log that Apache 3.8.0 wrote; zeros follow. */
function goldenLog(): LoggedTxn[] {
  return decodeLog(golden('log.1').subarray(FILE_HEADER_SIZE))
}

function replay(recovery: Recovery, txns: readonly LoggedTxn[]): void {
  for (const txn of txns) recovery.replay(txn)
}

let zxid = 0
function logged(txn: Txn, options: { sessionId?: bigint; zxid?: number } = {}): LoggedTxn {
  zxid = options.zxid ?? zxid + 1
  const header = {
    sessionId: sessionIdOf(options.sessionId ?? 1n),
    cxid: 0,
    zxid: zxidOf(zxid),
    time: zxid,
    type: txn.type,
  }
  return { header, txn, digest: undefined }
}

function creation(path: string, parentCVersion: number, data = ''): Txn {
  return { type: 1, path, data: bytesOf(data), acl: OPEN, ephemeral: false, parentCVersion }
}

suite('A new server', () => {
  test('has /, /zookeeper, /zookeeper/quota and /zookeeper/config, with all stat fields 0 and empty data', () => {
    const { tree } = freshRecovery().finish()
    const znodes = checkTree(tree)
    assert.deepEqual([...znodes.keys()], ['/', '/zookeeper', '/zookeeper/config', '/zookeeper/quota'])
    for (const [path, { stored, data }] of znodes) {
      assert.equal(data, '')
      const { aversion, ...rest } = stored
      assert.equal(aversion, path === '/zookeeper/config' ? -1 : 0)
      for (const value of Object.values(rest)) assert.equal(Number(value), 0, path)
    }
  })

  test('lets anyone do anything, but only read the configuration', () => {
    const { tree } = freshRecovery().finish()
    assert.deepEqual(tree.aclOf(tree.find('/')), OPEN)
    assert.deepEqual(tree.aclOf(tree.find('/zookeeper/quota')), OPEN)
    assert.deepEqual(tree.aclOf(tree.find('/zookeeper/config')), [aclOf(1, 'world', 'anyone')])
  })

  test('has the digest 1371985504, as in the first transaction of an Apache log', () => {
    const { tree, outstanding } = freshRecovery().finish()
    assert.deepEqual(tree.digest.value, { high: 0, low: 1_371_985_504 })
    assert.deepEqual(outstanding.digest.value, { high: 0, low: 1_371_985_504 })
    assert.deepEqual(goldenLog()[0]?.digest, { high: 0, low: 1_371_985_504 })
  })

  test('counts the znode /zookeeper in the digest, and nothing below it', () => {
    const znodes = checkTree(freshRecovery().finish().tree)
    const only = (path: string) => digestOf(new Map([...znodes].filter(([one]) => one === path))).low
    assert.equal(only('/'), 68_323_592)
    assert.equal(only('/zookeeper'), 1_303_661_912)
    assert.equal(only('/zookeeper/quota'), 0)
  })
})

suite("Apache's own log", () => {
  test('replays to the digest that Apache wrote after each transaction', () => {
    const recovery = freshRecovery()
    const txns = goldenLog()
    assert.equal(txns.length, 12)
    for (const one of txns) {
      recovery.replay(one)
      if (one.digest !== undefined) assert.deepEqual(recovery.state.tree.digest.value, one.digest)
      checkTree(recovery.state.tree)
    }
    assert.equal(recovery.mismatches, 0)
  })

  test("replays over Apache's snapshot to the same tree", () => {
    const txns = goldenLog()
    const recovery = freshRecovery()
    const reader = new SnapshotReader(recovery.begin())
    reader.read(golden('snapshot.c'))
    const tail = reader.finish()
    recovery.loaded(zxidOf(0xc), tail)
    assert.deepEqual(recovery.state.tree.digest.value, tail.digest)
    const through = txns.filter(({ header }) => header.zxid <= 0xc)
    const fromLog = freshRecovery()
    replay(fromLog, through)
    assert.deepEqual(checkTree(recovery.state.tree), checkTree(fromLog.state.tree))
    replay(recovery, txns.slice(through.length))
    assert.equal(recovery.mismatches, 0)
  })
})

suite('A replay', () => {
  test('counts a digest that does not match, and goes on', () => {
    const recovery = freshRecovery()
    recovery.replay({ ...logged(creation('/a', 1), { zxid: 1 }), digest: { high: 1, low: 2 } })
    assert.equal(recovery.mismatches, 1)
    assert.equal(checkTree(recovery.finish().tree).has('/a'), true)
  })

  test('takes a parentCVersion of -1, of a server before 3.3.3, as one more than now', () => {
    const recovery = freshRecovery()
    replay(recovery, [logged(creation('/a', -1), { zxid: 1 }), logged(creation('/b', -1))])
    assert.equal(checkTree(recovery.state.tree).get('/')?.stored.cversion, 2)
  })

  test('gives a znode that is there already the ACL of its create, and its parent the larger cversion', () => {
    const recovery = freshRecovery()
    const acl = [aclOf(1, 'ip', '1.2.3.4')]
    replay(recovery, [
      logged(creation('/a', 1), { zxid: 1 }),
      logged({ type: 1, path: '/a', data: bytesOf('x'), acl, ephemeral: false, parentCVersion: 7 }),
      logged({ type: 1, path: '/a', data: bytesOf('x'), acl, ephemeral: false, parentCVersion: 3 }),
    ])
    const znodes = checkTree(recovery.state.tree)
    assert.deepEqual(znodes.get('/a')?.acl, acl)
    assert.equal(znodes.get('/a')?.data, '')
    assert.equal(znodes.get('/')?.stored.cversion, 7)
    assert.equal(znodes.get('/')?.stored.pzxid, 2)
  })

  test('lets the delete of a znode that is gone already raise the pzxid of its parent', () => {
    const recovery = freshRecovery()
    replay(recovery, [logged({ type: 2, path: '/a' }, { zxid: 5 }), logged({ type: 2, path: '/gone/a' })])
    assert.equal(checkTree(recovery.state.tree).get('/')?.stored.pzxid, 5)
  })

  test('ignores a change of what is not there', () => {
    const recovery = freshRecovery()
    replay(recovery, [
      logged({ type: 5, path: '/a', data: null, version: 3 }, { zxid: 1 }),
      logged({ type: 7, path: '/a', acl: OPEN, version: 3 }),
      logged(creation('/a/b', 1)),
    ])
    assert.equal(checkTree(recovery.finish().tree).size, 4)
  })

  test('reads a failed multi as nothing', () => {
    const recovery = freshRecovery()
    const parts: Txn[] = [creation('/a', 1), { type: -1, err: -101 }, { type: -1, err: -2 }]
    replay(recovery, [logged({ type: 14, txns: parts }, { zxid: 1 })])
    assert.equal(checkTree(recovery.state.tree).has('/a'), false)
    assert.equal(recovery.state.tree.lastZxid, 1)
  })

  test('closes a session by what is there where the transaction names no paths', () => {
    const recovery = freshRecovery()
    replay(recovery, [
      logged({ type: -10, timeOut: 5000 }, { zxid: 1, sessionId: 9n }),
      logged({ ...creation('/e', 1), ephemeral: true } as Txn, { sessionId: 9n }),
      logged({ type: -11, paths: undefined }, { sessionId: 9n }),
    ])
    assert.equal(checkTree(recovery.state.tree).has('/e'), false)
    assert.equal(recovery.state.sessions.count, 0)
  })

  test('makes the reserved znodes that the snapshot of an old server lacks', () => {
    const recovery = freshRecovery()
    const visitor = recovery.begin()
    const bytes = copyOf(new Uint8Array(60))
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    visitor.znode(bytes, view, { pathStart: 0, pathEnd: 0, dataStart: -1, dataEnd: -1, aclId: -1, stat: 0 })
    recovery.loaded(zxidOf(1), undefined)
    assert.ok(checkTree(recovery.finish().tree).has('/zookeeper/config'))
  })
})

suite('A server that starts again', () => {
  test('has what was durable, and gives its sessions their whole time anew', () => {
    const before = new TestServer()
    const client = before.connect(10_000)
    client.create('/e', { flags: 1 })
    client.send('create', { path: '/lost', data: null, acl: OPEN, flags: 0 })
    const recovery = freshRecovery()
    replay(recovery, before.log)
    const after = new TestServer({ state: recovery.finish() })
    assert.equal(after.zxid, before.zxid)
    const again = after.open()
    again.attach(client)
    assert.equal(again.stat('/e').ephemeralOwner, client.session?.sessionId)
    assert.equal(again.fails('exists', { path: '/lost', watch: false }), 'NONODE')
    after.tick(11_000)
    assert.equal(again.connection.state, 'established')
  })

  test('removes ephemerals whose session is not there, before it serves', () => {
    const recovery = freshRecovery()
    replay(recovery, [logged({ ...creation('/e', 1), ephemeral: true } as Txn, { zxid: 1, sessionId: 77n })])
    const server = new TestServer({ state: recovery.finish() })
    server.commit()
    assert.equal(checkTree(server.state.tree).has('/e'), false)
    assert.equal(server.last.header.sessionId, 77n)
  })
})

test('The digest log keeps one digest every 128 transactions, at most 1024 of them', () => {
  const { state } = freshRecovery()
  const log = new DigestLog()
  for (let zxid = 1; zxid <= 128 * 1100; zxid++) log.note(zxidOf(zxid), state)
  assert.equal(log.entries.length, 1024)
  assert.equal(log.entries.at(-1)?.zxid, 128 * 1100)
  assert.equal(log.entries[0]?.zxid, 128 * 77)
})
