import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Key, KeyType } from '../../src/configuration/keys/key.ts'
import { allKeys, defaults, keyInFile, keyOfProperty, propertiesOf } from '../../src/configuration/keys.ts'
import { formatValue } from '../../src/configuration/entries.ts'
import { isFlagOnly } from '../../src/configuration/settings.ts'
import { convert } from '../../src/configuration/value.ts'
import { load, minimal, noticesOf, problemsOf } from './fixture.ts'

const ordinary = [...allKeys].filter(([, { type }]) => type.kind !== 'family' && type.kind !== 'unread')
const families = [...allKeys].filter(([, { type }]) => type.kind === 'family')
const javaOnly = [...allKeys].filter(([, { status }]) => status === 'java')

/** Some other value than the default, and a text that is none. */
const samples: Readonly<Record<KeyType['kind'], { good: (key: Key<unknown>) => string; bad?: string }>> = {
  int: { good: someNumber, bad: '12x' },
  long: { good: someNumber, bad: '1.5' },
  port: { good: () => '2299', bad: '65536' },
  fraction: { good: () => '0.25', bad: 'half' },
  boolean: { good: (key) => (key.default === true ? 'False' : 'TRUE'), bad: 'yes' },
  yesNo: { good: (key) => (key.default === true ? 'no' : 'yes'), bad: 'true' },
  choice: { good: (key) => (key.type.kind === 'choice' ? (key.type.choices.at(-1) ?? '') : ''), bad: 'sometimes' },
  list: { good: () => 'one, two' },
  string: { good: () => 'some text' },
  secret: { good: () => 'some secret' },
  path: { good: () => '/some/where', bad: '' },
  family: { good: () => '' },
  unread: { good: () => 'anything' },
}

/** What a good value of a key asks of others. */
const required: Readonly<Record<string, readonly string[]>> = {
  minSessionTimeout: ['maxSessionTimeout=6000'],
  'enforce.auth.enabled': ['enforce.auth.schemes=digest'],
  sessionRequireClientSASLAuth: ['meerkat.users.file=/users'],
  'admin.forceHttps': ['ssl.quorum.keyStore.location=/key.pem'],
  'admin.portUnification': ['ssl.quorum.keyStore.location=/key.pem'],
  'quorum.auth.learnerRequireSasl': ['quorum.auth.enableSasl=true'],
  'quorum.auth.serverRequireSasl': ['quorum.auth.enableSasl=true', 'quorum.auth.learnerRequireSasl=true'],
  maxSessionTimeout: ['minSessionTimeout=100'],
}

/** Good values where not any of the type will do. */
const goodOnes: Readonly<Record<string, string>> = {
  standaloneEnabled: 'TRUE',
  'ssl.authProvider': 'x509',
  'admin.commandURL': '/other',
  'metricsProvider.className': 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
}

function someNumber({ type }: Key<unknown>): string {
  if (type.kind !== 'int' && type.kind !== 'long') return ''
  return String(Math.min(type.max, Math.max(type.min, 600)))
}

function parts([name, key]: readonly [string, Key<unknown>]) {
  const { good, bad } = samples[key.type.kind]
  return { name, key, good: goodOnes[name] ?? good(key), bad }
}

suite('Every key that has a value', () => {
  for (const { name, key, good, bad } of ordinary.map(parts)) {
    test(`${name} has a default that its own type accepts`, () => {
      if (key.default === undefined) return
      assert.deepEqual(convert(formatValue(key.default, key), key.type), { value: key.default })
    })

    test(`${name} takes a good value from the file, as itself and with zookeeper. in front`, () => {
      for (const spelling of [name, `zookeeper.${name}`]) {
        const entry = entryOf(name, `${spelling} = ${good}`)
        assert.equal(entry?.value, good)
        assert.deepEqual(entry.origin, { kind: 'file', file: 'zoo.cfg', line: 1 })
      }
    })

    if (bad !== undefined) {
      test(`${name} refuses a malformed value with file, line, key and value`, () => {
        const problem = problemsOf(`# one\n${name}=${bad}\n${minimal.replace(`${name}=`, '#')}`)[0] ?? ''
        assert.ok(problem.startsWith(`zoo.cfg:2: ${name}=${bad}: `), problem)
        assert.match(problem, /; write /)
      })
    }

    for (const property of propertiesOf(name, key)) {
      test(`${name} is set by -D${property}`, () => {
        const flags = { JVMFLAGS: `'-D${property}=${good}'` }
        const entry = entryOf(name, '', flags)
        assert.equal(entry?.value, good)
        assert.deepEqual(entry.origin, { kind: 'environment', variable: 'JVMFLAGS' })
      })
    }
  }

  test('A key that Apache reads from the file alone is not set by a property of its name', () => {
    for (const [name] of ordinary.filter(([, key]) => key.property === null)) {
      const environment = { JVMFLAGS: `-Dzookeeper.${name}=9` }
      const { entries } = load(minimal, { environment }).configuration
      assert.notEqual(entries.find((entry) => entry.key === name)?.origin.kind, 'environment', name)
      assert.match(noticesOf(minimal, { environment })[0] ?? '', /write \S+ into the configuration file/)
    }
  })

  test('The default of a key is its value where nothing is set', () => {
    for (const [name, key] of ordinary) assert.equal(defaults[name as keyof typeof defaults], key.default)
  })
})

suite('The table of keys', () => {
  test('A key that only tunes Java takes anything and is named in a warning with the reason', () => {
    for (const [name, key] of javaOnly) {
      assert.deepEqual(noticesOf(`${minimal}${name}=whatever`), [
        `warning zoo.cfg:3: ${name}: has no effect, ${key.why ?? 'MISSING'}`,
      ])
    }
  })

  test('A key of an ensemble is accepted, and named unless ordinary files of single servers have it', () => {
    const rows = ordinary
      .map(parts)
      .filter(({ name, key }) => key.status === 'ensemble' && required[name] === undefined)
    for (const { name, key, good } of rows.filter((row) => !isFlagOnly(row.key))) {
      const expected = `info zoo.cfg: without effect on a server that runs alone: ${name}`
      assert.deepEqual(noticesOf(`${minimal}${name}=${good}`), key.ordinary === true ? [] : [expected])
    }
  })

  test('A family is found by its beginning, in the file and as a property', () => {
    for (const [name, key] of families) {
      assert.deepEqual(keyInFile(`${name}7`), { name, suffix: '7', key })
      assert.equal(keyInFile(name), undefined)
      for (const property of propertiesOf(name, key))
        assert.deepEqual(keyOfProperty(`${property}a.b`), { name, suffix: 'a.b', key })
    }
  })

  test('Every sentence of the reference page ends, and no cell of it is empty', () => {
    for (const [name, key] of allKeys) {
      assert.match(key.doc, /\.$/, name)
      assert.equal(key.status === 'java', key.why !== undefined, name)
    }
  })

  test('The property that Apache reads instead of a key’s own name sets it in a file too', () => {
    assert.equal(keyInFile('observer.syncEnabled')?.name, 'syncEnabled')
  })
})

/** The entry of one key after a line for it, with whatever else the configuration needs to start. */
function entryOf(name: string, line: string, environment: Record<string, string> = {}) {
  const needed = ['dataDir=/data', 'clientPort=2181', 'secureClientPort=2182', 'ssl.keyStore.location=/key.pem']
  const companions = [...needed, ...(required[name] ?? [])].filter((needs) => !needs.startsWith(`${name}=`))
  const { configuration } = load([line, ...companions].join('\n'), { environment, readFile: () => '' })
  return configuration.entries.find(({ key }) => key === name)
}
