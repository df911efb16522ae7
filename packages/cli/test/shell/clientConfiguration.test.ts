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

test('without zookeeper.client.secure there is no TLS', async () => {
  const plain = file('plain.properties', 'jute.maxbuffer=5000\nzookeeper.ssl.trustStore.location=/no/such.pem')
  assert.deepEqual(await readClientConfiguration(plain, {}), { maxBuffer: 5000 })
})

test("what Apache's scripts pass to Java counts, and the file counts more", async () => {
  const environment = {
    CLIENT_JVMFLAGS: '-Xmx1g -Dzookeeper.client.secure=true -Dzookeeper.ssl.hostnameVerification=false',
    JVMFLAGS: '-Djute.maxbuffer=7',
  }
  const fromFlags = await readClientConfiguration(undefined, environment)
  assert.deepEqual([fromFlags.maxBuffer, Object.keys(fromFlags.tls ?? {})], [7, ['checkServerIdentity']])
  const off = file('off.properties', '# a comment\nzookeeper.client.secure = false\njute.maxbuffer: 8')
  assert.deepEqual(await readClientConfiguration(off, environment), { maxBuffer: 8 })
})

test('a store that cannot be used is named together with the file that names it', async () => {
  const problems = [
    [
      'trustStore.location=/no/such.pem',
      /client\.properties: zookeeper\.ssl\.trustStore\.location \/no\/such\.pem: ENOENT/,
    ],
    ['keyStore.location=/no/such', /client\.properties: .*keyStore\.location \/no\/such: the type cannot be told from/],
    ['keyStore.location=a\nzookeeper.ssl.keyStore.type=PKCS7', /keyStore\.type PKCS7 is none of JKS, PEM and PKCS12/],
  ] as const
  for (const [line, problem] of problems) {
    const configuration = file('client.properties', `zookeeper.client.secure=true\nzookeeper.ssl.${line}`)
    await assert.rejects(readClientConfiguration(configuration, {}), problem)
  }
})

const MODULE = 'org.apache.zookeeper.server.auth.DigestLoginModule required'
const JAAS = `
Client { ${MODULE} username="alice" password="\${where}"; };
Other { ${MODULE} username="bob"; };
Kerberos { com.sun.security.auth.module.Krb5LoginModule required; };
`

function jaas(text: string, ...flags: string[]): NodeJS.ProcessEnv {
  const config = `-Djava.security.auth.login.config=${file('client.jaas', text)}`
  return { CLIENT_JVMFLAGS: [config, '-Dwhere=secret', ...flags].join(' ') }
}

test('the section Client of the JAAS file, or the one that is named, is who the shell logs in as', async () => {
  const sasl = { username: 'alice', password: 'secret' }
  assert.deepEqual(await readClientConfiguration(undefined, jaas(JAAS)), { sasl })
  assert.deepEqual(await readClientConfiguration(undefined, jaas(JAAS, '-Dzookeeper.sasl.client=false')), {})
  const named = jaas(JAAS.replace('Client', 'Named'), '-Dzookeeper.sasl.clientconfig=Named')
  assert.deepEqual(await readClientConfiguration(undefined, named), { sasl })
  assert.deepEqual(await readClientConfiguration(undefined, jaas(JAAS.replace('Client', 'Server'))), {})
})

test('a JAAS file that cannot be used is refused with file and line', async () => {
  const problems = [
    [JAAS, 'None', /client\.jaas: there is no section None/],
    [JAAS, 'Other', /client\.jaas:3: .* needs username="…" and password="…"/],
    [JAAS, 'Kerberos', /client\.jaas:4: login module .*Krb5.* is not supported/],
    ['Client {', 'Client', /client\.jaas:1: expected the class of a login module/],
  ] as const
  for (const [text, section, problem] of problems) {
    const environment = jaas(text, `-Dzookeeper.sasl.clientconfig=${section}`)
    await assert.rejects(readClientConfiguration(undefined, environment), problem)
  }
  const missing = { JVMFLAGS: '-Djava.security.auth.login.config=/no/such.jaas' }
  await assert.rejects(readClientConfiguration(undefined, missing), /cannot read \/no\/such\.jaas: ENOENT/)
})
