import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openSaslUsers, parseUsersFile } from '../../src/authentication/saslUsers.ts'

const folder = mkdtempSync(join(tmpdir(), 'meerkat-users-'))
after(() => {
  rmSync(folder, { recursive: true })
})

const silent = { info: () => undefined, error: () => undefined }
const MODULE = 'org.apache.zookeeper.server.auth.DigestLoginModule'

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test('A users file has a user and a password on each line', () => {
  const users = parseUsersFile('# people\n\nbob:secret\r\n alice = a:b=c \neve: \u00e4 \n', 'users')
  assert.deepEqual(Object.fromEntries(users), { bob: 'secret', alice: 'a:b=c', eve: 'ä' })
})

test('A mistake in a users file is told with file and line, and without the password', () => {
  const mistakes: readonly [text: string, message: string][] = [
    ['bob:x\nsecret', 'users:2: expected user:password or user = password, found neither : nor ='],
    [':secret', 'users:1: the user is empty'],
    ['bob=', 'users:1: the password is empty'],
    ['bob:a\nbob:b', 'users:2: user bob stands twice in the file'],
  ]
  for (const [text, message] of mistakes) assert.throws(() => parseUsersFile(text, 'users'), { message })
})

test('The users of a JAAS file are those of its section', async () => {
  const text = `Server { ${MODULE} required user_bob="secret" user_super="x" debug="true"; };\nOther { };`
  const jaas = { kind: 'jaas', file: file('jaas.conf', text) } as const
  const users = await openSaslUsers({ source: { ...jaas, section: 'Server' }, log: silent })
  assert.equal(users?.passwordOf('bob'), 'secret')
  assert.equal(users.passwordOf('super'), 'x')
  assert.equal(users.passwordOf('debug'), undefined)
  users.close()
  assert.equal(await openSaslUsers({ source: { ...jaas, section: 'Missing' }, log: silent }), null)
})

test('A section for Kerberos is refused with file and line', async () => {
  const text = 'Server {\n  com.sun.security.auth.module.Krb5LoginModule required useKeyTab="true";\n};'
  const source = { kind: 'jaas', file: file('krb5.conf', text), section: 'Server' } as const
  await assert.rejects(openSaslUsers({ source, log: silent }), /krb5\.conf:2: .*Krb5LoginModule is not supported/)
})

test('A file that is not there is named', async () => {
  const source = { kind: 'users', file: join(folder, 'none') } as const
  await assert.rejects(openSaslUsers({ source, log: silent }), /cannot be read: ENOENT.*none/)
})

test('A changed file is read again, and a broken one leaves the users as they were', { timeout: 20_000 }, async () => {
  const source = { kind: 'users', file: file('live', 'bob:old\n') } as const
  const lines: string[] = []
  const log = { info: (line: string) => lines.push(line), error: (line: string) => lines.push(line) }
  const line = async (count: number): Promise<string> => {
    while (lines.length < count) await new Promise((resolve) => setTimeout(resolve, 10))
    return lines[count - 1] ?? ''
  }
  const users = await openSaslUsers({ source, log, intervalMs: 20 })
  assert.ok(users !== null)
  try {
    file('live', 'bob is gone')
    assert.match(await line(1), /stay as they were.*live:1: expected/)
    assert.equal(users.passwordOf('bob'), 'old')
    file('live', 'bob:new\nalice:x\n')
    assert.match(await line(2), /read again from .*live: 2 users/)
    assert.equal(users.passwordOf('bob'), 'new')
  } finally {
    users.close()
  }
})
