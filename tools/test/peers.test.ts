import assert from 'node:assert/strict'
import process from 'node:process'
import { beforeEach, test } from 'node:test'
import { MISSING_PEER, missingPeer, QUICK_VARIABLE, requirePeer } from '../../test/support/peers.ts'

const path = process.env['PATH']
beforeEach(() => {
  process.env['PATH'] = path
  Reflect.deleteProperty(process.env, QUICK_VARIABLE)
})

test('A command that is not there is named as missing.', () => {
  process.env['PATH'] = import.meta.dirname
  assert.equal(missingPeer('java'), `${MISSING_PEER} java: there is no command java`)
})

test('A command that is there is told by its path.', (t) => {
  const python = requirePeer(t, 'python')
  if (python === undefined) return
  assert.match(python, /\/python3$/)
})

test('A quick run has no peers, and that is no missing peer.', () => {
  process.env[QUICK_VARIABLE] = '1'
  assert.equal(missingPeer('java'), 'a quick run has no peers')
})
