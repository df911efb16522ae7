import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { ZooKeeper, type TlsOptions } from '@meerkat/client'
import {
  concatenate,
  issue,
  keytool,
  makeAuthority,
  openssl,
  type Issued,
} from '../../packages/server/test/tls/certificates.ts'
import { javaClassPath, peersDirectory, quickJvm } from '../support/apache.ts'
import { meerkat } from '../support/meerkat.ts'
import { missingPeer } from '../support/peers.ts'
import { freePort } from '../support/ports.ts'
import { fourLetterWord, type ServerUnderTest } from '../support/server-process.ts'

const PASSWORD = 'opensesame'
const USER = 'CN=zoo user,O=Meerkat'

describe(
  'Clients over TLS',
  { concurrency: 2, skip: missingPeer('openssl') ?? missingPeer('keytool') ?? false },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'meerkat-tls-'))
    const at = (name: string): string => join(folder, name)
    let [authority, server, user, stranger]: Issued[] = []
    let stores: Record<'pem' | 'p12' | 'jks', { key: string; trust: string }>

    before(() => {
      authority = makeAuthority(folder, 'authority')
      server = issue({ folder, name: 'server', authority, kind: 'rsa', alternativeNames: 'IP:127.0.0.1,DNS:localhost' })
      user = issue({ folder, name: 'user', authority, kind: 'rsa', subject: '/O=Meerkat/CN=zoo user' })
      stranger = issue({ folder, name: 'stranger', authority: makeAuthority(folder, 'other'), kind: 'ec' })
      concatenate(at('server.pem'), server.key, server.certificate)
      toPkcs12('server', server)
      toPkcs12('user', user)
      const store = ['-storepass', PASSWORD, '-noprompt']
      for (const [type, name] of [
        ['PKCS12', 'trust.p12'],
        ['JKS', 'trust.jks'],
      ] as const) {
        keytool(
          '-importcert',
          '-alias',
          'a',
          '-file',
          authority.certificate,
          '-keystore',
          at(name),
          '-storetype',
          type,
          ...store,
        )
      }
      const from = ['-srckeystore', at('server.p12'), '-srcstoretype', 'PKCS12', '-srcstorepass', PASSWORD]
      const to = ['-destkeystore', at('server.jks'), '-deststoretype', 'JKS', '-deststorepass', PASSWORD, '-noprompt']
      keytool('-importkeystore', ...from, ...to)
      stores = {
        pem: { key: at('server.pem'), trust: concatenate(at('trust.pem'), authority.certificate) },
        p12: { key: at('server.p12'), trust: at('trust.p12') },
        jks: { key: at('server.jks'), trust: at('trust.jks') },
      }
    })
    after(() => rmSync(folder, { recursive: true, force: true }))

    function toPkcs12(name: string, { key, certificate }: Issued): void {
      const to = ['-out', at(`${name}.p12`), '-passout', `pass:${PASSWORD}`, '-name', name]
      openssl('pkcs12', '-export', '-inkey', key, '-in', certificate, ...to)
    }

    type Secured = ServerUnderTest & { readonly secure: number }

    async function start(
      test: TestContext,
      settings: Readonly<Record<string, string | number | boolean>> = {},
      kind: keyof typeof stores = 'pem',
    ): Promise<Secured> {
      const secure = await freePort()
      const { key, trust } = stores[kind]
      const started = await meerkat({
        config: {
          secureClientPort: secure,
          secureClientPortAddress: '127.0.0.1',
          'ssl.keyStore.location': key,
          'ssl.keyStore.password': PASSWORD,
          'ssl.trustStore.location': trust,
          'ssl.trustStore.password': PASSWORD,
          ...settings,
        },
      })
      test.after(() => started.dispose())
      return { ...started, secure }
    }

    function open(
      port: number,
      identity: Issued | undefined,
      more: TlsOptions = {},
      sessionTimeoutMs = 10_000,
    ): Promise<ZooKeeper> {
      const ca = authority === undefined ? '' : readFileSync(authority.certificate)
      const own = identity && { key: readFileSync(identity.key), cert: readFileSync(identity.certificate) }
      return ZooKeeper.connect({ servers: `127.0.0.1:${port}`, sessionTimeoutMs, tls: { ca, ...own, ...more } })
    }

    async function assertRefused(port: number, identity: Issued | undefined): Promise<void> {
      await assert.rejects(open(port, identity, {}, 1000), { name: 'CONNECTIONLOSS' })
    }

    const identitiesOf = async (client: ZooKeeper): Promise<string[]> =>
      (await client.whoAmI()).map(({ authScheme, user: id }) => `${authScheme ?? ''}:${id ?? ''}`).toSorted()

    for (const kind of ['pem', 'p12', 'jks'] as const) {
      it(`come in with a certificate, where key and trust store are ${kind} files`, async (test) => {
        const { secure } = await start(test, {}, kind)
        const client = await open(secure, user)
        test.after(() => client.close())
        assert.deepEqual(await identitiesOf(client), ['ip:127.0.0.1', `x509:${USER}`])
        await client.create('/a', Buffer.alloc(500_000, 'x'))
        assert.equal((await client.getData('/a')).data?.length, 500_000)
        await Promise.all([assertRefused(secure, undefined), assertRefused(secure, stranger)])
      })
    }

    it('come in without a certificate where none is asked for, and are not who they say', async (test) => {
      const { secure } = await start(test, { 'ssl.clientAuth': 'none' })
      for (const identity of [undefined, user, stranger]) {
        const client = await open(secure, identity)
        assert.deepEqual(await identitiesOf(client), ['ip:127.0.0.1'])
        await client.close()
      }
    })

    it('come in with none or a good one where it is wanted', async (test) => {
      const { secure } = await start(test, { 'ssl.clientAuth': 'want' })
      const [plain, known] = [await open(secure, undefined), await open(secure, user)]
      test.after(() => Promise.all([plain.close(), known.close()]))
      assert.deepEqual(await identitiesOf(plain), ['ip:127.0.0.1'])
      assert.deepEqual(await identitiesOf(known), ['ip:127.0.0.1', `x509:${USER}`])
      await assertRefused(secure, stranger)
    })

    it('are held to ACLs of their certificate, except for the superuser', async (test) => {
      const acl = [{ perms: 31, id: { scheme: 'x509', id: USER } }]
      const { secure, port } = await start(test, { 'ssl.clientAuth': 'want' })
      const [plain, known] = [await open(secure, undefined), await open(secure, user)]
      const clear = await ZooKeeper.connect({ servers: `127.0.0.1:${port}` })
      test.after(() => Promise.all([plain.close(), known.close(), clear.close()]))
      await known.create('/mine', 'secret', { acl })
      assert.equal(String((await known.getData('/mine')).data), 'secret')
      for (const other of [plain, clear]) {
        await assert.rejects(other.getData('/mine'), { name: 'NOAUTH' })
        await assert.rejects(other.setData('/mine', 'taken'), { name: 'NOAUTH' })
      }
      const own = await known.create('/own', '', { acl: [{ perms: 31, id: { scheme: 'auth', id: '' } }] })
      assert.deepEqual(
        (await known.getACL(own)).acl.map(({ id }) => id.id),
        [USER],
      )

      const { secure: guarded } = await start(test, { 'X509AuthenticationProvider.superUser': USER })
      const root = await open(guarded, user)
      test.after(() => root.close())
      assert.deepEqual(await identitiesOf(root), ['ip:127.0.0.1', `super:${USER}`, `x509:${USER}`])
      await root.create('/others', '', { acl: [{ perms: 1, id: { scheme: 'digest', id: 'a:b' } }] })
      await root.setData('/others', 'mine')
    })

    it('share one port with clients in clear text at client.portUnification', async (test) => {
      const { port } = await start(test, { 'client.portUnification': true })
      const clear = await ZooKeeper.connect({ servers: `127.0.0.1:${port}` })
      const client = await open(port, user)
      test.after(() => Promise.all([clear.close(), client.close()]))
      await clear.create('/from-clear', 'x')
      assert.notEqual(await client.exists('/from-clear'), null)
      assert.match(await fourLetterWord({ host: '127.0.0.1', port }, 'ruok'), /^imok/)
    })

    it('are told of by the gauge and the counter of handshakes', async (test) => {
      const server = await start(test)
      const { port, secure } = server
      const client = await open(secure, user)
      test.after(() => client.close())
      const silent = connect(secure, '127.0.0.1')
      test.after(() => silent.destroy())
      const garbage = connect(secure, '127.0.0.1')
      garbage.on('error', () => undefined).write('GET / HTTP/1.1\r\n\r\n'.repeat(20))
      await new Promise((resolve) => garbage.once('close', resolve))
      const mntr = await fourLetterWord({ host: '127.0.0.1', port }, 'mntr')
      assert.match(mntr, /zk_outstanding_tls_handshake\t1\n/)
      assert.match(mntr, /zk_unsuccessful_handshake\t1\n/)
      assert.equal(server.logs().match(/a TLS handshake failed/g)?.length, 1)
      await client.create('/still', 'here')
    })

    it('go on when certificates are renewed without a restart, and when the renewal is broken', async (test) => {
      const key = at('renewed.pem')
      writeFileSync(key, readFileSync(at('server.pem')))
      const server = await start(test, { 'client.certReload': true, 'ssl.keyStore.location': key })
      const { secure } = server
      const client = await open(secure, user)
      test.after(() => client.close())
      const serial = await serialOf(secure)
      await client.create('/before', 'x')

      writeFileSync(key, 'this is no certificate')
      await untilLogged(server, /certificates stay as they were/)
      assert.equal(await serialOf(secure), serial)
      if (authority === undefined) return
      issue({ folder, name: 'next', authority, alternativeNames: 'IP:127.0.0.1' })
      concatenate(key, at('next.key'), at('next.crt'))
      await untilLogged(server, /renewed files .* in use/)
      assert.notEqual(await serialOf(secure), serial)
      await client.create('/after', 'x')
      assert.equal(client.state, 'connected')
      const second = await open(secure, user)
      assert.notEqual(await second.exists('/before'), null)
      await second.close()
    })

    async function serialOf(port: number): Promise<string | undefined> {
      const { connect: connectTls } = await import('node:tls')
      const identity = user && { key: readFileSync(user.key), cert: readFileSync(user.certificate) }
      return new Promise((resolve, reject) => {
        const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...identity }, () => {
          resolve(socket.getPeerX509Certificate()?.serialNumber)
          socket.destroy()
        })
        socket.once('error', reject)
      })
    }

    async function untilLogged(server: ServerUnderTest, text: RegExp): Promise<void> {
      for (let i = 0; i < 200; i++, await sleep(50)) if (text.test(server.logs())) return
      assert.fail(`not logged: ${String(text)}\n${server.logs()}`)
    }

    it("may be Apache's Java client", { skip: missingPeer('apache-3.9.4') ?? false }, async (test) => {
      const { secure } = await start(test)
      const flags = {
        'client.secure': 'true',
        clientCnxnSocket: 'org.apache.zookeeper.ClientCnxnSocketNetty',
        'ssl.keyStore.location': at('user.p12'),
        'ssl.keyStore.password': PASSWORD,
        'ssl.trustStore.location': at('trust.jks'),
        'ssl.trustStore.password': PASSWORD,
      }
      const { stdout } = await promisify(execFile)('java', [
        ...quickJvm,
        '-Dzookeeper.log.level=OFF',
        ...Object.entries(flags).map(([name, value]) => `-Dzookeeper.${name}=${value}`),
        '-cp',
        javaClassPath('apache-3.9.4'),
        'org.apache.zookeeper.ZooKeeperMain',
        '-server',
        `127.0.0.1:${secure}`,
        'whoami',
      ])
      assert.match(stdout, new RegExp(`x509: ${USER}`))
    })

    it('may be kazoo', { skip: missingPeer('kazoo') ?? false }, async (test) => {
      const { secure } = await start(test)
      const program = `
from kazoo.client import KazooClient
import sys
port, ca, cert, key = sys.argv[1:]
z = KazooClient('127.0.0.1:' + port, use_ssl=True, ca=ca, certfile=cert, keyfile=key, verify_certs=False)
z.start(10)
z.create('/kazoo', b'x' * 100000)
print(len(z.get('/kazoo')[0]))
z.stop()
`
      const files = [authority?.certificate ?? '', user?.certificate ?? '', user?.key ?? '']
      const { stdout } = await promisify(execFile)('python3', ['-c', program, String(secure), ...files], {
        env: { ...process.env, PYTHONPATH: join(peersDirectory, 'python'), PYTHONDONTWRITEBYTECODE: '1' },
      })
      assert.equal(stdout.trim(), '100000')
    })
  },
)
