import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { ServerConfiguration } from '../../src/configuration/configuration.ts'
import { load, minimal, noticesOf } from './fixture.ts'

const apache = 'org.apache.zookeeper.server.auth'

/** What lines of a zoo.cfg make of one part of the configuration. */
const cases: readonly (readonly [
  sentence: string,
  lines: string,
  part: (of: ServerConfiguration) => unknown,
  expected: unknown,
])[] = [
  [
    'Session timeouts are 2 and 20 ticks',
    'tickTime=500',
    ({ sessions }) => [sessions.minTimeoutMs, sessions.maxTimeoutMs],
    [1000, 10_000],
  ],
  [
    'Session timeouts of -1 are those too',
    'minSessionTimeout=-1\nmaxSessionTimeout=-1',
    ({ sessions }) => [sessions.minTimeoutMs, sessions.maxTimeoutMs],
    [6000, 60_000],
  ],
  [
    'The wildcard is every address, of IPv6 too',
    'clientPortAddress=0.0.0.0',
    ({ clientPortAddress }) => clientPortAddress,
    undefined,
  ],
  [
    'Another address is that one',
    'clientPortAddress=127.0.0.1',
    ({ clientPortAddress }) => clientPortAddress,
    '127.0.0.1',
  ],
  [
    'Waiting transactions are synced after a third of flushDelay',
    'flushDelay=10',
    ({ log }) => log.maxWriteQueuePollTimeMs,
    3,
  ],
  [
    'srvr is always answered',
    '4lw.commands.whitelist=stat, ruok',
    ({ fourLetterWords }) => fourLetterWords,
    { all: false, whitelist: ['stat', 'ruok', 'srvr'] },
  ],
  [
    'isro is answered in read-only mode',
    'readonlymode.enabled=true',
    ({ fourLetterWords }) => fourLetterWords.whitelist,
    ['srvr', 'isro'],
  ],
  ['A star is all four-letter words', '4lw.commands.whitelist=*', ({ fourLetterWords }) => fourLetterWords.all, true],
  [
    'Superusers of SASL are gathered',
    'superUser=a\nsuperUser.1=b\nsuperUser.x.y=c',
    ({ authentication }) => authentication.sasl.superUsers,
    ['a', 'b', 'c'],
  ],
  [
    'Providers turn on schemes',
    `authProvider.1=${apache}.SASLAuthenticationProvider\nauthProvider.x=${apache}.X509AuthenticationProvider`,
    ({ authentication }) => authentication.schemes,
    ['ip', 'digest', 'sasl', 'x509'],
  ],
  [
    'The scheme digest can be switched off',
    'DigestAuthenticationProvider.enabled=false',
    ({ authentication }) => authentication.schemes,
    ['ip'],
  ],
  [
    'A secure client port turns on x509',
    'secureClientPort=2182\nssl.keyStore.location=/k.p12',
    ({ authentication }) => authentication.schemes,
    ['ip', 'digest', 'x509'],
  ],
  [
    'A users file turns on sasl',
    'meerkat.users.file=/users\nenforce.auth.enabled=true\nenforce.auth.schemes=sasl',
    ({ authentication }) => [authentication.enforcedSchemes, authentication.saslRequired],
    [['sasl'], true],
  ],
  [
    'Schemes are enforced only where that is enabled',
    'enforce.auth.schemes=digest',
    ({ authentication }) => authentication.enforcedSchemes,
    [],
  ],
  ['TLS accepts the one protocol', 'ssl.protocol=TLSv1.2', ({ tls }) => tls.enabledProtocols, ['TLSv1.2']],
  [
    'TLS accepts the list of protocols before the one',
    'ssl.protocol=TLSv1.2\nssl.enabledProtocols=TLSv1.2,TLSv1.3',
    ({ tls }) => tls.enabledProtocols,
    ['TLSv1.2', 'TLSv1.3'],
  ],
  ['A type of key store is a word in any case', 'ssl.keyStore.type=pkcs12', ({ tls }) => tls.keyStore.type, 'PKCS12'],
  [
    'The admin server has the stores of ssl.quorum',
    'ssl.quorum.keyStore.location=/k.pem',
    ({ admin }) => admin.keyStore.location,
    '/k.pem',
  ],
  ['Metrics are kept without an endpoint', '', ({ metrics }) => metrics.provider, 'default'],
  [
    'Metrics are served by the Prometheus provider',
    'metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider\nmetricsProvider.httpPort=0',
    ({ metrics }) => [metrics.provider, metrics.httpPort],
    ['prometheus', 0],
  ],
  [
    'Connections cost one token without weights',
    'connection_throttle_tokens=5',
    ({ connectionThrottle }) => [connectionThrottle.tokens, connectionThrottle.newSessionWeight],
    [5, 1],
  ],
  [
    'With weights, tokens are for new sessions',
    'connection_throttle_tokens=5\nconnection_throttle_weight_enabled=true',
    ({ connectionThrottle }) => [
      connectionThrottle.tokens,
      connectionThrottle.newSessionWeight,
      connectionThrottle.renewSessionWeight,
    ],
    [15, 3, 2],
  ],
  [
    'A weight is not below that of a local session',
    'connection_throttle_local_session_weight=4\nconnection_throttle_weight_enabled=true',
    ({ connectionThrottle }) => [connectionThrottle.newSessionWeight, connectionThrottle.renewSessionWeight],
    [4, 4],
  ],
]

