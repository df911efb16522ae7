import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { keyNames } from '../../src/configuration/keys.ts'
import { standaloneConfiguration } from '../../src/configuration/load.ts'
import { ConfigurationError } from '../../src/configuration/problems.ts'
import { load, minimal, noticesOf, problemsOf } from './fixture.ts'

suite('An ordinary zoo.cfg of a single server', () => {
  test('starts without a notice: the one that comes with Apache’s server', () => {
    const text =
      'tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/tmp/zookeeper\nclientPort=2181\n#maxClientCnxns=60\n'
    const { configuration, notices } = load(text)
    assert.deepEqual(notices, [])
    assert.equal(configuration.text, text)
    assert.equal(configuration.tickTimeMs, 2000)
    assert.deepEqual([configuration.dataDir, configuration.dataLogDir], ['/tmp/zookeeper', '/tmp/zookeeper'])
  })

  test('has its client port in the only server line: the one of Apache’s container image', () => {
    const text = `dataDir=/data
dataLogDir=/datalog
tickTime=2000
initLimit=5
syncLimit=2
autopurge.snapRetainCount=3
autopurge.purgeInterval=0
maxClientCnxns=60
standaloneEnabled=true
admin.enableServer=true
server.1=localhost:2888:3888;2181
`
    const { configuration } = load(text)
    assert.deepEqual([configuration.clientPort, configuration.clientPortAddress], [2181, undefined])
    assert.equal(configuration.dataLogDir, '/datalog')
    assert.deepEqual(noticesOf(text), [
      'info zoo.cfg:11: server.1: the only server of the list runs alone, as if the line were not there',
    ])
  })
})

suite('Where a key is set twice', () => {
  test('the later line of the file counts, whichever spelling it has', () => {
    const text = `${minimal}forceSync=yes\nzookeeper.forceSync=no\n`
    assert.equal(load(text).configuration.log.forceSync, false)
    assert.deepEqual(noticesOf(text), [
      'info zoo.cfg:4: zookeeper.forceSync: Apache’s server ignores it with `zookeeper.` in front in a file; taken as forceSync',
      'info zoo.cfg:4: zookeeper.forceSync: set before on line 3; this later line counts',
    ])
  })

  test('the file counts before a flag for Java', () => {
    const environment = { SERVER_JVMFLAGS: '-Dzookeeper.snapCount=5 -Dzookeeper.maxCnxns=9' }
    const { configuration } = load(`${minimal}snapCount=7`, { environment })
    assert.deepEqual([configuration.snapshot.count, configuration.limits.maxCnxns], [7, 9])
  })

  test('a flag for Java counts before the file if Apache reads the key from flags alone', () => {
    const environment = { JVMFLAGS: '-Djute.maxbuffer=0x9fffff' }
    const text = `${minimal}jute.maxbuffer=5\nreadonlymode.enabled=true`
    const { limits, readOnlyModeEnabled } = load(text, { environment }).configuration
    assert.deepEqual([limits.juteMaxBufferBytes, readOnlyModeEnabled], [0x9fffff, true])
    assert.deepEqual(noticesOf(text, { environment }), [
      'info zoo.cfg:3: jute.maxbuffer: -Djute.maxbuffer in JVMFLAGS counts, not this line',
      'info zoo.cfg:4: readonlymode.enabled: Apache’s server takes it from a flag for Java only, -Dreadonlymode.enabled; here this line counts',
    ])
  })

  test('JVMFLAGS counts before SERVER_JVMFLAGS, as it stands behind it for Java', () => {
    const environment = { JVMFLAGS: '-Dzookeeper.snapCount=8', SERVER_JVMFLAGS: '-Dzookeeper.snapCount=5' }
    assert.equal(load(minimal, { environment }).configuration.snapshot.count, 8)
  })
})

