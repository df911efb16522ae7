import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sessionIdOf } from '@meerkat/protocol'
import { TraceMask } from '../../src/admin/traceMask.ts'
import { allowedWords, answerFourLetterWord, fourLetterWordOf, TELNET_CLOSE } from '../../src/fourLetterWords/answer.ts'
import type { KnownWord } from '../../src/fourLetterWords/answer.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { RequestStatistics } from '../../src/metrics/requestStatistics.ts'
import type { ServerStatus } from '../../src/status.ts'
import { fakeConnection, fakeStatus } from '../fakeStatus.ts'

const everything = allowedWords({ all: true, whitelist: ['srvr'] })

function ask(word: KnownWord, changes: Partial<ServerStatus> = {}, argument?: bigint): string {
  return answerFourLetterWord(word, {
    status: fakeStatus(changes),
    metrics: createMetrics('default'),
    metricsStyle: 'default',
    traceMask: new TraceMask(),
    allowed: everything,
    secure: false,
    ...(argument !== undefined && { argument }),
  })
}

function statistics(): RequestStatistics {
  const made = new RequestStatistics()
  made.received = 52
  made.sent = 54
  for (const ms of [0, 2, 10]) made.latency.add(ms)
  return made
}

const statisticsLines = `Latency min/avg/max: 0/4.0/10
Received: 52
Sent: 54
Connections: 4
Outstanding: 0
Zxid: 0x23
Mode: standalone
Node count: 12
`
const versionLine = `Zookeeper version: ${fakeStatus().version}\n`

describe('the first four bytes of a connection', () => {
  it('are a word or a length', () => {
    assert.equal(fourLetterWordOf(Buffer.from('ruok')), 'ruok')
    assert.equal(fourLetterWordOf(Buffer.from('stmk12345678')), 'stmk')
    assert.equal(fourLetterWordOf([0xff, 0xf4, 0xff, 0xfd]), TELNET_CLOSE)
    assert.equal(fourLetterWordOf(Buffer.from('RUOK')), undefined)
    assert.equal(fourLetterWordOf([0, 0, 0, 45]), undefined)
  })
})

describe('the whitelist', () => {
  it('names what is allowed, and everything with a star', () => {
    assert.deepEqual([...allowedWords({ all: false, whitelist: ['ruok', 'none', 'srvr'] })].toSorted(), [
      'ruok',
      'srvr',
    ])
    assert.equal(everything.size, 19)
  })

  it('keeps other words from being run, as Apache says it', () => {
    const context = {
      status: fakeStatus(),
      metrics: createMetrics('default'),
      metricsStyle: 'default',
      traceMask: new TraceMask(),
      allowed: allowedWords({ all: false, whitelist: ['srvr'] }),
      secure: false,
    } as const
    for (const word of ['ruok', TELNET_CLOSE] as const) {
      assert.equal(answerFourLetterWord(word, context), `${word} is not executed because it is not in the whitelist.\n`)
    }
  })
})

