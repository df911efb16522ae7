import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GroupPatience } from '../src/groupPatience.ts'

function after(sync: Partial<Parameters<GroupPatience['synced']>[0]>): GroupPatience {
  const patience = new GroupPatience()
  patience.synced({ transactions: 8, gathered: 0, tookMs: 0.4, nowMs: 100, ...sync })
  return patience
}

test('A group waits for as many as were answered with the last one', () => {
  const patience = after({})
  assert.equal(patience.waits(1, 100), true)
  assert.equal(patience.waits(7, 100.1), true)
  assert.equal(patience.waits(8, 100.1), false)
})

test('Those that came during the sync are expected as well', () => {
  const patience = after({ transactions: 6, gathered: 2 })
  assert.equal(patience.waits(6, 100), true)
  assert.equal(patience.waits(8, 100), false)
})

test('It waits for half the time of a sync, and never longer than a millisecond', () => {
  assert.equal(after({}).waits(1, 100.19), true)
  assert.equal(after({}).waits(1, 100.21), false)
  assert.equal(after({ tookMs: 900 }).waits(1, 100.9), true)
  assert.equal(after({ tookMs: 900 }).waits(1, 101.1), false)
})

test('A writer that is alone never waits, nor does the first group', () => {
  assert.equal(after({ transactions: 1 }).waits(1, 100), false)
  assert.equal(new GroupPatience().waits(1, 0), false)
})

test('A clock that stands still does not make it wait for ever', () => {
  const patience = after({})
  let turns = 0
  while (patience.waits(1, 100)) turns++
  assert.ok(turns < 1000)
})

test('Nothing that waits is nothing to wait with', () => {
  assert.equal(after({}).waits(0, 100), false)
})