suite('A key that nobody knows', () => {
  test('is named with the nearest known one, and is among the properties as in Apache’s server', () => {
    const text = `${minimal}forcesync=no\nsever.1=a:1:2\ntikTime=5\nwidgets=3\nzookeeper.snapcount=4\n`
    assert.deepEqual(noticesOf(text), [
      'warning zoo.cfg:3: forcesync: no such key, it has no effect; did you mean forceSync?',
      'warning zoo.cfg:4: sever.1: no such key, it has no effect; did you mean server.1?',
      'warning zoo.cfg:5: tikTime: no such key, it has no effect; did you mean tickTime?',
      'warning zoo.cfg:6: widgets: no such key, it has no effect; take it out if nothing else reads it',
      'warning zoo.cfg:7: zookeeper.snapcount: no such key, it has no effect; did you mean zookeeper.snapCount?',
    ])
    const entry = load(text).configuration.entries.find(({ property }) => property === 'zookeeper.widgets')
    assert.equal(entry?.value, '3')
  })

  test('is named in a flag too, with what to write instead', () => {
    const environment = { JVMFLAGS: '-Dzookeeper.forcesync=no -Dzookeeper.tickTime=5 -Dzookeeper.jute.maxbuffer=6' }
    assert.deepEqual(noticesOf(minimal, { environment }), [
      'warning JVMFLAGS: -Dzookeeper.forcesync: no such key, it has no effect; did you mean zookeeper.forceSync?',
      'warning JVMFLAGS: -Dzookeeper.tickTime: no such property, it has no effect, nor has it in Apache’s server; write tickTime into the configuration file',
      'warning JVMFLAGS: -Dzookeeper.jute.maxbuffer: no such property, it has no effect, nor has it in Apache’s server; its property is jute.maxbuffer',
    ])
  })
})

