import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { certificateIdentities } from '../../src/authentication/connection.ts'
import { DerError, derElement, derElements } from '../../src/authentication/der.ts'
import { subjectNameOf } from '../../src/authentication/subjectName.ts'
import { missingPeer } from '../../../../test/support/peers.ts'
import { makeAuthority, run } from '../tls/certificates.ts'

const TAG = {
  utf8: 0x0c,
  printable: 0x13,
  t61: 0x14,
  ia5: 0x16,
  general: 0x1b,
  universal: 0x1c,
  bmp: 0x1e,
  integer: 0x02,
}

interface Attribute {
  /** Dotted decimal. */
  readonly type: string
  readonly tag: number
  readonly value: string | Buffer
}

const CN = '2.5.4.3'
const text = (value: string, type = CN, tag = TAG.utf8): Attribute => ({ type, tag, value })

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content])
  return Buffer.concat([Buffer.from([tag, 0x82, content.length >> 8, content.length & 0xff]), content])
}

function objectIdentifier(dotted: string): Buffer {
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt)
  const bytes = [first * 40n + second, ...rest].flatMap((arc) => {
    const groups: number[] = []
    for (let left = arc, last = true; last || left > 0n; left >>= 7n, last = false) {
      groups.unshift(Number(left & 0x7fn) | (last ? 0 : 0x80))
    }
    return groups
  })
  return der(0x06, Buffer.from(bytes))
}

/** The subject of a real certificate is replaced; its signature is then wrong, which does not matter here. */
function withSubject(template: Buffer, name: readonly (readonly Attribute[])[]): Buffer {
  const [toBeSigned, ...signature] = derElements(derElement(template).content)
  const fields = derElements(toBeSigned?.content ?? Buffer.alloc(0)).map(({ encoded }) => encoded)
  const attribute = ({ type, tag, value }: Attribute): Buffer =>
    der(0x30, objectIdentifier(type), der(tag, Buffer.from(value as string)))
  fields[5] = der(0x30, ...name.map((attributes) => der(0x31, ...attributes.map(attribute))))
  return der(0x30, der(0x30, ...fields), ...signature.map(({ encoded }) => encoded))
}

/** The expected texts are what Java 17 wrote. */
const NAMES: readonly [name: (readonly Attribute[])[], written: string][] = [
  [[[text('DE', '2.5.4.6')], [text('Acme', '2.5.4.10')], [text('bob')]], 'CN=bob,O=Acme,C=DE'],
  [[[text('a, b'), text('7', '2.5.4.5')]], 'CN=a\\, b+2.5.4.5=#0c0137'],
  [[[text(' #x=y;<>"\\+ ')]], 'CN=\\ \\#x\\=y\\;\\<\\>\\"\\\\\\+\\ '],
  [[[text('   ')]], 'CN=\\ \\ \\ '],
  [[[text('')]], 'CN='],
  [[[text('Zoë 日本 😀')]], 'CN=Zoë 日本 😀'],
  [[[text('a\0b\nc')]], 'CN=a\\00b\nc'],
  [
    [[text('bob@example.org', '1.2.840.113549.1.9.1', TAG.ia5)]],
    '1.2.840.113549.1.9.1=#160f626f62406578616d706c652e6f7267',
  ],
  [[[text('zk', '0.9.2342.19200300.100.1.1')], [text('org', '0.9.2342.19200300.100.1.25', TAG.ia5)]], 'DC=org,UID=zk'],
  [[[text('x', '2.999.18446744073709551616')]], '2.999.18446744073709551616=#0c0178'],
  [[[{ type: CN, tag: TAG.integer, value: Buffer.from([5]) }]], 'CN=#020105'],
  [[[{ type: CN, tag: TAG.t61, value: Buffer.from('Zo\xeb', 'latin1') }]], 'CN=Zo\ufffd'],
  [[[{ type: CN, tag: TAG.bmp, value: Buffer.from('\0a\0b', 'latin1') }]], 'CN=\\00a\\00b'],
]

describe('The subject of a certificate', { skip: missingPeer('openssl') ?? false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meerkat-subjects-'))
  let template: Buffer = Buffer.alloc(0)
  before(() => {
    template = makeAuthority(folder, 'template').der
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  /** What Java makes of the same certificates. */
  function writtenByJava(certificates: readonly Buffer[]): string[] {
    const files = certificates.map((certificate, i) => {
      writeFileSync(join(folder, `${String(i)}.der`), certificate)
      return join(folder, `${String(i)}.der`)
    })
    const program = join(import.meta.dirname, '../../../../test/support/SubjectNames.java')
    const lines = run('java', [program, ...files])
      .split('\n')
      .slice(0, -1)
    return lines.map((line) => Buffer.from(line, 'base64').toString())
  }

  test('It is written as Java writes it', () => {
    for (const [name, written] of NAMES) assert.equal(subjectNameOf(withSubject(template, name)), written)
  })

  test('Java itself writes the names so', { skip: missingPeer('java') ?? false }, () => {
    const certificates = NAMES.map(([name]) => withSubject(template, name))
    assert.deepEqual(
      writtenByJava(certificates),
      NAMES.map(([, written]) => written),
    )
  })

  test('Random names come out as from Java', { skip: missingPeer('java') ?? false }, () => {
    const types = [CN, '2.5.4.6', '2.5.4.7', '2.5.4.8', '2.5.4.9', '2.5.4.10', '2.5.4.11', '2.5.4.12', '1.2.3.4']
    const attribute = fc.record({
      type: fc.constantFrom(...types),
      tag: fc.constantFrom(TAG.utf8, TAG.printable, TAG.ia5, TAG.t61, TAG.general),
      value: fc.oneof(
        fc.string({ unit: fc.constantFrom(...Array.from(',=+<>#;"\\ \r\n\t\0ab-/?')), maxLength: 8 }),
        fc.string({ unit: 'binary', maxLength: 8 }).filter((value) => value.isWellFormed()),
      ),
    })
    const name = fc.array(fc.array(attribute, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 })
    const certificates = fc.sample(name, 200).map((sampled) => withSubject(template, sampled))
    const ours = certificates.map((certificate) => subjectNameOf(certificate))
    for (const [i, java] of writtenByJava(certificates).entries()) assert.equal(ours[i], java)
  })

  test('A certificate gives an id of scheme x509, and the super user one more', () => {
    const facts = { remoteAddress: '127.0.0.1', clientCertificate: withSubject(template, [[text('root')]]) }
    const identity = { scheme: 'x509', id: 'CN=root' }
    assert.deepEqual(certificateIdentities(facts, null), [identity])
    assert.deepEqual(certificateIdentities(facts, 'CN=root'), [{ scheme: 'super', id: 'CN=root' }, identity])
  })

  test('A certificate as openssl makes it is read', () => {
    assert.equal(subjectNameOf(template), 'CN=template')
    assert.equal(new X509Certificate(readFileSync(join(folder, 'template.crt'))).subject, 'CN=template')
  })

  test('Bytes that are no certificate are refused', () => {
    for (let length = 0; length < template.length; length += 7) {
      assert.throws(() => subjectNameOf(template.subarray(0, length)), DerError)
    }
    assert.throws(() => subjectNameOf(Buffer.from('3003020101', 'hex')), DerError)
  })
})
