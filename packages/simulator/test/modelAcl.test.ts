import { EventType, OpCode, type Acl, type Txn } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CreateRequest, MultiPart, SetAclRequest } from '../src/history/history.ts'
import { mayDo, OPEN, settled, shownTo } from '../src/history/modelAcl.ts'
import { createOf, exists, OTHER, statOf, Story } from './story.ts'

const [ANN, BOB] = ['ann:digest', 'bob:digest']
const NOAUTH: Txn = { type: OpCode.error, err: -102 }

function digest(perms: number, id: string): Acl {
  return { perms, id: { scheme: 'digest', id } }
}

const CREATOR_ALL: Acl[] = [{ perms: 31, id: { scheme: 'auth', id: '' } }]
const READABLE: Acl[] = [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }, digest(31, ANN)]

function create(path: string, acl: readonly Acl[] = OPEN): CreateRequest {
  return { op: 'create', path, data: 'x', mode: 0, ttlMs: -1, acl }
}

function setAcl(acl: readonly Acl[]): SetAclRequest & { txn: Txn } {
  return { op: 'setACL', path: '/a', acl, version: -1, txn: { type: OpCode.setACL, path: '/a', acl, version: 1 } }
}

/** Ann has made /a, and both she and Bob are there. */
function guarded(acl: readonly Acl[]): Story {
  const story = new Story().session(1).identified(1, ANN).session(2, OTHER).identified(2, BOB)
  return story.write(1, create('/a', acl), createOf('/a', 0), { result: { path: '/a' } })
}

test('An entry lets those do something whom it names, and any one entry is enough', () => {
  assert.ok(mayDo(READABLE, 1, []))
  assert.ok(!mayDo(READABLE, 2, [BOB]))
  assert.ok(mayDo(READABLE, 2, [BOB, ANN]))
  assert.ok(mayDo([digest(16, BOB)], 1 | 16, [BOB]))
})

test('What is meant for whoever asks names everybody that the connection has proved to be, and is invalid for nobody', () => {
  assert.deepEqual(settled(CREATOR_ALL, [ANN, BOB]), [digest(31, ANN), digest(31, BOB)])
  assert.equal(settled(CREATOR_ALL, []), undefined)
})

test('Digests are shown to those who may change the ACL', () => {
  assert.deepEqual(shownTo(READABLE, [ANN]), [digest(31, ANN), READABLE[0]])
  assert.deepEqual(shownTo(READABLE, [BOB]), [digest(31, 'ann:x'), READABLE[0]])
})

test('A write that the ACL bars is refused, and no other', () => {
  const request = { op: 'setData', path: '/a', data: 'y', version: -1 } as const
  const done: Txn = { type: OpCode.setData, path: '/a', data: null, version: 1 }
  guarded(READABLE).write(2, request, NOAUTH, { session: OTHER }).breaks()
  guarded(READABLE).write(2, request, done, { session: OTHER }).breaks('permissions')
  guarded(READABLE).write(1, request, done).breaks()
  guarded(READABLE).write(1, request, NOAUTH).breaks('permissions')
})

test('It is the parent that lets znodes be made and deleted, in a multi too', () => {
  guarded(READABLE).write(2, create('/a/b'), NOAUTH, { session: OTHER }).breaks()
  guarded(READABLE).write(2, create('/a/b'), createOf('/a/b', 0), { session: OTHER }).breaks('permissions')
  const remove = { op: 'delete', path: '/a', version: -1 } as const
  guarded(READABLE).write(2, remove, { type: OpCode.delete, path: '/a' }, { session: OTHER }).breaks()

  const parts: readonly MultiPart[] = [create('/b'), create('/a/b')]
  const whole: Txn = { type: OpCode.multi, txns: [createOf('/b', 0), createOf('/a/b', 0)] }
  const failed: Txn = { type: OpCode.multi, txns: [createOf('/b', 0), NOAUTH] }
  const results = { parts: [{ err: 0 }, { err: -102 }] }
  guarded(READABLE).write(2, { op: 'multi', parts }, failed, { session: OTHER, result: results }).breaks()
  const all = { parts: [{ err: 0 }, { err: 0 }] }
  guarded(READABLE).write(2, { op: 'multi', parts }, whole, { session: OTHER, result: all }).breaks('permissions')
})

test('A read that the ACL bars is refused', () => {
  const story = guarded(CREATOR_ALL).read(2, exists('/a', true), { err: -102 })
  story.breaks()
  story.read(2, exists('/a'), { result: { stat: statOf(3) } }).breaks('permissions')
})

test('A change is told to those who may read the znode', () => {
  const path = '/a'
  const watching = (acl: readonly Acl[]): Story => {
    const story = new Story().session(1).identified(1, ANN).session(2, OTHER)
    story.read(2, exists(path, true), { err: -101 })
    return story.write(1, create(path, acl), createOf(path, 0), { result: { path } })
  }
  watching(CREATOR_ALL).breaks()
  watching(CREATOR_ALL).event(2, EventType.nodeCreated, path).breaks('watch events')
  const told = watching(READABLE).event(2, EventType.nodeCreated, path)
  told.read(2, exists(path), { result: { stat: statOf(3) } }).breaks()
})

test('A new ACL counts from its own transaction on; where a former one may be used, either is right', () => {
  const barred = (): Story => {
    const { txn, ...request } = setAcl(READABLE)
    return guarded(OPEN).write(1, request, txn)
  }
  const refused = barred().write(2, create('/a/b'), NOAUTH, { session: OTHER })
  const done = barred().write(2, create('/a/b'), createOf('/a/b', 0), { session: OTHER })
  refused.breaks()
  done.breaks('permissions')
  refused.breaksWith({ mayUseFormerAcls: true })
  done.breaksWith({ mayUseFormerAcls: true })
})

test("An ACL's version is checked, and is its own", () => {
  const { txn, ...request } = setAcl(READABLE)
  const stat = { ...statOf(3), aversion: 1 }
  const once = (): Story => guarded(OPEN).write(1, { ...request, version: 0 }, txn, { result: { stat } })
  once().breaks()
  const again = { ...request, version: 0 }
  once().write(1, again, { type: OpCode.error, err: -103 }).breaks()
  once().write(1, again, txn).breaks('atomicity')
})