suite('A configuration that cannot be used', () => {
  test('is refused with every problem, in the order of the file', () => {
    const text = `tickTime=abc
clientPortAddress=10.0.0.1
forceSync=false
ssl.clientAuth=maybe
server.1=a:1:1
enforceQuota=ja
snapshotSizeFactor=x
admin.serverPort=99999
autopurge.purgeInterval=1d
a=\\u00zz
maxBatchSize=0
globalOutstandingLimit=9999999999
`
    const environment = { JVMFLAGS: '-Dzookeeper.skipACL=true' }
    assert.deepEqual(problemsOf(text, { environment }), [
      'JVMFLAGS: skipACL=true: not one of the words known here; write yes or no',
      'zoo.cfg: dataDir: not set; add a line dataDir= with the directory for the data',
      'zoo.cfg: clientPort: no port for clients; set clientPort or secureClientPort',
      'zoo.cfg:1: tickTime=abc: not a whole number; write a whole number of ms, 1 or more',
      'zoo.cfg:2: clientPortAddress: set without clientPort; set clientPort too',
      'zoo.cfg:3: forceSync=false: not one of the words known here; write yes or no',
      'zoo.cfg:4: ssl.clientAuth=maybe: not one of the words known here; write none, want or need',
      'zoo.cfg:5: server.1=a:1:1: quorum port and election port are the same; give them two',
      'zoo.cfg:6: enforceQuota=ja: not one of the words known here; write true or false',
      'zoo.cfg:7: snapshotSizeFactor=x: not a number; write a number such as 0.5',
      'zoo.cfg:8: admin.serverPort=99999: too large; write a whole number from 0 to 65535',
      'zoo.cfg:9: autopurge.purgeInterval=1d: not a whole number; write a whole number of hours',
      'zoo.cfg:10: \\u needs four hexadecimal digits after it; for a backslash itself write two',
      'zoo.cfg:11: maxBatchSize=0: too small; write a whole number, 1 or more',
      'zoo.cfg:12: globalOutstandingLimit=9999999999: too large; write a whole number, 0 or more',
    ])
  })

  const contradictions: Readonly<Record<string, readonly string[]>> = {
    'minSessionTimeout=5\nmaxSessionTimeout=4': [
      'zoo.cfg:3: minSessionTimeout: the shortest session timeout, 5 ms, is above the longest, 4 ms; make minSessionTimeout the smaller one',
    ],
    'tickTime=1000\nmaxSessionTimeout=1999': [
      'zoo.cfg:4: maxSessionTimeout: the shortest session timeout, 2000 ms, is above the longest, 1999 ms; make minSessionTimeout the smaller one',
    ],
    'secureClientPortAddress=::1': [
      'zoo.cfg:3: secureClientPortAddress: set without secureClientPort; set secureClientPort too',
    ],
    'secureClientPort=2182\nssl.authProvider=mine': [
      'zoo.cfg:3: secureClientPort: TLS needs a key and a certificate; set ssl.keyStore.location',
      'zoo.cfg:4: ssl.authProvider: no such provider of client certificates here; take the line out for x509',
    ],
    'enforce.auth.enabled=true': [
      'zoo.cfg: enforce.auth.schemes: empty while enforce.auth.enabled is true; name one scheme at least',
    ],
    'enforce.auth.enabled=true\nenforce.auth.schemes=digest, sasl': [
      'zoo.cfg:4: enforce.auth.schemes: the scheme sasl is not available; turn it on with authProvider.N, or name one of ip, digest',
    ],
    'sessionRequireClientSASLAuth=true': [
      'zoo.cfg:3: sessionRequireClientSASLAuth: the scheme sasl is not available; turn it on with authProvider.N, or name one of ip, digest',
    ],
    'quorum.auth.serverRequireSasl=true': [
      'zoo.cfg:3: quorum.auth.serverRequireSasl: needs quorum.auth.enableSasl=true; set that too',
    ],
    'admin.forceHttps=true\nadmin.commandURL=x': [
      'zoo.cfg:3: admin.forceHttps: HTTPS needs a key and a certificate; set ssl.quorum.keyStore.location',
      'zoo.cfg:4: admin.commandURL: not a path; begin it with /',
    ],
    'server.1=a:1:2\nserver.2=b:1:2': [
      'zoo.cfg:4: server.2: 2 servers make an ensemble, which this version cannot run; leave one server.N line or none for a server that runs alone',
    ],
    'server.1=a:1:2:observer': ['zoo.cfg:3: server.1: an observer alone has nobody to follow; make it a participant'],
    'standaloneEnabled=false': [
      'zoo.cfg:3: standaloneEnabled: there is no server.N line; add one for each server or set it to true',
    ],
    'standaloneEnabled=false\nserver.1=a:1:2': [
      'zoo.cfg:3: standaloneEnabled: an ensemble of one server is an ensemble, which this version cannot run; set it to true or take the line out',
    ],
    'server.1=a:1:2;2182': [
      'zoo.cfg:2: clientPort: the server.N line says 0.0.0.0:2182 for clients; make both the same or take one out',
    ],
    'clientPortAddress=10.0.0.1\nserver.1=a:1:2;2181': [
      'zoo.cfg:3: clientPortAddress: the server.N line says 0.0.0.0:2181 for clients; make both the same or take one out',
    ],
  }
  for (const [text, expected] of Object.entries(contradictions)) {
    test(`is refused: ${text.replaceAll('\n', ', ')}`, () => assert.deepEqual(problemsOf(minimal + text), expected))
  }

  test('is refused without a password in the message', () => {
    const text = `${minimal}secureClientPort=1\nssl.keyStore.password=geheim\nDigestAuthenticationProvider.superDigest=super:geheim`
    assert.doesNotMatch(problemsOf(text).join('\n'), /geheim/)
  })
})

suite('A dynamic file', () => {
  const pointing = `${minimal}dynamicConfigFile=/conf/zoo.cfg.dynamic.100\n`
  const files = (text: string) => ({
    readFile: (path: string) => {
      assert.equal(path, '/conf/zoo.cfg.dynamic.100')
      return text
    },
  })

  test('holds the members', () => {
    const { configuration } = load(pointing, files('server.1=a:1:2:participant;2181\n'))
    assert.deepEqual(configuration.membership.members, [
      {
        id: 1,
        addresses: [{ host: 'a', quorumPort: 1, electionPort: 2 }],
        role: 'participant',
        clientAddress: { host: '0.0.0.0', port: 2181 },
      },
    ])
  })

  test('holds nothing else, and the file that points to it no members', () => {
    const dynamic = 'version=100\ntickTime=5\nserver.1=a:1:2\nserver.1=b:1:1\n\\u1'
    assert.deepEqual(problemsOf(`${pointing}server.2=b:1:2\n`, files(dynamic)), [
      '/conf/zoo.cfg.dynamic.100:1: version=100: the end of the file name is the version; take the line out',
      '/conf/zoo.cfg.dynamic.100:2: tickTime=5: only server.N, group.G and weight.N stand in a dynamic file; move it to the static one',
      'zoo.cfg:4: server.2: must stand in the dynamic file; move the line to /conf/zoo.cfg.dynamic.100',
      '/conf/zoo.cfg.dynamic.100:4: server.1=b:1:1: quorum port and election port are the same; give them two',
      '/conf/zoo.cfg.dynamic.100:5: \\u needs four hexadecimal digits after it; for a backslash itself write two',
    ])
  })

  test('that cannot be read is a problem of the line that points to it', () => {
    assert.deepEqual(problemsOf(pointing), [
      'zoo.cfg:3: dynamicConfigFile=/conf/zoo.cfg.dynamic.100: cannot be read (no file /conf/zoo.cfg.dynamic.100); write the path of the file with the server.N lines',
    ])
  })
})

