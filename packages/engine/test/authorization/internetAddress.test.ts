import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isInRange, parseAddressRange } from '../../src/authorization/internetAddress.ts'

function matches(address: string, expression: string): boolean {
  const range = parseAddressRange(expression)
  return range !== null && isInRange(address, range)
}

test('An address matches itself, however its IPv6 form is written', () => {
  assert.ok(matches('10.0.0.1', '10.0.0.1'))
  assert.ok(matches('0:0:0:0:0:0:0:1', '::1'))
  assert.ok(matches('2001:db8:0:0:0:0:0:0', '2001:DB8::'))
  assert.ok(!matches('10.0.0.1', '10.0.0.2'))
})

test('Only the leading bits that the range states count', () => {
  assert.ok(matches('10.1.127.9', '10.1.0.0/17'))
  assert.ok(!matches('10.1.128.9', '10.1.0.0/17'))
  assert.ok(matches('1.2.3.4', '9.9.9.9/0'))
  assert.ok(matches('2001:db8:ffff::1', '2001:db8::/32'))
  assert.ok(!matches('2001:db9::1', '2001:db8::/32'))
  assert.ok(matches('2001:db8::7fff', '2001:db8::/113'))
  assert.ok(!matches('2001:db8::8000', '2001:db8::/113'))
})

test('An address of one family never matches a range of the other', () => {
  assert.ok(!matches('127.0.0.1', '::/0'))
  assert.ok(!matches('0:0:0:0:0:0:0:1', '0.0.0.0/0'))
  assert.ok(!matches('fe80:0:0:0:0:0:0:1%eth0', '::/0'))
})

test('What Apache takes for an address is one, and nothing else', () => {
  const valid = ['1.2.3.4', '1.2.3.4/32', '1.2.3.4/0', '+1.02.3.4', '::', '::/128', '1::', '1:2:3:4:5:6:7:8', '::f/+7']
  const invalid = [
    ...[
      '',
      'localhost',
      '1.2.3',
      '1.2.3.4.5',
      '1.2.3.256',
      '1.2.3.-4',
      '1.2.3.',
      '1.2.3.4/33',
      '1.2.3.4/',
      '1.2.3.4/x',
    ],
    ...[':', '1:2', '1::2::3', ':::', '1:2:3:4:5:6:7::8', '12345::', 'g::', '::1.2.3.4', '::/129', '1:2:3:4:5:6:7:8:9'],
  ]
  for (const text of valid) assert.notEqual(parseAddressRange(text), null, text)
  for (const text of invalid) assert.equal(parseAddressRange(text), null, text)
})
