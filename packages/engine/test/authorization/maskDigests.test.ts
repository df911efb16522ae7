import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maskDigests } from '../../src/authorization/maskDigests.ts'

test('The digest of a password is masked, and nothing else', () => {
  const acl = [
    { perms: 31, id: { scheme: 'digest', id: 'bob:D/InIHSb7yEEbrWz8b9l71RjZJU=' } },
    { perms: 1, id: { scheme: 'world', id: 'anyone' } },
    { perms: 1, id: { scheme: 'ip', id: '::1' } },
  ]
  assert.deepEqual(maskDigests(acl), [{ perms: 31, id: { scheme: 'digest', id: 'bob:x' } }, acl[1], acl[2]])
})

test('Each line is masked from its first colon on', () => {
  const [masked] = maskDigests([{ perms: 1, id: { scheme: 'digest', id: 'a:b:c\nd:e\u0085f' } }])
  assert.equal(masked?.id.id, 'a:x\nd:x\u0085f')
})
