import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { errorCode, systemDisk } from '../src/disk.ts'
import { CrashDisk } from './crashDisk.ts'
import { diskCases } from '../../../test/support/diskCases.ts'

const made: string[] = []
after(async () => {
  for (const directory of made) await rm(directory, { recursive: true })
})

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'meerkat-disk-'))
  made.push(directory)
  return directory
}

diskCases('system disk', async () => ({ disk: systemDisk, root: await temporaryDirectory() }))
diskCases('crash disk', async () => ({ disk: new CrashDisk(), root: '/data' }))

test('A file where a directory should be is an error, not an empty directory', async () => {
  const root = await temporaryDirectory()
  await (await systemDisk.open(join(root, 'a'), 'create')).close()
  await assert.rejects(systemDisk.list(join(root, 'a')), (error) => errorCode(error) === 'ENOTDIR')
})

test('Only an error of the system has a code', () => {
  assert.equal(errorCode(new Error('x')), undefined)
  assert.equal(errorCode('ENOSPC'), undefined)
})
