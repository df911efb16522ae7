import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { StoreContents, StoreSettings } from '../../src/tls/keyStore.ts'
import { readStore, storeFiles, TlsConfigurationError } from '../../src/tls/keyStore.ts'
import { missingPeer } from '../../../../test/support/peers.ts'
import type { Issued, KeyKind } from './certificates.ts'
import { concatenate, issue, keytool, makeAuthority, openssl } from './certificates.ts'

const PASSWORD = 'geheim $x'

function read(location: string, more: Partial<StoreSettings> = {}): Promise<StoreContents> {
  return readStore({ location, password: PASSWORD, passwordPath: null, type: null, ...more }, 'ssl.keyStore')
}

function assertHolds(contents: StoreContents, { key, der }: Issued): void {
  assert.equal(contents.identities.length, 1)
  const [identity] = contents.identities
  assert.ok(identity !== undefined)
  assert.ok(identity.key.equals(createPrivateKey(readFileSync(key))))
  assert.ok(identity.chain.some((certificate) => certificate.equals(der)))
}

function assertTrusts(contents: StoreContents, ...authorities: readonly Issued[]): void {
  assert.deepEqual(
    contents.trusted.map((der) => der.toString('hex')).sort(),
    authorities.map(({ der }) => der.toString('hex')).sort(),
  )
}

