import { errorCode, readRange, type Disk } from '@meerkat/io'
import { bytesOf, NO_BYTES, zeros } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { test } from 'node:test'

/** What every disk does, the real one and its twins. `make` gives a disk and an empty directory on it. */
export function diskCases(name: string, make: () => Promise<{ disk: Disk; root: string }>): void {
  const written = async (disk: Disk, path: string, text: string): Promise<void> => {
    const file = await disk.open(path, 'create')
    await file.write(bytesOf(text), 0)
    await file.sync()
    await file.close()
  }

  test(`${name}: what is written is read, by range and whole`, async () => {
    const { disk, root } = await make()
    await written(disk, `${root}/a`, 'hello')
    assert.equal((await disk.read(`${root}/a`))?.toString(), 'hello')
    assert.equal(await disk.size(`${root}/a`), 5)
    const file = await disk.open(`${root}/a`, 'read')
    assert.equal((await readRange(file, 1, 3)).toString(), 'ell')
    assert.equal((await readRange(file, 3, 10)).toString(), 'lo')
    assert.equal((await readRange(file, 9, 10)).length, 0)
    await file.close()
  })

  test(`${name}: what is missing is undefined, and cannot be opened`, async () => {
    const { disk, root } = await make()
    assert.equal(await disk.read(`${root}/a`), undefined)
    assert.equal(await disk.size(`${root}/a`), undefined)
    assert.deepEqual(await disk.list(`${root}/none`), [])
    for (const mode of ['read', 'write'] as const) {
      await assert.rejects(disk.open(`${root}/a`, mode), (error) => errorCode(error) === 'ENOENT')
    }
    await disk.remove(`${root}/a`)
  })

  test(`${name}: a gap before a write reads as zeros`, async () => {
    const { disk, root } = await make()
    const file = await disk.open(`${root}/a`, 'createSynced')
    await file.write(bytesOf('x'), 6)
    await file.write(bytesOf('ab'), 1)
    await file.write(NO_BYTES, 20)
    assert.equal(await file.size(), 7)
    assert.equal((await readRange(file, 0, 9)).toString('latin1'), '\0ab\0\0\0x')
    await file.close()
  })

  test(`${name}: opening to write keeps the file, to create empties it`, async () => {
    const { disk, root } = await make()
    await written(disk, `${root}/a`, 'hello')
    const file = await disk.open(`${root}/a`, 'write')
    await file.write(bytesOf('J'), 0)
    await file.truncate(3)
    await file.sync()
    await file.close()
    assert.equal((await disk.read(`${root}/a`))?.toString(), 'Jel')
    await (await disk.open(`${root}/a`, 'create')).close()
    assert.equal(await disk.size(`${root}/a`), 0)
  })

  test(`${name}: truncating beyond the end grows a file with zeros`, async () => {
    const { disk, root } = await make()
    await written(disk, `${root}/a`, 'x')
    const file = await disk.open(`${root}/a`, 'write')
    await file.truncate(4)
    assert.deepEqual((await readRange(file, 1, 9)).equals(zeros(3)), true)
    await file.close()
  })

  test(`${name}: a rename replaces, and an open file keeps its bytes`, async () => {
    const { disk, root } = await make()
    await written(disk, `${root}/a`, 'old')
    await written(disk, `${root}/b`, 'new')
    const file = await disk.open(`${root}/a`, 'read')
    await disk.rename(`${root}/b`, `${root}/a`)
    await disk.syncDirectory(root)
    assert.deepEqual(await disk.list(root), ['a'])
    assert.equal((await disk.read(`${root}/a`))?.toString(), 'new')
    assert.equal((await readRange(file, 0, 3)).toString(), 'old')
    await file.close()
    await disk.remove(`${root}/a`)
    assert.deepEqual(await disk.list(root), [])
  })

  test(`${name}: directories are made with those above them, and listed`, async () => {
    const { disk, root } = await make()
    await disk.makeDirectory(`${root}/x/y`)
    await disk.makeDirectory(`${root}/x/y`)
    await written(disk, `${root}/x/y/a`, 'a')
    assert.deepEqual(await disk.list(`${root}/x/y`), ['a'])
    assert.ok((await disk.freeBytes(root)) > 0)
  })
}
