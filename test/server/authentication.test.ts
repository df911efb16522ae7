import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ZooKeeper, ZooKeeperError, type ZooKeeperOptions } from '@meerkat/client'
import { apache } from '../support/apache.ts'
import { meerkat } from '../support/meerkat.ts'
import { missingPeer } from '../support/peers.ts'
import type { ServerOptions, ServerUnderTest } from '../support/server-process.ts'
import { temporaryFolder } from './program.ts'

const digestOf = (text: string): string =>
  `${text.split(':')[0] ?? ''}:${createHash('sha1').update(text).digest('base64')}`
const everything = (scheme: string, id: string) => [{ perms: 31, id: { scheme, id } }]
const jaas = join(import.meta.dirname, '..', 'interop', 'sasl', 'server.jaas')
const saslFlags = [`-Djava.security.auth.login.config=${jaas}`]
const saslConfig = { 'authProvider.1': 'org.apache.zookeeper.server.auth.SASLAuthenticationProvider' }

/** What happened, a line each: the same of both servers. */
class Transcript {
  readonly lines: string[] = []
  private readonly server: ServerUnderTest
  private readonly clients: ZooKeeper[] = []

  constructor(server: ServerUnderTest) {
    this.server = server
  }

  /** A client with a session, if it gets one. */
  async connect(name: string, options: Partial<ZooKeeperOptions> = {}): Promise<ZooKeeper> {
    const client = ZooKeeper.open({ servers: `127.0.0.1:${this.server.port}`, sessionTimeoutMs: 5000, ...options })
    this.clients.push(client)
    await this.step(`${name} connects`, () => client.connected(5000))
    return client
  }

  async step(name: string, what: () => Promise<unknown>): Promise<void> {
    const result = await what().then(
      (value) => (value === undefined ? 'done' : value instanceof Uint8Array ? String(value) : JSON.stringify(value)),
      (error: unknown) => (error instanceof ZooKeeperError ? error.name : String(error)),
    )
    this.lines.push(`${name}: ${result}`)
  }

  identities(name: string, client: ZooKeeper): Promise<void> {
    return this.step(`${name} is`, async () =>
      (await client.whoAmI()).map(({ authScheme, user }) => `${authScheme ?? ''}:${user ?? ''}`).toSorted(),
    )
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()))
  }
}

/** Sorted: the entries that `auth` stands for come from a hash table of Apache's, and here in the order of logging in. */
async function aclOf(client: ZooKeeper, path: string): Promise<string[]> {
  return (await client.getACL(path)).acl.map(({ perms, id: { scheme, id } }) => `${scheme}:${id}:${perms}`).toSorted()
}

type Story = (transcript: Transcript) => Promise<void>

/** Tells the story to both servers and compares; `expected` are lines that a reader should see. */
async function same(
  test: TestContext,
  options: ServerOptions,
  story: Story,
  expected: readonly string[],
): Promise<void> {
  const tell = async (start: typeof meerkat): Promise<readonly string[]> => {
    const server = await start(options)
    test.after(() => server.dispose())
    const transcript = new Transcript(server)
    await story(transcript)
    await transcript.close()
    return transcript.lines
  }
  const ours = await tell(meerkat)
  for (const line of expected) assert.ok(ours.includes(line), `${line}\nnot among\n${ours.join('\n')}`)
  assert.deepEqual(ours, await tell(apache('3.9.4')))
}

