import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PathIndex } from '../../src/tree/pathIndex.ts'

/** A hash in part `part`, whose home is `home` while the part has 64 places. */
const hashOf = (part: number, home: number, rest = 0): number => ((part << 24) | (rest << 6) | home) >>> 0

test('What was added is found by its hash, and nothing else', () => {
  const index = new PathIndex()
  index.add(5, 1)
  assert.equal(
    index.find(5, () => true),
    1,
  )
  assert.equal(
    index.find(6, () => true),
    0,
  )
  assert.equal(
    index.find(5, () => false),
    0,
  )
})

test('Records of one hash are told apart by the caller', () => {
  const index = new PathIndex()
  for (const record of [7, 8, 9]) index.add(hashOf(3, 63), record)
  for (const record of [7, 8, 9])
    assert.equal(
      index.find(hashOf(3, 63), (one) => one === record),
      record,
    )
  index.remove(hashOf(3, 63), 8)
  assert.equal(
    index.find(hashOf(3, 63), (one) => one === 8),
    0,
  )
  assert.equal(
    index.find(hashOf(3, 63), (one) => one === 9),
    9,
  )
})

test('Finds, adds and removes as a Map does, also where hashes are equal, wrap around the end or make it grow', () => {
  // Few homes at the end of one part, so that runs are long and wrap; and hashes spread over all parts.
  const crowded = fc
    .tuple(fc.constantFrom(60, 61, 63, 0, 1), fc.integer({ min: 0, max: 2 }))
    .map(([home, rest]) => hashOf(1, home, rest))
  const spread = fc.integer({ min: 0, max: 0xffff_ffff })
  const action = fc.record({
    hash: fc.oneof({ weight: 4, arbitrary: crowded }, spread),
    remove: fc.boolean(),
    pick: fc.nat(),
  })
  fc.assert(
    fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
      const index = new PathIndex()
      const twin = new Map<number, number>()
      let next = 1
      for (const { hash, remove, pick } of actions) {
        const known = [...twin]
        const chosen = known[pick % Math.max(1, known.length)]
        if (remove && chosen !== undefined) {
          index.remove(chosen[1], chosen[0])
          twin.delete(chosen[0])
        } else {
          index.add(hash, next)
          twin.set(next++, hash)
        }
      }
      for (let record = 1; record < next; record++) {
        const hash = twin.get(record)
        if (hash === undefined)
          for (const { hash } of actions)
            assert.equal(
              index.find(hash, (one) => one === record),
              0,
            )
        else
          assert.equal(
            index.find(hash, (one) => one === record),
            record,
          )
      }
    }),
    { numRuns: 200 },
  )
})

test('A hundred thousand entries are all found, and gone when they are removed', () => {
  const index = new PathIndex()
  const hash = (record: number) => Math.imul(record, 0x9e37_79b1) >>> 0
  for (let record = 1; record <= 100_000; record++) index.add(hash(record), record)
  for (let record = 1; record <= 100_000; record++)
    assert.equal(
      index.find(hash(record), (one) => one === record),
      record,
    )
  for (let record = 1; record <= 100_000; record += 2) index.remove(hash(record), record)
  for (let record = 1; record <= 100_000; record++)
    assert.equal(
      index.find(hash(record), (one) => one === record),
      record % 2 === 0 ? record : 0,
    )
})
