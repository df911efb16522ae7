/** Groups of the log: bounded, whole, and not touched while they are written. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { OpCode, bytesOf, copyOf, sessionIdOf, zxidOf } from '@meerkat/protocol'
import type { LogGroup } from '../../src/index.ts'
import { Proposals } from '../../src/pipeline/proposals.ts'
import { decodeLog } from '../harness.ts'

const MIB = 1024 * 1024

function propose(proposals: Proposals, size: number): void {
  const header = { sessionId: sessionIdOf(1n), cxid: 0, zxid: proposals.nextZxid, time: 0, type: OpCode.setData }
  const txn = { type: OpCode.setData, path: '/', data: bytesOf('x'.repeat(size)), version: 1 }
  proposals.add({ header, txn, digest: undefined, connection: undefined })
}

const zxidsOf = ({ records }: LogGroup) => decodeLog(copyOf(records.written())).map(({ header }) => Number(header.zxid))

test('All that has gathered makes one group, and the next one begins', () => {
  const proposals = new Proposals(zxidOf(10))
  assert.equal(proposals.takeGroup(), undefined)
  for (let i = 0; i < 3; i++) propose(proposals, 10)
  const group = proposals.takeGroup()
  assert.deepEqual([group?.first, group?.last], [11, 13])
  assert.equal(proposals.takeGroup(), undefined)
  propose(proposals, 10)
  assert.equal(proposals.takeGroup()?.first, 14)
})

test('A group takes no more than one record beyond 2 MiB', () => {
  const proposals = new Proposals(zxidOf(0))
  for (let i = 0; i < 9; i++) propose(proposals, MIB - 100)
  const lengths: number[] = []
  for (let group = proposals.takeGroup(); group !== undefined; group = proposals.takeGroup())
    lengths.push(zxidsOf(group).length)
  assert.deepEqual(lengths, [3, 3, 3])
})

test('Every record comes once, in order, in a group that stays as it is until the next one is taken', () => {
  const size = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constantFrom(MIB, 3 * MIB, 70_000))
  const step = fc.oneof({ weight: 4, arbitrary: size }, fc.constant('take' as const))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const proposals = new Proposals(zxidOf(0))
      const written: number[] = []
      let writing: LogGroup | undefined
      let added = 0
      const take = (): boolean => {
        if (writing !== undefined) written.push(...zxidsOf(writing))
        writing = proposals.takeGroup()
        return writing !== undefined
      }
      for (const one of steps) {
        if (one === 'take') take()
        else {
          propose(proposals, one)
          added++
        }
      }
      while (take());
      assert.equal(proposals.gathered, 0)
      assert.deepEqual(
        written,
        Array.from({ length: added }, (_, i) => i + 1),
      )
    }),
    { numRuns: 60 },
  )
})

test('What is dropped is told in order, and its zxids are given again', () => {
  const proposals = new Proposals(zxidOf(0))
  for (let i = 0; i < 4; i++) propose(proposals, 3 * MIB)
  proposals.takeGroup()
  assert.equal(proposals.shift(zxidOf(1))?.header.zxid, 1)
  assert.equal(proposals.shift(zxidOf(1)), undefined)
  assert.deepEqual(
    proposals.reset(zxidOf(1)).map(({ header }) => header.zxid),
    [2, 3, 4],
  )
  assert.ok(proposals.isEmpty)
  assert.equal(proposals.takeGroup(), undefined)
  assert.equal(proposals.nextZxid, 2)
})
