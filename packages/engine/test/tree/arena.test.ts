import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Arena, type Address } from '../../src/tree/arena.ts'

const MIB = 1024 * 1024

function fill(arena: Arena, address: Address, size: number, value: number): void {
  const at = arena.offsetOf(address)
  arena.chunkOf(address).bytes.fill(value, at, at + size)
}

function holds(arena: Arena, address: Address, size: number, value: number): boolean {
  const at = arena.offsetOf(address)
  return arena
    .chunkOf(address)
    .bytes.subarray(at, at + size)
    .every((byte) => byte === value)
}

const measured = new Arena()

/** What a block of this size takes. */
function taken(size: number): number {
  const before = measured.used
  const address = measured.allocate(size)
  const bytes = measured.used - before
  measured.release(address, size)
  return bytes
}

test('Every size gets a block that is large enough, and no more than an eighth or 16 bytes too large', () => {
  for (const size of [
    0,
    1,
    15,
    16,
    17,
    511,
    512,
    513,
    576,
    577,
    1023,
    1024,
    1025,
    65_537,
    MIB - 1,
    MIB,
    MIB + 1,
    9 * MIB,
  ]) {
    const block = taken(size)
    assert.ok(block >= size && block <= Math.max(size + 16, Math.ceil(size * 1.126)), `${size} takes ${block}`)
  }
  for (let size = 0; size < 5000; size++) assert.ok(taken(size) >= size && taken(size) <= taken(size + 1))
})

test('A block fits exactly the sizes of its class', () => {
  const arena = new Arena()
  for (let size = 0; size < 3000; size++) {
    assert.ok(arena.fits(size, size))
    assert.equal(arena.fits(size, size + 1), taken(size) === taken(size + 1), String(size))
  }
})

test('Address 0 is never given, since it means none', () => {
  const arena = new Arena()
  for (let i = 0; i < 100; i++) assert.notEqual(arena.allocate(0), 0)
})

test('A block that was released is the next one given for its class', () => {
  const arena = new Arena()
  for (const size of [5, 500, 5000, MIB]) {
    const first = arena.allocate(size)
    const second = arena.allocate(size)
    arena.release(first, size)
    arena.release(second, size)
    assert.deepEqual([arena.allocate(size), arena.allocate(size)], [second, first])
  }
})

test('Blocks above the size of a chunk have memory of their own, which goes when they are released', () => {
  const arena = new Arena()
  const large = arena.allocate(3 * MIB)
  assert.ok(arena.chunkOf(large).bytes.length >= 3 * MIB)
  arena.release(large, 3 * MIB)
  assert.equal(arena.chunkOf(large), undefined)
  assert.equal(arena.allocate(2 * MIB), large)
})

test('What is left of a chunk is used for smaller blocks', () => {
  const arena = new Arena()
  const first = arena.allocate(16)
  arena.allocate(MIB)
  const small = arena.allocate(512)
  assert.ok(arena.chunkOf(small) === arena.chunkOf(first))
})

test('Blocks never overlap and keep what is in them, whatever is allocated and released', () => {
  const size = fc.oneof(
    fc.integer({ min: 0, max: 600 }),
    fc.integer({ min: 0, max: 20_000 }),
    fc.constantFrom(MIB - 1, MIB, MIB + 1, MIB / 2 + 1),
  )
  const action = fc.oneof(
    { weight: 3, arbitrary: fc.record({ size }) },
    { weight: 2, arbitrary: fc.record({ release: fc.nat() }) },
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const arena = new Arena()
      const blocks: { address: Address; size: number; value: number }[] = []
      let used = 0
      for (const [i, one] of actions.entries()) {
        if ('size' in one) {
          const block = { address: arena.allocate(one.size), size: one.size, value: i & 0xff }
          fill(arena, block.address, block.size, block.value)
          blocks.push(block)
          used += taken(one.size)
        } else if (blocks.length > 0) {
          const [block] = blocks.splice(one.release % blocks.length, 1)
          assert.ok(block !== undefined)
          arena.release(block.address, block.size)
          used -= taken(block.size)
        }
      }
      assert.equal(arena.used, used)
      for (const { address, size, value } of blocks) assert.ok(holds(arena, address, size, value))
      assert.equal(new Set(blocks.map(({ address }) => address)).size, blocks.length)
    }),
    { numRuns: 60 },
  )
})