describe('the answer of a four-letter word is Apache’s', () => {
  it('ruok, isro', () => {
    assert.equal(ask('ruok'), 'imok')
    assert.equal(ask('isro'), 'rw')
    assert.equal(ask('isro', { mode: () => 'read-only' }), 'ro')
  })

  it('srvr', () => {
    assert.equal(ask('srvr', { statistics: statistics() }), versionLine + statisticsLines)
  })

  it('srvr in read-only mode', () => {
    const answer = ask('srvr', { mode: () => 'read-only' })
    assert.ok(answer.startsWith(`${versionLine}READ-ONLY mode; serving only read-only clients\nLatency`))
    assert.ok(answer.includes('\nMode: read-only\n'))
  })

  it('stat, with the connections of the port that was asked', () => {
    const fresh = fakeConnection({ remoteAddress: '127.0.0.1:37040', interestOps: 0, received: 1, sent: 0 })
    const secure = fakeConnection({ remoteAddress: '127.0.0.1:1', secure: true })
    const answer = ask('stat', { statistics: statistics(), connections: () => [fakeConnection(), fresh, secure] })
    assert.equal(
      answer,
      `${versionLine}Clients:
 /127.0.0.1:37000[1](queued=0,recved=40,sent=41)
 /127.0.0.1:37040[0](queued=0,recved=1,sent=0)

${statisticsLines}`,
    )
  })

  it('cons', () => {
    const fresh = fakeConnection({ sessionId: sessionIdOf(0n), interestOps: 0, received: 1, sent: 0 })
    const silent = fakeConnection({ remoteAddress: '[0:0:0:0:0:0:0:1]:5', lastCxid: -1, interestOps: 5 })
    assert.equal(
      ask('cons', { connections: () => [fakeConnection(), fresh, silent] }),
      ` /127.0.0.1:37000[1](queued=0,recved=40,sent=41,sid=0x100001168cd0000,lop=PING,est=1795247255999,to=10000,lcxid=0x25,lzxid=0x23,lresp=1177707,llat=1,minlat=0,avglat=2,maxlat=10)
 /127.0.0.1:37000[0](queued=0,recved=1,sent=0)
 /[0:0:0:0:0:0:0:1]:5[5](queued=0,recved=40,sent=41,sid=0x100001168cd0000,lop=PING,est=1795247255999,to=10000,lzxid=0x23,lresp=1177707,llat=1,minlat=0,avglat=2,maxlat=10)

`,
    )
  })

  it('conf', () => {
    assert.equal(
      ask('conf'),
      `clientPort=23281
secureClientPort=-1
dataDir=/data/version-2
dataDirSize=67109358
dataLogDir=/log/version-2
dataLogSize=67109358
tickTime=2000
maxClientCnxns=60
minSessionTimeout=4000
maxSessionTimeout=40000
clientPortListenBacklog=-1
serverId=0
`,
    )
  })

  it('dirs, hash', () => {
    assert.equal(ask('dirs'), 'datadir_size: 67109358\nlogdir_size: 67109358\n')
    assert.equal(ask('hash'), '80: 15642258069\n')
  })

  it('dump', () => {
    assert.equal(
      ask('dump'),
      `SessionTracker dump:
Session Sets (2)/(1):
0 expire at Sat Nov 21 07:47:47 UTC 2026:
1 expire at Sat Nov 21 07:47:49 UTC 2026:
\t0x100001168cd0000
ephemeral nodes dump:
Sessions with Ephemerals (2):
0x100001168cd0000:
\t/app/e1
0x100001168cd0001:
\t/app/e2
Connections dump:
Connections Sets (2)/(2):
1 expire at Sat Nov 21 07:47:51 UTC 2026:
\tip: /127.0.0.1:37000 sessionId: 0x100001168cd0000
1 expire at Sat Nov 21 07:48:01 UTC 2026:
\tip: /127.0.0.1:37058 sessionId: 0x0
`,
    )
  })

  it('wchs, wchc, wchp', () => {
    assert.equal(ask('wchs'), '3 connections watching 1 paths\nTotal watches:1\n')
    assert.equal(ask('wchc'), '0x100001168cd0001\n\t/none\n\n')
    assert.equal(ask('wchp'), '/none\n\t0x100001168cd0001\n\n')
  })

  it('crst, srst', () => {
    let resets = 0
    assert.equal(ask('crst', { resetConnectionStatistics: () => resets++ }), 'Connection stats reset.\n')
    assert.equal(resets, 1)
    assert.equal(ask('srst'), 'Server stats reset.\n')
  })

  it('gtmk, stmk', () => {
    assert.equal(ask('gtmk'), '306')
    assert.equal(ask('stmk', {}, 308n), '308')
    assert.equal(ask('stmk', {}, -1n), '-1')
  })

  it('mntr begins with version and state and gives every line a prefix', () => {
    const shown = ask('mntr').split('\n')
    assert.equal(shown[0], `zk_version\t${fakeStatus().version}`)
    assert.equal(shown[1], 'zk_server_state\tstandalone')
    assert.ok(shown.includes('zk_avg_latency\t0.0'))
    assert.ok(shown.slice(0, -1).every((line) => /^zk_\w+\t\S/.test(line)))
  })

  it('envi has Apache’s keys', () => {
    const keys = [...ask('envi').matchAll(/^([\w.]+)=/gm)].map(([, key]) => key)
    for (const key of ['zookeeper.version', 'host.name', 'java.version', 'os.name', 'user.dir', 'os.memory.total']) {
      assert.ok(keys.includes(key), key)
    }
  })
})

describe('a server that does not serve', () => {
  const stopped = { isServing: () => false }

  it('says so, except where the answer does not depend on it', () => {
    const refusal = 'This ZooKeeper instance is not currently serving requests'
    for (const word of ['srvr', 'stat', 'mntr', 'conf', 'cons', 'dump', 'wchs', 'crst', 'srst', 'dirs'] as const) {
      assert.equal(ask(word, stopped), `${refusal}\n`, word)
    }
    assert.equal(ask('hash', stopped), refusal)
    assert.equal(ask('isro', stopped), 'null')
    assert.equal(ask('ruok', stopped), 'imok')
    assert.equal(ask('gtmk', stopped), '306')
    assert.match(ask('envi', stopped), /^Environment:\n/)
  })
})
