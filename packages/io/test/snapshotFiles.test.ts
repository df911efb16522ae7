import { asBytes, type Bytes, type SnapshotCompression, zxidOf } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemDisk } from '../src/disk.ts'
import {
  looksValid,
  readSnapshot,
  removeUnfinishedSnapshots,
  snapshotBytes,
  snapshotFiles,
  writeSnapshot,
} from '../src/snapshotFiles.ts'
import { CrashDisk, type CrashKind } from './crashDisk.ts'
import { RecordingTarget, treeSource } from './records.ts'

const DIRECTORY = '/data/version-2'
const COMPRESSIONS: SnapshotCompression[] = ['', 'gz', 'snappy']

function tree(count: number): Map<string, string> {
  const znodes = new Map([['', '']])
  for (let i = 0; i < count; i++) znodes.set(`/n${i}`, `${i}-`.repeat(i % 200))
  return znodes
}

async function put(disk: CrashDisk, path: string, bytes: Bytes): Promise<void> {
  await (await disk.open(path, 'createSynced')).write(bytes, 0)
}

for (const compression of COMPRESSIONS) {
  const kind = compression === '' ? 'plain' : compression
  const name = `snapshot.2a${compression === '' ? '' : `.${compression}`}`

  test(`A snapshot (${kind}) is read as it was written`, async () => {
    const disk = new CrashDisk()
    const znodes = tree(3000)
    const source = treeSource(znodes, zxidOf(43))
    const written = await writeSnapshot({ disk, directory: DIRECTORY, zxid: zxidOf(42), source, compression })
    assert.deepEqual(written, { name, bytes: await disk.size(`${DIRECTORY}/${name}`) })
    assert.equal(await looksValid(disk, `${DIRECTORY}/${name}`), true)
    const target = new RecordingTarget()
    const tail = await readSnapshot({ disk, path: `${DIRECTORY}/${name}`, visitor: target.begin() })
    assert.deepEqual(target.znodes, znodes)
    assert.deepEqual(tail, { digestZxid: 43, digest: { high: 1, low: 0xfffffff2 }, lastZxid: 43 })
  })

  test(`Apache's snapshot (${kind}) is read`, async () => {
    const golden = new URL(`../../protocol/test/golden/${name.replace('2a', 'c')}`, import.meta.url)
    const target = new RecordingTarget()
    const tail = await readSnapshot({ disk: systemDisk, path: fileURLToPath(golden), visitor: target.begin() })
    assert.equal(target.znodes.size, 9)
    assert.equal(tail.digestZxid, 12)
    assert.equal(await looksValid(systemDisk, fileURLToPath(golden)), true)
  })

  test(`A snapshot (${kind}) that is cut anywhere is refused`, async () => {
    const golden = new URL(`../../protocol/test/golden/${name.replace('2a', 'c')}`, import.meta.url)
    const whole = asBytes(readFileSync(golden))
    // The plain one has no digest in its shorter form, which is whole as well.
    const alsoWhole = whole.length - 33
    for (let length = 0; length < whole.length; length += 7) {
      if (compression === '' && length === alsoWhole) continue
      const disk = new CrashDisk()
      await put(disk, `${DIRECTORY}/${name}`, whole.subarray(0, length))
      const visitor = new RecordingTarget().begin()
      await assert.rejects(readSnapshot({ disk, path: `${DIRECTORY}/${name}`, visitor }), Error, `cut at ${length}`)
    }
  })

  test(`A failure while a snapshot (${kind}) is written leaves no file`, async () => {
    for (const failing of ['write', 'sync', 'rename']) {
      const disk = new CrashDisk()
      disk.fault = (operation) => (operation === failing ? 'ENOSPC' : undefined)
      const writing = writeSnapshot({
        disk,
        directory: DIRECTORY,
        zxid: zxidOf(1),
        source: treeSource(tree(9)),
        compression,
      })
      await assert.rejects(writing, { code: 'ENOSPC' })
      assert.deepEqual(await disk.list(DIRECTORY), [])
    }
  })
}

test('A source that fails is the failure of the snapshot, also while it is compressed', async () => {
  for (const compression of COMPRESSIONS) {
    const disk = new CrashDisk()
    const source = { ...treeSource(tree(9)), writeSlice: () => assert.fail('broken tree') }
    const writing = writeSnapshot({ disk, directory: DIRECTORY, zxid: zxidOf(1), source, compression })
    await assert.rejects(writing, /broken tree/)
    assert.deepEqual(await disk.list(DIRECTORY), [])
  }
})

test('A crash between any two operations leaves the old snapshots and no half one', async () => {
  let isWhole = false
  for (let operations = 0; !isWhole; operations++) {
    for (const kind of ['lost', 'torn', 'kept'] satisfies CrashKind[]) {
      const disk = new CrashDisk()
      await writeSnapshot({ disk, directory: DIRECTORY, zxid: zxidOf(1), source: treeSource(tree(5)) })
      disk.failFrom = disk.operations + operations
      const writing = writeSnapshot({ disk, directory: DIRECTORY, zxid: zxidOf(2), source: treeSource(tree(20)) })
      isWhole = await writing.then(
        () => true,
        () => false,
      )
      const after = disk.crashed(kind)
      const files = await snapshotFiles(after, DIRECTORY)
      assert.ok(files.some(({ zxid }) => zxid === 1))
      assert.ok(!isWhole || files.length === 2)
      for (const { name } of files) {
        await readSnapshot({ disk: after, path: `${DIRECTORY}/${name}`, visitor: new RecordingTarget().begin() })
      }
    }
  }
})

test('What an interrupted writing left is removed, and is no snapshot', async () => {
  const disk = new CrashDisk()
  await put(disk, `${DIRECTORY}/writing.snapshot.5`, asBytes(Buffer.from('half')))
  await put(disk, `${DIRECTORY}/snapshot.a`, asBytes(Buffer.from('x')))
  await put(disk, `${DIRECTORY}/snapshot.9.gz`, asBytes(Buffer.from('x')))
  assert.deepEqual(
    (await snapshotFiles(disk, DIRECTORY)).map(({ name }) => name),
    ['snapshot.a', 'snapshot.9.gz'],
  )
  assert.equal(await looksValid(disk, `${DIRECTORY}/snapshot.a`), false)
  assert.equal(await looksValid(disk, `${DIRECTORY}/snapshot.9.gz`), false)
  await removeUnfinishedSnapshots(disk, DIRECTORY)
  assert.equal((await disk.list(DIRECTORY)).length, 2)
})

test('The bytes can be taken without a file', async () => {
  const disk = new CrashDisk()
  await writeSnapshot({ disk, directory: DIRECTORY, zxid: zxidOf(1), source: treeSource(tree(50)) })
  const parts: Uint8Array[] = []
  for await (const chunk of snapshotBytes(treeSource(tree(50)))) parts.push(Uint8Array.from(chunk))
  assert.ok((await disk.read(`${DIRECTORY}/snapshot.1`))?.equals(Buffer.concat(parts)))
})
