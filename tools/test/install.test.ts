import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { planInstall } from '../install.mjs'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'install-'))
  mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true })
  writeFileSync(join(root, 'node_modules', '.bin', 'node'), '')
})

afterEach(() => {
  rmSync(root, { recursive: true })
})

const zod = { version: '4.1.0' }
const knip = { version: '6.0.0', dev: true }
const forMac = { version: '1.0.0', optional: true }
const lock = { '': {}, 'node_modules/zod': zod, 'node_modules/knip': knip, 'node_modules/for-mac': forMac }

function install(installed: object): void {
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: lock }))
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: installed }))
}

test('Nothing is installed when all that the lock file asks for is there, but for what is for other platforms.', () => {
  install({ 'node_modules/zod': zod, 'node_modules/knip': knip })
  assert.equal(planInstall(root, { production: false }), undefined)
})

test('A package of another version than the lock file asks for is a reason to install.', () => {
  install({ 'node_modules/zod': { version: '4.0.9' }, 'node_modules/knip': knip })
  assert.deepEqual(planInstall(root, { production: false }), { reason: 'zod is new or has changed', production: false })
})

test('What only development takes is no reason to install before a start.', () => {
  install({ 'node_modules/zod': zod })
  assert.equal(planInstall(root, { production: true }), undefined)
  assert.deepEqual(planInstall(root, { production: false }), {
    reason: 'knip is new or has changed',
    production: false,
  })
})

test('An installation before a start keeps what there is for development.', () => {
  install({ 'node_modules/knip': knip })
  assert.equal(planInstall(root, { production: true })?.production, false)
  install({})
  assert.equal(planInstall(root, { production: true })?.production, true)
})

test('A clone without node_modules is a reason to install.', () => {
  rmSync(join(root, 'node_modules'), { recursive: true })
  assert.deepEqual(planInstall(root, { production: true }), { reason: 'the first run', production: true })
})
