import { EventType, OpCode, type Txn } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Entry, Result, WriteRequest } from '../src/history/history.ts'
import { judge } from '../src/history/judge.ts'

import { createOf, exists, MISSING, OTHER, SESSION, statOf, Story } from './story.ts'

test('A history in which all is right has no violation', () => {
  new Story()
    .session(1)
    .read(1, exists('/a', true), MISSING)
    .session(2, OTHER)
    .create(2, '/b', { session: OTHER })
    .read(1, exists('/a'), MISSING)
    .breaks()
})

test('An answered write that is not in the log is lost', () => {
  const story = new Story().session(1).create(1, '/a')
  story.log.pop()
  story.breaks('durability')
})

test('A write that was cut off may be in the log or not', () => {
  const story = new Story().session(1)
  const xid = story.call(1, { op: 'create', path: '/a', data: 'x', mode: 0, ttlMs: -1 })
  story.breaks()
  story.logged(createOf('/a', 0), { cxid: xid }).breaks()
})

test('A request in the log twice is once too often', () => {
  const story = new Story().session(1).create(1, '/a')
  const last = story.log.at(-1)
  assert.ok(last)
  story.logged({ type: OpCode.error, err: -110 }, { cxid: last.header.cxid })
  story.breaks('once only', 'durability', 'atomicity')
})

test('A transaction that nobody asked for has no place in the log', () => {
  new Story().session(1).logged(createOf('/a', 0)).breaks('asked for')
})

test('A znode that is no empty container may not go by itself', () => {
  const story = new Story().session(1).create(1, '/a')
  story.logged({ type: OpCode.deleteContainer, path: '/a' }).breaks('asked for')
})

test('A gap in the log is a loss', () => {
  const story = new Story().session(1).create(1, '/a').create(1, '/b')
  story.log.splice(1, 1)
  story.breaks('log order', 'durability')
})

test('A reply that shows a zxid beyond the log shows what is not durable', () => {
  new Story()
    .session(1)
    .read(1, exists('/a'), { ...MISSING, zxid: 9 })
    .breaks('only what is durable')
})

test('A read must show what there is at its zxid', () => {
  const story = new Story().session(1).create(1, '/a')
  story.read(1, exists('/a'), { result: { stat: statOf(2) } }).breaks()
  story.read(1, exists('/a'), MISSING).breaks('reads are of one state')
})

test('A session that moved may not see less than before', () => {
  const story = new Story().session(1).create(1, '/a')
  story
    .connect(2)
    .read(2, exists('/a'), { ...MISSING, zxid: 1 })
    .breaks('monotonic reads')
})

test('A write that begins after another was answered has the larger zxid', () => {
  const story = new Story().session(1)
  const early = story.call(1, { op: 'create', path: '/a', data: 'x', mode: 0, ttlMs: -1 })
  story.session(2, OTHER).create(2, '/b', { session: OTHER })
  const late = story.call(1, { op: 'create', path: '/c', data: 'x', mode: 0, ttlMs: -1 })
  story.logged(createOf('/a', 0), { cxid: early }).logged(createOf('/c', 0), { cxid: late }).breaks()
  story.log.splice(2, 3)
  story.logged(createOf('/c', 0), { cxid: late }).logged(createOf('/b', 0), { session: OTHER, cxid: 2 })
  story.breaks('durability', 'real time')
})

test('A sync shows at least what was complete before', () => {
  const story = new Story().session(1).session(2, OTHER).create(1, '/a')
  story.read(2, { op: 'sync', path: '/' }, { zxid: 2 }).breaks('sync')
})

test('Replies come in the order of the requests', () => {
  const story = new Story().session(1)
  const [first, second] = [story.call(1, exists('/a')), story.call(1, exists('/b'))]
  story.reply(1, second, MISSING).reply(1, first, MISSING).breaks('session order')
})

test('An event comes before the reply that shows its change, once, and to nobody else', () => {
  const watching = (): Story => new Story().session(1).session(2, OTHER).read(1, exists('/a', true), MISSING)
  const shown = { result: { stat: statOf(3) } }
  const created = watching().create(2, '/a', { session: OTHER })
  created.event(1, EventType.nodeCreated, '/a').read(1, exists('/a'), shown).breaks()
  created.event(1, EventType.nodeCreated, '/a').breaks('watch events')
  watching().create(2, '/a', { session: OTHER }).read(1, exists('/a'), shown).breaks('events before data')
  watching().create(2, '/a', { session: OTHER }).event(2, EventType.nodeCreated, '/a').breaks('watch events')
})