describe('Key and trust stores', { skip: missingPeer('openssl') ?? false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meerkat-stores-'))
  const at = (name: string): string => join(folder, name)
  const issued = {} as Record<KeyKind | 'authority', Issued>
  before(() => {
    issued.authority = makeAuthority(folder, 'authority')
    for (const kind of ['rsa', 'ec'] as const)
      issued[kind] = issue({ folder, name: kind, authority: issued.authority, kind })
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  test('A PEM file holds a key and its chain in any order, with other text between', async () => {
    writeFileSync(at('text'), 'Bag Attributes\n  friendlyName: zk\n')
    const { key, certificate } = issued.ec
    const file = concatenate(at('pem.pem'), issued.authority.certificate, at('text'), key, at('text'), certificate)
    assertHolds(await read(file), issued.ec)
    assertTrusts(await read(issued.authority.certificate, { type: 'PEM' }), issued.authority)
  })

  test('A PEM store may be several files', async () => {
    const { key, certificate } = issued.rsa
    assertHolds(await read(`${key}, ${certificate}`, { type: 'PEM' }), issued.rsa)
    const settings = { location: `${key}, ${certificate}`, password: '', passwordPath: null, type: 'PEM' } as const
    assert.deepEqual(storeFiles(settings, 'ssl.keyStore'), [key, certificate])
  })

  test('Encrypted PEM keys are read in the forms of PKCS8 and in the traditional one', async () => {
    for (const kind of ['rsa', 'ec'] as const) {
      const encryptions = {
        modern: ['pkcs8', '-topk8', '-v2', 'aes-256-cbc'],
        triple: ['pkcs8', '-topk8', '-v1', 'PBE-SHA1-3DES'],
        traditional: kind === 'rsa' ? ['rsa', '-traditional', '-aes128'] : ['ec', '-aes128'],
      }
      for (const [name, [command = '', ...options]] of Object.entries(encryptions)) {
        const key = at(`${kind}-${name}.key`)
        openssl(command, ...options, '-in', issued[kind].key, '-passout', `pass:${PASSWORD}`, '-out', key)
        const file = concatenate(at(`${kind}-${name}.pem`), key, issued[kind].certificate)
        assertHolds(await read(file), issued[kind])
        await assert.rejects(read(file, { password: 'wrong' }), /ssl\.keyStore\.location .*the password is wrong/)
        await assert.rejects(read(file, { password: '' }), /encrypted and there is no password/)
      }
    }
  })

  test('PKCS12 stores of openssl are read, of today and of yesterday', async () => {
    for (const kind of ['rsa', 'ec'] as const) {
      for (const [name, options] of Object.entries({ modern: [], legacy: ['-legacy'], plain: ['-keypbe', 'NONE'] })) {
        const file = at(`${kind}-${name}.p12`)
        const { key, certificate } = issued[kind]
        const input = ['-inkey', key, '-in', certificate, '-certfile', issued.authority.certificate]
        openssl('pkcs12', '-export', ...options, ...input, '-passout', `pass:${PASSWORD}`, '-out', file)
        const contents = await read(file)
        assertHolds(contents, issued[kind])
        assertTrusts(contents, issued.authority)
        await assert.rejects(read(file, { password: 'wrong' }), /the password is wrong/)
      }
    }
  })

  test('A PKCS12 store of nothing but certificates is a trust store', async () => {
    const file = at('trust.p12')
    const input = ['-nokeys', '-in', issued.authority.certificate, '-passout', `pass:${PASSWORD}`]
    openssl('pkcs12', '-export', ...input, '-out', file)
    const contents = await read(file)
    assertTrusts(contents, issued.authority)
    assert.equal(contents.identities.length, 0)
  })

  test('The password may come from a file, whose last line end does not count', async () => {
    const file = at('rsa-modern.p12')
    writeFileSync(at('password'), `${PASSWORD}\n`)
    assertHolds(await read(file, { password: 'not this one', passwordPath: at('password') }), issued.rsa)
    await assert.rejects(read(file, { passwordPath: at('none') }), /ssl\.keyStore\.passwordPath: ENOENT/)
  })

  test(
    'A store of keytool is read, JKS and PKCS12, by any of the two names',
    { skip: missingPeer('keytool') ?? false },
    async () => {
      for (const type of ['JKS', 'PKCS12', 'pkcs12'] as const) {
        for (const kind of ['rsa', 'ec'] as const) {
          const file = at(`keytool-${kind}-${type}.jks`)
          const from = ['-srckeystore', at(`${kind}-modern.p12`), '-srcstoretype', 'PKCS12', '-srcstorepass', PASSWORD]
          const to = ['-destkeystore', file, '-deststoretype', type, '-deststorepass', PASSWORD]
          keytool('-importkeystore', '-noprompt', ...from, ...to)
          assertHolds(await read(file), issued[kind])
          assertHolds(await read(file, { type: 'PKCS12' }), issued[kind])
          await assert.rejects(read(file, { password: 'wrong' }), /the password is wrong/)
          await assert.rejects(read(file, { password: '' }), /the password is wrong/)
        }
      }
    },
  )

  test(
    'A trust store of keytool trusts the certificates imported as such',
    { skip: missingPeer('keytool') ?? false },
    async () => {
      const other = makeAuthority(folder, 'other', 'rsa')
      for (const type of ['JKS', 'PKCS12']) {
        const file = at(`trust-${type}.jks`)
        for (const [alias, authority] of Object.entries({ one: issued.authority, two: other })) {
          const store = ['-keystore', file, '-storetype', type, '-storepass', PASSWORD]
          keytool('-importcert', '-noprompt', '-alias', alias, '-file', authority.certificate, ...store)
        }
        const contents = await read(file)
        assertTrusts(contents, issued.authority, other)
        assert.equal(contents.identities.length, 0)
      }
    },
  )

  test('A damaged store is refused', { skip: missingPeer('keytool') ?? false }, async () => {
    for (const file of ['keytool-rsa-JKS.jks', 'keytool-rsa-PKCS12.jks']) {
      const bytes = readFileSync(at(file))
      for (const place of [40, bytes.length >> 1, bytes.length - 5]) bytes[place] = (bytes[place] ?? 0) ^ 1
      writeFileSync(at('damaged.jks'), bytes)
      await assert.rejects(read(at('damaged.jks')), TlsConfigurationError)
      writeFileSync(at('damaged.jks'), bytes.subarray(0, 100))
      await assert.rejects(read(at('damaged.jks')), TlsConfigurationError)
    }
  })

  test('What cannot be read is refused with the reason', async () => {
    writeFileSync(at('text.jks'), 'hello, this is text')
    writeFileSync(at('jceks.jks'), Buffer.from('cececece00000002', 'hex'))
    await assert.rejects(read(at('text.jks')), /neither a JKS nor a PKCS12/)
    await assert.rejects(read(at('jceks.jks')), /JCEKS/)
    await assert.rejects(read(at('store.bcfks')), /BCFKS .* convert/)
    await assert.rejects(read(at('store.p12'), { type: 'BCFKS' }), /BCFKS/)
    await assert.rejects(read(at('store.pfx')), /ssl\.keyStore\.type to JKS, PEM or PKCS12/)
    await assert.rejects(read(at('missing.jks')), /ssl\.keyStore\.location .*missing\.jks: ENOENT/)
  })
})
