import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OPEN_ACL } from '@meerkat/protocol'
import { AclTable, NO_ACCESS, OPEN_ACL_ID } from '../../src/tree/aclTable.ts'
import { aclOf } from '../harness.ts'

const ONE = [aclOf(1, 'ip', '10.0.0.1')]
const TWO = [aclOf(1, 'ip', '10.0.0.1'), aclOf(2, 'digest', 'a:b')]

test('The open ACL is -1 and never in the table', () => {
  const table = new AclTable()
  assert.equal(table.intern([aclOf(31, 'world', 'anyone')]), OPEN_ACL_ID)
  assert.deepEqual(table.get(OPEN_ACL_ID), OPEN_ACL)
  assert.deepEqual([...table.entries()], [])
})

test('Equal lists have one number; another order or another permission is another list', () => {
  const table = new AclTable()
  const id = table.intern(TWO)
  assert.equal(table.intern(structuredClone(TWO)), id)
  assert.notEqual(table.intern(TWO.toReversed()), id)
  assert.notEqual(table.intern([aclOf(3, 'ip', '10.0.0.1')]), table.intern(ONE))
  assert.deepEqual(table.get(id), TWO)
})

test('A list goes with its last use, and its number is not given again', () => {
  const table = new AclTable()
  const id = table.intern(ONE)
  table.use(id)
  table.release(id)
  assert.deepEqual(table.get(id), ONE)
  table.release(id)
  assert.deepEqual(table.get(id), NO_ACCESS)
  assert.equal(table.intern(ONE), id + 1)
  assert.equal(table.lastId, id + 1)
})

test('An entry of a snapshot keeps its number, and goes if no znode uses it', () => {
  const table = new AclTable()
  table.load(41, ONE)
  table.load(7, TWO)
  table.use(7)
  table.dropUnused()
  assert.deepEqual([...table.entries()], [[7, TWO]])
  assert.equal(table.lastId, 41)
  assert.equal(table.intern(TWO), 7)
  assert.equal(table.intern(ONE), 42)
})
