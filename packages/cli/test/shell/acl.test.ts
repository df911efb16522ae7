import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isError } from '@meerkat/client'
import { parseAcl } from '../../src/shell/acl.ts'

test('an ACL is entries with commas between them; what cannot be read is reported and left out', () => {
  const problems: string[] = []
  const acl = parseAcl('world:anyone:r,digest:a:b=:cdrwa,ip,auth::wx', (problem) => problems.push(problem))
  assert.deepEqual(acl, [
    { perms: 1, id: { scheme: 'world', id: 'anyone' } },
    { perms: 31, id: { scheme: 'digest', id: 'a:b=' } },
    { perms: 2, id: { scheme: 'auth', id: '' } },
  ])
  assert.deepEqual(problems, ['ip does not have the form scheme:id:perm', 'Unknown perm type: x'])
})

test('an ACL of which nothing is left is not valid', () => {
  assert.throws(
    () => parseAcl('foo', () => {}),
    (error) => isError(error, 'INVALIDACL'),
  )
})
