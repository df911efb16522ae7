import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { concatenate, issue, keytool, makeAuthority, openssl } from '../../packages/server/test/tls/certificates.ts'
import { apache } from '../support/apache.ts'
import { meerkat } from '../support/meerkat.ts'
import { missingPeer } from '../support/peers.ts'
import { freePort } from '../support/ports.ts'
import type { ServerUnderTest, StartServer } from '../support/server-process.ts'

const door = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'meerkat.js')
const sasl = join(import.meta.dirname, 'sasl')

interface Ran {
  readonly output: string
  readonly errors: string
  readonly exitCode: number | string
}

/** One command of the shell, with properties as zkCli would take them. */
function shell(port: number, properties: Readonly<Record<string, string>>, ...command: string[]): Promise<Ran> {
  const flags = Object.entries(properties).map(([key, value]) => `-D${key}=${value}`)
  const env = { ...process.env, CLIENT_JVMFLAGS: flags.join(' ') }
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [door, 'shell', '-server', `127.0.0.1:${port}`, ...command],
      { env },
      (error, output, errors) => resolve({ output, errors, exitCode: error?.code ?? 0 }),
    )
  })
}

for (const [name, start, skip] of [
  ['Meerkat', meerkat, false],
  ['Apache ZooKeeper', apache('3.9.4'), missingPeer('apache-3.9.4') ?? false],
] as const) {
  describe(`The shell's credentials towards ${name}`, { skip }, () => {
    let server: ServerUnderTest | undefined
    before(async () => {
      server = await start({
        config: { 'authProvider.1': 'org.apache.zookeeper.server.auth.SASLAuthenticationProvider' },
        jvmFlags: [`-Djava.security.auth.login.config=${join(sasl, 'server.jaas')}`],
      })
    })
    after(() => server?.dispose())

    function as(section: string, ...command: string[]): Promise<Ran> {
      const file = { 'java.security.auth.login.config': join(sasl, 'client.jaas') }
      return shell(server?.port ?? 0, { ...file, 'zookeeper.sasl.clientconfig': section }, ...command)
    }

    it('are those of the section of the JAAS file', async () => {
      const created = await as('Alice', 'create', '/alice', 'a', 'sasl:alice:cdrwa')
      assert.deepEqual([created.exitCode, created.errors], [0, 'Created /alice\n'])
      const got = await as('Alice', 'get', '/alice')
      assert.match(got.output, /WatchedEvent state:SaslAuthenticated .*\na\n$/s)
      const other = await as('Bob', 'get', '/alice')
      assert.deepEqual([other.exitCode, other.errors], [1, 'Insufficient permission : /alice\n'])
    })

    it('are refused with the wrong password', async () => {
      const { exitCode, errors } = await as('Mistaken', 'ls', '/')
      assert.deepEqual([exitCode, errors], [1, 'KeeperErrorCode = AuthFailed for /\n'])
    })
  })
}

const PASSWORD = 'opensesame'

describe(
  "The shell's stores",
  { skip: missingPeer('openssl') ?? missingPeer('keytool') ?? missingPeer('apache-3.9.4') ?? false },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'meerkat-shell-tls-'))
    const at = (file: string): string => join(folder, file)
    const servers: { readonly secure: number; readonly server: ServerUnderTest }[] = []
    after(async () => {
      for (const { server } of servers) await server.dispose()
      rmSync(folder, { recursive: true, force: true })
    })

    before(async () => {
      const authority = makeAuthority(folder, 'authority', 'rsa')
      concatenate(at('trust.pem'), authority.certificate)
      for (const name of ['server', 'user']) {
        const own = issue({ folder, name, authority, kind: 'rsa', alternativeNames: 'IP:127.0.0.1' })
        concatenate(at(`${name}.pem`), own.key, own.certificate)
        const to = ['-out', at(`${name}.p12`), '-passout', `pass:${PASSWORD}`, '-name', name]
        openssl('pkcs12', '-export', '-inkey', own.key, '-in', own.certificate, ...to)
      }
      const trusted = [
        '-importcert',
        '-alias',
        'a',
        '-file',
        authority.certificate,
        '-storepass',
        PASSWORD,
        '-noprompt',
      ]
      keytool(...trusted, '-keystore', at('trust.p12'), '-storetype', 'PKCS12')
      keytool(...trusted, '-keystore', at('trust.jks'), '-storetype', 'JKS')
      const from = ['-srckeystore', at('user.p12'), '-srcstoretype', 'PKCS12', '-srcstorepass', PASSWORD]
      const to = ['-destkeystore', at('user.jks'), '-deststoretype', 'JKS', '-deststorepass', PASSWORD, '-noprompt']
      keytool('-importkeystore', ...from, ...to)
      for (const start of [meerkat, apache('3.9.4')]) servers.push(await startSecure(start))
    })

    async function startSecure(start: StartServer): Promise<(typeof servers)[number]> {
      const secure = await freePort()
      const server = await start({
        config: {
          secureClientPort: secure,
          secureClientPortAddress: '127.0.0.1',
          'ssl.keyStore.location': at('server.p12'),
          'ssl.keyStore.password': PASSWORD,
          'ssl.trustStore.location': at('trust.p12'),
          'ssl.trustStore.password': PASSWORD,
        },
        jvmFlags: ['-Dzookeeper.serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory'],
      })
      return { secure, server }
    }

    const stores = (type: string, password = PASSWORD): Record<string, string> => ({
      'zookeeper.client.secure': 'true',
      'zookeeper.ssl.keyStore.location': at(`user.${type}`),
      'zookeeper.ssl.keyStore.password': password,
      'zookeeper.ssl.trustStore.location': at(`trust.${type}`),
      'zookeeper.ssl.trustStore.password': password,
    })

    for (const type of ['pem', 'p12', 'jks']) {
      it(`are those of ${type} files, towards either server`, async () => {
        for (const { secure, server } of servers) {
          const { output, errors, exitCode } = await shell(secure, stores(type), 'whoami')
          assert.deepEqual([exitCode, errors], [0, ''], `${server.name}: ${errors}`)
          assert.match(output, /x509: CN=user/, server.name)
        }
      })
    }

    it('are not opened by a wrong password, and that is said', async () => {
      const { errors, exitCode } = await shell(servers[0]?.secure ?? 0, stores('jks', 'guessed'), 'ls', '/')
      assert.equal(exitCode, 1)
      assert.match(errors, /^CLIENT_JVMFLAGS: zookeeper\.ssl\.keyStore\.location .*user\.jks: .+\n$/)
    })
  },
)
