import { bytesOf } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEpoch, writeEpoch } from '../src/epochs.ts'
import { CrashDisk, type CrashKind } from './crashDisk.ts'

test('An epoch is digits and nothing else, as Apache writes it', async () => {
  const disk = new CrashDisk()
  assert.equal(await readEpoch(disk, '/data', 'currentEpoch'), undefined)
  await writeEpoch(disk, '/data', 'currentEpoch', 12)
  assert.equal((await disk.read('/data/currentEpoch'))?.toString(), '12')
  assert.equal(await readEpoch(disk, '/data', 'currentEpoch'), 12)
})

test('A crash between any two operations leaves the old epoch or the new one', async () => {
  let isWhole = false
  for (let operations = 0; !isWhole; operations++) {
    for (const kind of ['lost', 'torn', 'kept'] satisfies CrashKind[]) {
      const disk = new CrashDisk()
      await writeEpoch(disk, '/data', 'acceptedEpoch', 9)
      disk.failFrom = disk.operations + operations
      const writing = writeEpoch(disk, '/data', 'acceptedEpoch', 10)
      isWhole = await writing.then(
        () => true,
        () => false,
      )
      const epoch = await readEpoch(disk.crashed(kind), '/data', 'acceptedEpoch')
      assert.ok(epoch === 10 || (!isWhole && epoch === 9), `${epoch} after ${operations}, ${kind}`)
    }
  }
})

test('What is not a number is refused with its file', async () => {
  const disk = new CrashDisk()
  await (await disk.open('/data/currentEpoch', 'create')).write(bytesOf('7x'), 0)
  await assert.rejects(readEpoch(disk, '/data', 'currentEpoch'), /\/data\/currentEpoch, byte 0: '7x' is not an epoch/)
})
