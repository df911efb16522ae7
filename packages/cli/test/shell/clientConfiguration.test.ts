import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readClientConfiguration } from '../../src/shell/clientConfiguration.ts'

const folder = mkdtempSync(join(tmpdir(), 'meerkat-shell-'))
after(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test('PEM stores become options of TLS', () => {
  const pem = file('store.pem', 'PEM')
  const configuration = file(
    'client.properties',
    [
      '# a comment',
      'zookeeper.client.secure=true',
      `zookeeper.ssl.keyStore.location = ${pem}`,
      'zookeeper.ssl.keyStore.password: secret',
      `zookeeper.ssl.trustStore.location=${pem}`,
    ].join('\n'),
  )
  const bytes = Buffer.from('PEM')
  assert.deepEqual(readClientConfiguration(configuration, {}), {
    tls: { key: bytes, cert: bytes, passphrase: 'secret', ca: bytes },
  })
})

test('without zookeeper.client.secure there is no TLS', () => {
  assert.deepEqual(readClientConfiguration(file('plain.properties', 'jute.maxbuffer=5000'), {}), { maxBuffer: 5000 })
})

test("what Apache's scripts pass to Java counts, and the file counts more", () => {
  const environment = {
    CLIENT_JVMFLAGS: '-Xmx1g -Dzookeeper.client.secure=true -Dzookeeper.ssl.hostnameVerification=false',
    JVMFLAGS: '-Djute.maxbuffer=7',
  }
  const fromFlags = readClientConfiguration(undefined, environment)
  assert.deepEqual([fromFlags.maxBuffer, Object.keys(fromFlags.tls ?? {})], [7, ['checkServerIdentity']])
  const off = file('off.properties', 'zookeeper.client.secure=false\njute.maxbuffer=8')
  assert.deepEqual(readClientConfiguration(off, environment), { maxBuffer: 8 })
})

test('a store that cannot be read is named together with the file that names it', () => {
  const missing = file('bad.properties', 'zookeeper.client.secure=true\nzookeeper.ssl.trustStore.location=/no/such.pem')
  assert.throws(() => readClientConfiguration(missing, {}), /bad\.properties: cannot read \/no\/such\.pem: ENOENT/)
  const jks = file('jks.properties', 'zookeeper.client.secure=true\nzookeeper.ssl.keyStore.location=/a/store.jks')
  assert.throws(() => readClientConfiguration(jks, {}), /store of type JKS: the shell reads PEM and PKCS12/)
})