describe("Authentication as Apache's server does it", { skip: missingPeer('apache-3.9.4') ?? false }, () => {
  it('by digest, address and the superuser', async (test) => {
    const options = {
      jvmFlags: [`-Dzookeeper.DigestAuthenticationProvider.superDigest=${digestOf('super:secret')}`],
    }
    const story: Story = async (tell) => {
      const ann = await tell.connect('ann')
      await tell.step('ann says so', () => ann.addAuth('digest', 'ann:geheim'))
      await tell.step('ann is ben too', () => ann.addAuth('digest', 'ben:other'))
      await tell.identities('ann', ann)
      await tell.step('ann creates', () => ann.create('/ann', 'a', { acl: everything('auth', '') }))
      await tell.step('ann reads the acl', () => aclOf(ann, '/ann'))
      await tell.step('ann creates for herself', () =>
        ann.create('/only', 'a', { acl: everything('digest', digestOf('ann:geheim')) }),
      )
      await tell.step('ann creates a readable one', () =>
        ann.create('/read', 'a', { acl: [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }] }),
      )
      const ben = await tell.connect('ben', { auth: [{ scheme: 'digest', auth: 'ben:other' }] })
      for (const path of ['/ann', '/only', '/read']) {
        await tell.step(`ben reads ${path}`, async () => (await ben.getData(path)).data)
        await tell.step(`ben reads the acl of ${path}`, () => aclOf(ben, path))
        await tell.step(`ben writes ${path}`, async () => (await ben.setData(path, 'b')).version)
        await tell.step(`ben makes ${path}/b`, () => ben.create(`${path}/b`))
        await tell.step(
          `ben takes ${path}`,
          async () => (await ben.setACL(path, everything('world', 'anyone'))).aversion,
        )
      }
      const wrong = await tell.connect('a wrong password', { auth: [{ scheme: 'digest', auth: 'ann:wrong' }] })
      await tell.step('a wrong password reads', () => wrong.getData('/only'))
      await tell.identities('a wrong password', wrong)
      const root = await tell.connect('root', { auth: [{ scheme: 'digest', auth: 'super:secret' }] })
      await tell.identities('root', root)
      await tell.step('root writes', async () => (await root.setData('/only', 'r')).version)
      await tell.step('here', () => root.create('/here', '', { acl: everything('ip', '127.0.0.0/8') }))
      await tell.step('there', () => root.create('/there', '', { acl: everything('ip', '10.0.0.1') }))
      await tell.step('nowhere', () => root.create('/nowhere', '', { acl: everything('ip', '300.1.1.1') }))
      await tell.step('no scheme', () => root.create('/no', '', { acl: everything('zoo', 'x') }))
      await tell.step('no acl', () => root.create('/no', '', { acl: [] }))
      await tell.step('auth of nobody', () => wrong.create('/auth', '', { acl: everything('auth', 'x') }))
      await tell.step('ann reads here', async () => (await ann.getData('/here')).data)
      await tell.step('ann reads there', async () => (await ann.getData('/there')).data)
      const odd = await tell.connect('odd')
      await tell.step('an unknown scheme', () => odd.addAuth('zoo', 'x'))
      await tell.step('and then', () => odd.exists('/'))
      const none = await tell.connect('none')
      await tell.step('no colon', () => none.addAuth('digest', 'nocolon'))
      await tell.identities('none', none)
    }
    await same(test, options, story, ['ben reads /only: NOAUTH', 'root writes: 1', 'ann reads there: NOAUTH'])
  })

  it('where a scheme is enforced', async (test) => {
    const options = { config: { 'enforce.auth.enabled': true, 'enforce.auth.schemes': 'digest' } }
    const story: Story = async (tell) => {
      const open = await tell.connect('nobody')
      await tell.step('nobody reads', () => open.exists('/'))
      const known = await tell.connect('known', { auth: [{ scheme: 'digest', auth: 'a:b' }] })
      await tell.step('known reads', async () => (await known.exists('/')) !== null)
      await tell.step('known writes', () => known.create('/known', ''))
    }
    await same(test, options, story, ['known writes: "/known"'])
  })

  const sasl = (username: string, password: string) => ({ sasl: { username, password } })

  it('by SASL, where one wrong password is turned away', async (test) => {
    const options = { config: saslConfig, jvmFlags: [...saslFlags, '-Dzookeeper.superUser=root'] }
    await same(test, options, saslStory, ['alice is: ["ip:127.0.0.1","sasl:alice"]', 'wrong connects: AUTHFAILED'])
  })

  it('where SASL is required', async (test) => {
    const options = { config: { ...saslConfig, sessionRequireClientSASLAuth: true }, jvmFlags: saslFlags }
    await same(test, options, saslStory, ['alice creates: "/alice"'])
  })

  it('where clients may stay whose SASL failed', async (test) => {
    const options = { config: { ...saslConfig, allowSaslFailedClients: true }, jvmFlags: saslFlags }
    await same(test, options, saslStory, ['alice creates: "/alice"'])
  })

  it('where one SASL user stands for all', async (test) => {
    const options = { config: saslConfig, jvmFlags: [...saslFlags, '-Dzookeeper.letAnySaslUserDoX=alice'] }
    await same(test, options, saslStory, ['bob reads: a'])
  })

  async function saslStory(tell: Transcript): Promise<void> {
    const alice = await tell.connect('alice', sasl('alice', 'secret'))
    await tell.identities('alice', alice)
    await tell.step('alice creates', () => alice.create('/alice', 'a', { acl: everything('sasl', 'alice') }))
    await tell.step('alice creates by auth', () => alice.create('/auth', 'a', { acl: everything('auth', '') }))
    await tell.step('the acl', async () => (await alice.getACL('/auth')).acl)
    const bob = await tell.connect('bob', sasl('bob', 'another secret'))
    await tell.step('bob reads', async () => (await bob.getData('/alice')).data)
    const root = await tell.connect('root', sasl('root', "root's secret"))
    await tell.identities('root', root)
    await tell.step('root reads', async () => (await root.getData('/alice')).data)
    const plain = await tell.connect('plain')
    await tell.step('plain reads', async () => (await plain.getData('/alice')).data)
    await tell.step('plain looks', async () => (await plain.exists('/alice')) !== null)
    const wrong = await tell.connect('wrong', sasl('alice', 'guessed'))
    await tell.step('wrong reads', async () => (await wrong.getData('/alice')).data)
    const stranger = await tell.connect('stranger', sasl('nobody', 'secret'))
    await tell.step('stranger reads', async () => (await stranger.getData('/alice')).data)
  }
})

describe('A users file', () => {
  it('says who may log in by SASL, and is read again when it changes', async (test) => {
    const file = join(temporaryFolder(test), 'users')
    writeFileSync(file, '# users\nann:first\n')
    const server = await meerkat({ config: { 'meerkat.users.file': file } })
    test.after(() => server.dispose())
    const login = (username: string, password: string) =>
      ZooKeeper.connect({
        servers: `127.0.0.1:${server.port}`,
        sessionTimeoutMs: 2000,
        sasl: { username, password },
      }).then(async (client) => {
        const known = await client.whoAmI()
        await client.close()
        return known.map(({ authScheme, user }) => `${authScheme ?? ''}:${user ?? ''}`)
      })
    assert.ok((await login('ann', 'first')).includes('sasl:ann'))
    await assert.rejects(login('ben', 'second'), { name: 'AUTHFAILED' })
    writeFileSync(file, 'ben = second\n')
    for (let i = 0; i < 100 && !server.logs().includes('read again'); i++) await sleep(50)
    assert.ok((await login('ben', 'second')).includes('sasl:ben'))
    await assert.rejects(login('ann', 'first'), { name: 'AUTHFAILED' })
    writeFileSync(file, 'no separator\n')
    for (let i = 0; i < 100 && !server.logs().includes('stay as they were'); i++) await sleep(50)
    assert.match(server.logs(), /stay as they were.*users.*1/)
    assert.ok((await login('ben', 'second')).includes('sasl:ben'))
  })
})
