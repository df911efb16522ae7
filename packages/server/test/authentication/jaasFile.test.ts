import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JaasError, parseJaas } from '../../src/authentication/jaasFile.ts'

const FILE = '/etc/zookeeper/jaas.conf'

function parse(text: string, properties: Record<string, string> = {}): ReturnType<typeof parseJaas> {
  return parseJaas({ file: FILE, text, properties: new Map(Object.entries(properties)) })
}

test("A file as in ZooKeeper's documentation is read", () => {
  const sections = parse(`
    // users of the server
    Server {
        org.apache.zookeeper.server.auth.DigestLoginModule required
        user_super="adminsecret"
        user_bob = "bob\\"s \\\\ secret" /* with a comment
                                          of two lines */
        user_plain=word1;
    };
    Client { org.apache.zookeeper.server.auth.DigestLoginModule REQUIRED username="bob" password='bob secret'; };
    "Quoted name" { };
  `)
  assert.deepEqual([...sections.keys()], ['Server', 'Client', 'Quoted name'])
  const [module] = sections.get('Server') ?? []
  assert.equal(module?.className, 'org.apache.zookeeper.server.auth.DigestLoginModule')
  assert.equal(module.line, 4)
  assert.deepEqual(Object.fromEntries(module.options), {
    user_super: 'adminsecret',
    user_bob: 'bob"s \\ secret',
    user_plain: 'word1',
  })
  assert.equal(sections.get('Client')?.[0]?.options.get('password'), 'bob secret')
})

test('A section may have several modules, and values may name system properties', () => {
  const sections = parse('S { a.B optional x="${p}/${q}"; c.D sufficient; };', { p: '1', q: '2' })
  assert.deepEqual(
    sections.get('S')?.map(({ className }) => className),
    ['a.B', 'c.D'],
  )
  assert.equal(sections.get('S')?.[0]?.options.get('x'), '1/2')
})

test('An empty file has no sections', () => {
  assert.equal(parse('').size, 0)
  assert.equal(parse(' // nothing\n').size, 0)
})

test('A mistake is told with file, line and what was expected', () => {
  const mistakes: readonly [text: string, message: RegExp][] = [
    ['Server', /:1: expected \{, found the end of the file$/],
    ['Server {\n a.B required x="1"\n};', /:3: expected ;, found }$/],
    ['Server {\n a.B needed;\n};', /:2: expected required, requisite, sufficient or optional, found needed$/],
    ['Server {\n a.B required x=;\n};', /:2: expected the value of x, found ;$/],
    ['Server {\n a.B required x="1\n";\n};', /:2: a quoted text that does not end on its line/],
    ['Server { a.B required; }\n', /:2: expected ;, found the end of the file$/],
    ['Server { a.B required; };\n\nServer { };', /:3: section Server stands twice/],
    ['Server {\n /* a.B required; };', /:2: a comment that does not end/],
    ['Server { a.B required x=a#b; };', /:1: "#" must be quoted$/],
    ['Server {\n a.B required x="${no.such}"; };', /:2: there is no system property no\.such/],
    ['{ };', /:1: expected the name of a section, found \{$/],
  ]
  for (const [text, message] of mistakes) {
    assert.throws(
      () => parse(text),
      (error) => error instanceof JaasError && error.message.startsWith(FILE) && message.test(error.message),
      text,
    )
  }
})
