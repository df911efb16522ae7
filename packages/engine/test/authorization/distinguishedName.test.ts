import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDistinguishedName } from '../../src/authorization/distinguishedName.ts'

// Both lists are what Java 17's X500Principal said.
const VALID = [
  ...['', 'CN=bob', 'cn=bob,O=x', 'CN=bob;O=x', 'CN=bob O=x', 'CN=bob, O = x , C= DE', 'CN="a,b", O=x', 'CN=a\\,b'],
  ...['CN=a\\2Cb', 'CN=a\\C3\\A9', 'CN=a\\C3', 'CN=', 'CN=,O=x', 'CN=a+O=b', 'EMAIL=x', 'EMAILADDRESS=x', 'DNQ=x'],
  ...['DNQUALIFIER=x', 'SERIALNUMBER=1', 'S=x', 'ST=x', 'T=x', 'IP=x', 'STREET=x', 'DC=x', 'DC=é', 'UID=x'],
  ...['SURNAME=x', 'GIVENNAME=x', 'INITIALS=x', 'GENERATION=x', '1.2.3=x', '2.5.4.3=x', 'OID.2.5.4.3=x'],
  ...['oid.2.5.4.3=x', '2.5.4.3=#0c0161', 'CN=#0c0161', 'CN=a=b', 'CN=a#b', 'CN=a b', 'CN=  a  b  ', 'CN=a\\ '],
  ...['CN=\\ a', 'CN=日本', 'CN=a\nb', ' CN = a', 'CN=a/b', 'C=Germany', 'CN="a" ', 'CN="a" , O=b', 'CN="a\\"b"'],
  ...['CN="a+b"+O=c', 'CN="a;b"', 'CN="#zz"', 'CN=a\\+b', 'CN=a\\\\', 'CN=\\#a', 'CN=a\\00b', '1.2.3 =x', '2.999=x'],
  ...['2.5.4.99999999999999999999=x', 'CN="",O=x', 'CN="\\2C"', 'L=x', 'OU=x', 'O=x'],
]
const INVALID = [
  ...['CN="a,b', 'CN=a"b', 'CN=a\\zb', 'CN=a\\', 'CN', 'CN=a,', ',CN=a', 'CN=a,,O=b', 'CN=a+', '+CN=a', 'E=foo@bar'],
  ...['SN=x', 'TITLE=x', 'USERID=x', 'FOO=x', '1=x', '3.1=x', '1.40=x', '1.2.=x', '2.5.4.3=#0c016', '2.5.4.3=#zz'],
  ...['CN=#', 'CN=#41', 'CN=a<b', 'CN=a>b', 'CN=a;b', '/CN=a', 'anyone', 'CN="a"b', 'CN=a\\0', '=a', 'C N=a'],
  ...['CN-X=a', '.1=x', '1..2=x', 'CN=a"b,O="c'],
]

test('The names that Java accepts are accepted', () => {
  for (const name of VALID) assert.equal(isDistinguishedName(name), true, name)
})

test('The names that Java refuses are refused', () => {
  for (const name of INVALID) assert.equal(isDistinguishedName(name), false, name)
})

test('A hostile name is judged in linear time', () => {
  const spaces = ' '.repeat(1_000_000)
  const started = process.hrtime.bigint()
  for (const name of [`CN=${spaces}<`, `CN="${spaces}`, `CN=#${spaces}`, `${spaces}<`, `CN${spaces}<`]) {
    assert.equal(isDistinguishedName(name), false)
  }
  assert.ok(process.hrtime.bigint() - started < 2_000_000_000n)
})