test('A multi is whole or nothing, in the log and in its reply', () => {
  const parts = [
    { op: 'create', path: '/a', data: 'x', mode: 0, ttlMs: -1 },
    { op: 'delete', path: '/missing', version: -1 },
  ] as const
  const asked = (txns: Txn[], errors: number[]): Story => {
    const story = new Story().session(1)
    const xid = story.call(1, { op: 'multi', parts })
    const result = { parts: errors.map((err) => ({ err })) }
    return story.logged({ type: OpCode.multi, txns }, { cxid: xid }).reply(1, xid, { result })
  }
  const failed: Txn = { type: OpCode.error, err: -101 }
  asked([createOf('/a', 0), failed], [0, -101]).breaks()
  asked([createOf('/a', 0), { type: OpCode.delete, path: '/missing' }], [0, -101]).breaks('atomicity')
  asked([createOf('/a', 0), failed], [0, 0]).breaks('atomicity')
})

test('Ephemerals go with their session, and nobody is served whose session is over', () => {
  const story = new Story().session(1).create(1, '/e', { mode: 1 }).session(2, OTHER)
  story
    .logged({ type: OpCode.closeSession, paths: ['/e'] })
    .read(2, exists('/e'), MISSING)
    .breaks()
  story.read(1, exists('/e'), MISSING).breaks('ephemerals and sessions')
})

test("Behind its session's end a write is nothing but an error, in the ways of either server", () => {
  const part = { op: 'create', path: '/a', data: '', mode: 0, ttlMs: -1 } as const
  const late = (request: WriteRequest, txn: Txn, reply: { err?: number; result?: Result }): Story => {
    const story = new Story().session(1).logged({ type: OpCode.closeSession, paths: [] })
    const xid = story.call(1, request)
    return story.logged(txn, { cxid: xid }).reply(1, xid, reply)
  }
  const error = (err: number): Txn => ({ type: OpCode.error, err })
  late(part, error(-112), { err: -112 }).breaks()
  late(part, error(-12), { err: -12 }).breaks()
  late(part, error(-101), { err: -101 }).breaks('atomicity')
  late(part, createOf('/a', 0), {}).breaks('atomicity')
  late({ op: 'closeSession' }, { type: OpCode.closeSession, paths: [] }, {}).breaks()
  late({ op: 'closeSession' }, { type: OpCode.closeSession, paths: ['/a'] }, {}).breaks('atomicity')
  const multi = { op: 'multi', parts: [part, part] } as const
  const errorsOf = (first: number, second: number) => ({ result: { parts: [{ err: first }, { err: second }] } })
  late(multi, { type: OpCode.multi, txns: [error(-112), error(-2)] }, errorsOf(-112, -2)).breaks()
  late(multi, { type: OpCode.multi, txns: [error(-2), error(-112)] }, errorsOf(-2, -112)).breaks('atomicity')
})

test("A read is refused with SESSIONEXPIRED only where the session's end is in the log", () => {
  const story = new Story().session(1).read(1, exists('/a'), { err: -112 })
  story.breaks('reads are of one state')
  story.logged({ type: OpCode.closeSession, paths: [] }).breaks()
})

test('At the end the sessions of those who live are open, and no others', () => {
  const { entries, log } = new Story().session(1).session(2, OTHER)
  assert.deepEqual(judge({ entries, log, alive: new Set([SESSION, OTHER]) }), [])
  const [violation] = judge({ entries, log, alive: new Set([SESSION]) })
  assert.match(violation?.text ?? '', /session 0x8 is gone, and the session was never closed/)
})

test('A session may not be over before its timeout has passed', () => {
  const story = new Story().session(1).read(1, exists('/a'), MISSING)
  const refused = (atMs: number): Entry[] => [
    ...story.entries,
    { kind: 'refused', atMs, connection: 2, session: SESSION },
  ]
  assert.deepEqual(judge({ entries: refused(1000), log: story.log }), [])
  const [violation] = judge({ entries: refused(999), log: story.log })
  assert.equal(violation?.guarantee, 'session timeout')
})

test('The digest in the log is compared with that of the model', () => {
  const story = new Story().session(1)
  const first = story.log[0]
  assert.ok(first)
  // Of an empty tree, as Apache's first transaction has it.
  story.log[0] = { ...first, digest: { high: 0, low: 0x51c6d660 } }
  story.breaks()
  story.log[0] = { ...first, digest: { high: 0, low: 0x51c6d661 } }
  story.breaks('digest')
})