suite('Whatever a file holds', () => {
  test('it is loaded or refused with a ConfigurationError', () => {
    const line = fc.tuple(
      fc.constantFrom(...keyNames.map((name) => (name.endsWith('.') ? `${name}1` : name)), 'unknown'),
      fc.constantFrom('=', ':', ' ', ''),
      fc.oneof(fc.string(), fc.integer().map(String), fc.constantFrom('true', 'no', 'a:1:2', 'x509', '/x', '[', '\\')),
    )
    const text = fc
      .array(
        fc.oneof(
          line.map((pieces) => pieces.join('')),
          fc.string(),
        ),
        { maxLength: 12 },
      )
      .map((lines) => lines.join('\n'))
    const flag = fc.tuple(fc.constantFrom('-Dzookeeper.', '-D', '-X'), fc.constantFrom(...keyNames), fc.string())
    fc.assert(
      fc.property(text, fc.array(flag, { maxLength: 3 }), (written, flags) => {
        const environment = { JVMFLAGS: flags.map(([prefix, name, value]) => `${prefix}${name}=${value}`).join(' ') }
        try {
          load(minimal + written, { environment })
        } catch (error) {
          if (!(error instanceof ConfigurationError)) throw error
          assert.notEqual(error.message, '')
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('a key and a value of a million characters are named in short', () => {
    const [problem = ''] = problemsOf(`${minimal}tickTime=${'9'.repeat(1_000_000)}x`)
    assert.ok(problem.length < 400, String(problem.length))
    const [notice = ''] = noticesOf(`${minimal}${'k'.repeat(1_000_000)}=1`)
    assert.ok(notice.length < 400, String(notice.length))
  })
})

suite('A message', () => {
  test('is one line, whatever escapes the file has', () => {
    assert.deepEqual(problemsOf(`${minimal}tickTime=a\\nb`), [
      'zoo.cfg:3: tickTime=a\\u000ab: not a whole number; write a whole number of ms, 1 or more',
    ])
  })
})

suite('A configuration without a file', () => {
  test('has the defaults and what it is given', () => {
    const configuration = standaloneConfiguration({
      dataDir: '/data',
      clientPort: 0,
      clientPortAddress: '127.0.0.1',
      forceSync: false,
      '4lw.commands.whitelist': ['*'],
      'meerkat.log.level': 'warn',
    })
    assert.deepEqual(
      [configuration.dataDir, configuration.clientPort, configuration.clientPortAddress],
      ['/data', 0, '127.0.0.1'],
    )
    assert.deepEqual(
      [configuration.log.forceSync, configuration.fourLetterWords.all, configuration.logging.level],
      [false, true, 'warn'],
    )
    assert.deepEqual([configuration.file, configuration.text, configuration.tickTimeMs], ['', '', 3000])
    assert.deepEqual(configuration.entries.find(({ key }) => key === 'forceSync')?.origin, { kind: 'program' })
  })

  test('is checked as one with a file', () => {
    assert.throws(() => standaloneConfiguration({ dataDir: '/data', tickTime: 0 }), {
      name: 'ConfigurationError',
      code: 'CONFIGURATION_INVALID',
      message: `configuration: tickTime=0: too small; write a whole number of ms, 1 or more
configuration: clientPort: no port for clients; set clientPort or secureClientPort`,
    })
  })
})
