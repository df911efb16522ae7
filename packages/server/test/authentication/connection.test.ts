import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostAddressOf, initialIdentities } from '../../src/authentication/connection.ts'

test('An address is written as Java writes it', () => {
  const addresses = {
    '127.0.0.1': '127.0.0.1',
    '::ffff:10.1.2.3': '10.1.2.3',
    '::1': '0:0:0:0:0:0:0:1',
    '::': '0:0:0:0:0:0:0:0',
    '2001:db8::ff00:42:8329': '2001:db8:0:0:0:ff00:42:8329',
    '2001:0db8:0:0:0:0:0:1': '2001:db8:0:0:0:0:0:1',
    'fe80::1%eth0': 'fe80:0:0:0:0:0:0:1%eth0',
    '64:ff9b::192.0.2.33': '64:ff9b:0:0:0:0:c000:221',
  }
  for (const [given, written] of Object.entries(addresses)) assert.equal(hostAddressOf(given), written)
})

test('A connection without a certificate is known by its address', () => {
  const facts = { remoteAddress: '::1', clientCertificate: null }
  assert.deepEqual(initialIdentities(facts, 'CN=root'), [{ scheme: 'ip', id: '0:0:0:0:0:0:0:1' }])
})
