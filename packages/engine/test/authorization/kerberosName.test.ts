import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isKerberosName } from '../../src/authorization/kerberosName.ts'

test('A name of SASL is anything without an @, or service[/host]@realm', () => {
  for (const name of ['', 'bob', 'a/b/c', 'bob@REALM', 'zookeeper/host@REALM', '@', '/@']) {
    assert.ok(isKerberosName(name), name)
  }
  for (const name of ['bob@a@b', 'a/b/c@REALM', 'bob@REALM/x']) assert.ok(!isKerberosName(name), name)
})
