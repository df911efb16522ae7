import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { ConnectionOptions, Server } from 'node:tls'
import { connect, createServer } from 'node:tls'
import { admitTlsClient } from '../../src/tls/clientAdmission.ts'
import type { StoreSettings } from '../../src/tls/keyStore.ts'
import type { TlsSettings } from '../../src/tls/tlsContext.ts'
import { createTlsContext } from '../../src/tls/tlsContext.ts'
import { watchCertificates } from '../../src/tls/watchCertificates.ts'
import { missingPeer } from '../../../../test/support/peers.ts'
import type { Issued } from './certificates.ts'
import { concatenate, issue, keytool, makeAuthority, openssl } from './certificates.ts'

const PASSWORD = 'changeit'

describe('TLS for clients', { skip: missingPeer('openssl') ?? false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meerkat-tls-'))
  const at = (name: string): string => join(folder, name)
  const certificates = {} as Record<'authority' | 'server' | 'client' | 'elsewhere' | 'stranger', Issued>
  before(() => {
    const authority = makeAuthority(folder, 'authority')
    const strangers = makeAuthority(folder, 'strangers')
    const local = { folder, authority, alternativeNames: 'IP:127.0.0.1' }
    certificates.authority = authority
    certificates.server = issue({ ...local, name: 'server' })
    certificates.client = issue({ ...local, name: 'client' })
    certificates.elsewhere = issue({ folder, authority, name: 'elsewhere', alternativeNames: 'IP:192.0.2.1' })
    certificates.stranger = issue({ folder, authority: strangers, name: 'stranger' })
    concatenate(at('server.pem'), certificates.server.key, certificates.server.certificate)
    concatenate(at('trust.pem'), authority.certificate)
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  const store = (name: string): StoreSettings => ({ location: at(name), password: '', passwordPath: null, type: null })

  function settings(more: Partial<TlsSettings> = {}): TlsSettings {
    return {
      prefix: 'ssl',
      keyStore: store('server.pem'),
      trustStore: store('trust.pem'),
      protocol: null,
      enabledProtocols: [],
      cipherSuites: [],
      clientAuth: 'need',
      crl: false,
      ocsp: false,
      hostnameVerification: true,
      clientHostnameVerification: false,
      allowReverseDnsLookup: false,
      ...more,
    }
  }

  /** A server that says to each client whether it is admitted, and as whom. */
  async function serve(
    more: Partial<TlsSettings>,
    use: (server: Server, port: number) => Promise<void>,
  ): Promise<void> {
    const { serverOptions, clientRules } = await createTlsContext(settings(more))
    const server = createServer(serverOptions, (socket) => {
      socket.on('error', () => undefined)
      void admitTlsClient(socket, clientRules).then((admission) => {
        if ('refusal' in admission) socket.end(`refused: ${admission.refusal}`)
        else if (admission.certificate === null) socket.end('anonymous')
        else socket.end(Buffer.from(admission.certificate).equals(certificates.client.der) ? 'client' : 'another')
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      await use(server, (server.address() as AddressInfo).port)
    } finally {
      server.close()
    }
  }

  function credentials({ key, certificate }: Issued): ConnectionOptions {
    return { key: readFileSync(key), cert: readFileSync(certificate) }
  }

  interface Visit {
    /** What the server said, or the code of the error instead. */
    readonly said: string
    readonly serverCertificate: string
    readonly protocol: string | null
    readonly cipher: string
  }

  function visit(port: number, options: ConnectionOptions = {}): Promise<Visit> {
    return new Promise((resolve) => {
      const ca = readFileSync(certificates.authority.certificate)
      const socket = connect({ host: '127.0.0.1', port, ca, ...options })
      let seen = { serverCertificate: '', protocol: null as string | null, cipher: '' }
      let said = ''
      socket.on('secureConnect', () => {
        const serverCertificate = socket.getPeerX509Certificate()?.fingerprint256 ?? ''
        seen = { serverCertificate, protocol: socket.getProtocol(), cipher: socket.getCipher().standardName }
      })
      socket.on('data', (chunk: Buffer) => (said += chunk.toString()))
      socket.on('error', (error: Error & { code?: string }) => {
        resolve({ said: error.code ?? error.message, ...seen })
      })
      socket.on('close', () => {
        resolve({ said, ...seen })
      })
    })
  }

  async function saidTo(port: number, who: Issued | null, options: ConnectionOptions = {}): Promise<string> {
    return (await visit(port, { ...(who === null ? {} : credentials(who)), ...options })).said
  }

  test('clientAuth need refuses whoever has no trusted certificate', async () => {
    await serve({ clientAuth: 'need' }, async (_server, port) => {
      assert.equal(await saidTo(port, certificates.client), 'client')
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        const admitted = /client|another|anonymous/
        assert.doesNotMatch(await saidTo(port, null, { maxVersion: version }), admitted)
        assert.doesNotMatch(await saidTo(port, certificates.stranger, { maxVersion: version }), admitted)
      }
    })
  })

  test('clientAuth want takes clients without a certificate, but not with a bad one', async () => {
    await serve({ clientAuth: 'want' }, async (_server, port) => {
      assert.equal(await saidTo(port, certificates.client), 'client')
      assert.equal(await saidTo(port, null), 'anonymous')
      assert.match(await saidTo(port, certificates.stranger), /^refused: .*not trusted/)
    })
  })

  test('clientAuth none does not ask', async () => {
    await serve({ clientAuth: 'none', trustStore: null }, async (_server, port) => {
      assert.equal(await saidTo(port, null), 'anonymous')
      assert.equal(await saidTo(port, certificates.stranger), 'anonymous')
    })
  })

  test('clientAuth want without a trust store trusts nobody, not even the public authorities', async () => {
    await serve({ clientAuth: 'want', trustStore: null }, async (_server, port) => {
      assert.equal(await saidTo(port, null), 'anonymous')
      assert.match(await saidTo(port, certificates.client), /^refused/)
    })
  })

  test('A client certificate that belongs to another host is refused when host names are verified', async () => {
    await serve({ clientHostnameVerification: true }, async (_server, port) => {
      assert.equal(await saidTo(port, certificates.client), 'client')
      assert.match(await saidTo(port, certificates.elsewhere), /^refused: .*names neither its address 127\.0\.0\.1/)
    })
    await serve({ clientHostnameVerification: true, hostnameVerification: false }, async (_server, port) => {
      assert.equal(await saidTo(port, certificates.elsewhere), 'another')
    })
  })

  test('PKCS12 and JKS stores serve like PEM', { skip: missingPeer('keytool') ?? false }, async () => {
    const { key, certificate } = certificates.server
    const input = ['-inkey', key, '-in', certificate, '-passout', `pass:${PASSWORD}`]
    openssl('pkcs12', '-export', ...input, '-out', at('server.p12'))
    const from = ['-srckeystore', at('server.p12'), '-srcstorepass', PASSWORD]
    keytool(
      '-importkeystore',
      '-noprompt',
      ...from,
      '-destkeystore',
      at('server.jks'),
      '-deststoretype',
      'JKS',
      '-deststorepass',
      PASSWORD,
    )
    for (const [name, type] of [
      ['trust.p12', 'PKCS12'],
      ['trust.jks', 'JKS'],
    ] as const) {
      const target = ['-keystore', at(name), '-storetype', type, '-storepass', PASSWORD]
      keytool('-importcert', '-noprompt', '-file', certificates.authority.certificate, ...target)
    }
    for (const ending of ['p12', 'jks']) {
      const keyStore = { ...store(`server.${ending}`), password: PASSWORD }
      const trustStore = { ...store(`trust.${ending}`), password: PASSWORD }
      await serve({ keyStore, trustStore }, async (_server, port) => {
        assert.equal(await saidTo(port, certificates.client), 'client')
        assert.doesNotMatch(await saidTo(port, certificates.stranger), /another/)
      })
    }
  })

  test('Only the enabled protocols and cipher suites are spoken', async () => {
    const client = credentials(certificates.client)
    const reached = async (more: Partial<TlsSettings>, options: ConnectionOptions = {}): Promise<string> => {
      let result = ''
      await serve(more, async (_server, port) => {
        const { said, protocol, cipher } = await visit(port, { ...client, ...options })
        result = said === 'client' ? `${String(protocol)} ${cipher}` : 'no'
      })
      return result
    }
    assert.match(await reached({}), /^TLSv1\.3/)
    assert.match(await reached({}, { maxVersion: 'TLSv1.2' }), /^TLSv1\.2/)
    assert.match(await reached({ protocol: 'TLSv1.2' }), /^TLSv1\.2/)
    assert.equal(await reached({ protocol: 'TLSv1.3' }, { maxVersion: 'TLSv1.2' }), 'no')
    const gap = { enabledProtocols: ['TLSv1.1', 'TLSv1.3'] }
    assert.equal(await reached(gap, { maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2' }), 'no')
    const suites = ['TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']
    assert.equal(await reached({ cipherSuites: suites }), 'TLSv1.3 TLS_CHACHA20_POLY1305_SHA256')
    const older = await reached({ cipherSuites: suites }, { maxVersion: 'TLSv1.2' })
    assert.equal(older, 'TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384')
  })

  test(
    'Renewed files are in use without a restart, and broken ones leave everything as it was',
    { timeout: 20_000 },
    async () => {
      const local = { folder, authority: certificates.authority, alternativeNames: 'IP:127.0.0.1' }
      const renewed = issue({ ...local, name: 'renewed' })
      concatenate(at('renewed.pem'), renewed.key, renewed.certificate)
      copyFileSync(at('server.pem'), at('live.pem'))
      const keyStore = store('live.pem')
      await serve({ keyStore }, async (server, port) => {
        const lines: string[] = []
        const seen = async (): Promise<string> =>
          (await visit(port, credentials(certificates.client))).serverCertificate
        const line = async (count: number): Promise<string> => {
          while (lines.length < count) await new Promise((resolve) => setTimeout(resolve, 20))
          return lines[count - 1] ?? ''
        }
        const watch = watchCertificates({
          settings: settings({ keyStore }),
          apply: ({ secureContextOptions }) => {
            server.setSecureContext(secureContextOptions)
          },
          log: { info: (message) => lines.push(`info ${message}`), error: (message) => lines.push(`error ${message}`) },
          intervalMs: 25,
        })
        try {
          const before = await seen()
          writeFileSync(at('live.pem'), 'half a fi')
          assert.match(
            await line(1),
            /^error certificates stay .* ssl\.keyStore\.location .*live\.pem: there is no private key$/,
          )
          assert.equal(await seen(), before)
          copyFileSync(at('renewed.pem'), at('live.pem'))
          assert.match(await line(2), /^info .*ssl\.keyStore/)
          assert.notEqual(await seen(), before)
        } finally {
          watch.close()
        }
      })
    },
  )

  test('Settings that cannot be met are refused with the key to change', async () => {
    const refusals: readonly [more: Partial<TlsSettings>, reason: RegExp][] = [
      [{ keyStore: null }, /^ssl\.keyStore\.location is not set/],
      [{ trustStore: null }, /^ssl\.clientAuth is need, but ssl\.trustStore\.location is not set/],
      [{ crl: true }, /^ssl\.crl is true/],
      [{ ocsp: true }, /^ssl\.ocsp is true/],
      [{ protocol: 'SSLv3' }, /^ssl\.protocol: "SSLv3" is none of TLSv1, /],
      [{ enabledProtocols: ['TLSv1.2', 'TLSv9'] }, /^ssl\.enabledProtocols: "TLSv9"/],
      [{ cipherSuites: ['TLS_RSA_WITH_NULL_MD5'] }, /^ssl\.ciphersuites: .*"TLS_RSA_WITH_NULL_MD5"/],
      [{ keyStore: store('trust.pem') }, /^ssl\.keyStore\.location .*trust\.pem: there is no private key/],
      [{ trustStore: store('none.pem') }, /^ssl\.trustStore\.location .*none\.pem: ENOENT/],
    ]
    for (const [more, reason] of refusals) {
      await assert.rejects(createTlsContext(settings(more)), { code: 'TLS_CONFIGURATION', message: reason })
    }
    writeFileSync(at('empty.pem'), '')
    await assert.rejects(createTlsContext(settings({ trustStore: store('empty.pem') })), /no trusted certificate/)
    concatenate(at('foreign.pem'), certificates.server.key, certificates.client.certificate)
    await assert.rejects(createTlsContext(settings({ keyStore: store('foreign.pem') })), /no certificate that belongs/)
  })
})
