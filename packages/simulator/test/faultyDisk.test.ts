import { readRange, TransactionLog } from '@meerkat/io'
import { bytesOf, zxidOf } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diskCases } from '../../../test/support/diskCases.ts'
import { Chance } from '../src/world/chance.ts'
import { FaultyDisk } from '../src/world/faultyDisk.ts'
import { Machine } from '../src/world/machine.ts'
import { VirtualTime } from '../src/world/virtualTime.ts'

/** A disk whose calls return at once, or that of a machine of its own. */
const PROMPT = { isOver: false, after: (_delayMs: number, run: () => void) => (run(), () => {}) }

diskCases('faulty disk', async () => ({ disk: new FaultyDisk(new Chance(1)).seenBy(PROMPT), root: '/data' }))

async function fileOn(medium: FaultyDisk, mode: 'create' | 'createSynced') {
  const disk = medium.seenBy(PROMPT)
  const file = await disk.open('/data/a', mode)
  return { disk, file }
}

/** What many crashes leave of the file /data/a, each on a disk that `prepare` has written to. */
async function leftovers(
  prepare: (medium: FaultyDisk) => Promise<void>,
  crash: 'killed' | 'powerLost',
): Promise<Set<string>> {
  const found = new Set<string>()
  for (let seed = 1; seed <= 60; seed++) {
    const medium = new FaultyDisk(new Chance(seed))
    await prepare(medium)
    medium[crash]()
    found.add((await medium.seenBy(PROMPT).read('/data/a'))?.toString('latin1') ?? 'no file')
  }
  return found
}

test('What was synced, with its name, is there after a loss of power; the rest may be there or not', async () => {
  const found = await leftovers(async (medium) => {
    const { disk, file } = await fileOn(medium, 'create')
    await file.write(bytesOf('kept'), 0)
    await file.sync()
    await disk.syncDirectory('/data')
    await file.write(bytesOf('-maybe'), 4)
  }, 'powerLost')
  assert.deepEqual([...found].sort(), ['kept', 'kept-maybe'])
})

test('Without a sync of the directory a new file may be gone, however durable its bytes', async () => {
  const found = await leftovers(async (medium) => {
    const { file } = await fileOn(medium, 'createSynced')
    await file.write(bytesOf('kept'), 0)
  }, 'powerLost')
  assert.deepEqual([...found].sort(), ['kept', 'no file'])
})

test('A killed process leaves what it wrote to the operating system, synced or not', async () => {
  const found = await leftovers(async (medium) => {
    const { file } = await fileOn(medium, 'create')
    await file.write(bytesOf('written'), 0)
  }, 'killed')
  assert.deepEqual([...found], ['written'])
})

test('Any of the sectors of a write that was under way may be on the medium', async () => {
  const found = await leftovers(async (medium) => {
    const { disk, file } = await fileOn(medium, 'createSynced')
    await disk.syncDirectory('/data')
    medium.seenBy({ isOver: false, after: () => () => {} })
    await file.write(bytesOf(' '.repeat(1024)), 0)
    const never = await openNever(medium)
    void never.write(bytesOf('a'.repeat(512) + 'b'.repeat(512)), 0)
  }, 'powerLost')
  const shapes = [...found].map((text) => text.slice(511, 513)).sort()
  assert.deepEqual(shapes, ['  ', ' b', 'a ', 'ab'])
})

/** A file whose calls do not return. */
async function openNever(medium: FaultyDisk) {
  let returns = true
  const life = { isOver: false, after: (_delayMs: number, run: () => void) => (returns && run(), () => {}) }
  const file = await medium.seenBy(life).open('/data/a', 'write')
  returns = false
  return file
}

test('What a sync failed to make durable no later sync vouches for', async () => {
  const found = await leftovers(async (medium) => {
    const { disk, file } = await fileOn(medium, 'create')
    await disk.syncDirectory('/data')
    await file.write(bytesOf('doubtful'), 0)
    medium.faults.errorRate = 1
    await assert.rejects(file.sync(), { code: 'EIO' })
    medium.faults.errorRate = 0
    await file.sync()
  }, 'powerLost')
  assert.deepEqual([...found].sort(), ['', 'doubtful'])
})

test('A full disk takes no byte more, but writes within a file', async () => {
  const medium = new FaultyDisk(new Chance(1))
  const { disk, file } = await fileOn(medium, 'create')
  await file.write(bytesOf('12345678'), 0)
  medium.faults.isFull = true
  await file.write(bytesOf('ab'), 2)
  await assert.rejects(file.write(bytesOf('9'), 8), { code: 'ENOSPC' })
  await assert.rejects(disk.open('/data/b', 'create'), { code: 'ENOSPC' })
  assert.equal((await readRange(file, 0, 8)).toString(), '12ab5678')
})

test('Calls of a process that is gone never return and change nothing', async () => {
  const time = new VirtualTime()
  const machine = new Machine(time)
  const medium = new FaultyDisk(new Chance(1))
  const life = machine.begin()
  const log = new TransactionLog({ disk: medium.seenBy(life), clock: life.clock, directory: '/data', preAllocBytes: 0 })
  let isDone = false
  void log.append(bytesOf('a record'), zxidOf(1)).then(() => (isDone = true))
  await time.run(0.005)
  life.end()
  await time.run(1000)
  assert.equal(isDone, false)
  assert.deepEqual(medium.paths(), [])
})