suite('The configuration of a server', () => {
  for (const [sentence, lines, part, expected] of cases) {
    test(sentence, () => assert.deepEqual(part(load(minimal + lines).configuration), expected))
  }

  test('corrects what Apache corrects, with a warning', () => {
    const lines = `${minimal}snapCount=1\nautopurge.snapRetainCount=2\n`
    const { snapshot, autopurge } = load(lines).configuration
    assert.deepEqual([snapshot.count, autopurge.snapRetainCount], [2, 3])
    assert.deepEqual(noticesOf(lines), [
      'warning zoo.cfg:3: snapCount: 1 makes no sense here; 2 counts instead',
      'warning zoo.cfg:4: autopurge.snapRetainCount: 2 makes no sense here; 3 counts instead',
    ])
  })

  test('names a provider of Java that it cannot load', () => {
    assert.deepEqual(noticesOf(`${minimal}authProvider.1=com.example.Mine`), [
      'warning zoo.cfg:3: authProvider.1: has no effect, Java classes cannot be loaded here; the providers of Apache’s own server are known by their names',
    ])
  })

  test('shows each effective key once, by name, with its property, its value and where that is from', () => {
    const environment = { JVMFLAGS: '-Dzookeeper.DigestAuthenticationProvider.superDigest=super:x' }
    const { entries } = load(`${minimal}snapCount= 5 \n4lw.commands.whitelist=*\nsuperUser.1=a\n`, {
      environment,
    }).configuration
    const keys = entries.map(({ key }) => key)
    assert.deepEqual(keys, [...new Set(keys)].sort())
    const shown = ['snapCount', 'DigestAuthenticationProvider.superDigest', 'superUser.1', 'forceSync', 'tickTime']
    assert.deepEqual(
      shown.map((name) => entries.find(({ key }) => key === name)),
      [
        {
          key: 'snapCount',
          property: 'zookeeper.snapCount',
          value: '5',
          origin: { kind: 'file', file: 'zoo.cfg', line: 3 },
          secret: false,
        },
        {
          key: 'DigestAuthenticationProvider.superDigest',
          property: 'zookeeper.DigestAuthenticationProvider.superDigest',
          value: 'super:x',
          origin: { kind: 'environment', variable: 'JVMFLAGS' },
          secret: true,
        },
        {
          key: 'superUser.1',
          property: 'zookeeper.superUser.1',
          value: 'a',
          origin: { kind: 'file', file: 'zoo.cfg', line: 5 },
          secret: false,
        },
        { key: 'forceSync', property: 'zookeeper.forceSync', value: 'yes', origin: { kind: 'default' }, secret: false },
        { key: 'tickTime', property: null, value: '3000', origin: { kind: 'default' }, secret: false },
      ],
    )
  })
})
