import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { reasonToInstall } from '../install.mjs'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'install-'))
  mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true })
  writeFileSync(join(root, 'node_modules', '.bin', 'node'), '')
})

afterEach(() => {
  rmSync(root, { recursive: true })
})

const asked = {
  '': {},
  'node_modules/zod': { version: '4.1.0' },
  'node_modules/zod-mac': { version: '1.0.0', optional: true },
}

function write({ lock, installed }: { lock: object; installed: object }): void {
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: lock }))
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: installed }))
}

test('Nothing is installed when all that the lock file asks for is there, but for what is for other platforms.', () => {
  write({ lock: asked, installed: { 'node_modules/zod': { version: '4.1.0' } } })
  assert.equal(reasonToInstall(root), undefined)
})

test('A package of another version than the lock file asks for is a reason to install.', () => {
  write({ lock: asked, installed: { 'node_modules/zod': { version: '4.0.9' } } })
  assert.equal(reasonToInstall(root), 'zod has changed')
})

test('A package that is not there is a reason to install.', () => {
  write({ lock: asked, installed: {} })
  assert.equal(reasonToInstall(root), 'zod has changed')
})

test('A clone without node_modules is a reason to install.', () => {
  rmSync(join(root, 'node_modules'), { recursive: true })
  assert.equal(reasonToInstall(root), 'the first run')
})
