import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { apache } from '../../../test/support/apache.ts'
import { missingPeer } from '../../../test/support/peers.ts'
import { freePort } from '../../../test/support/ports.ts'
import { fourLetterWord } from '../../../test/support/server-process.ts'
import type { ServerUnderTest } from '../../../test/support/server-process.ts'
import { COMMANDS } from '../src/admin/commands.ts'
import { runCommand } from '../src/admin/run.ts'
import { RateLimiter } from '../src/admin/rateLimiter.ts'
import { prettyJson } from '../src/admin/json.ts'
import { TraceMask } from '../src/admin/traceMask.ts'
import { allowedWords, answerFourLetterWord } from '../src/fourLetterWords/answer.ts'
import type { FourLetterWord } from '../src/fourLetterWords/answer.ts'
import { metricsPage } from '../src/metrics/endpoint.ts'
import { createMetrics } from '../src/metrics/metrics.ts'
import { adminOptions } from './admin/fakeAdmin.ts'
import { fakeStatus } from './fakeStatus.ts'
import { Readable } from 'node:stream'

/** A server without clients, quotas and watches, as Apache's is here. */
const status = fakeStatus({
  quotas: () => [],
  connections: () => [],
  ephemerals: () => new Map(),
  digestLog: () => [],
  watchesBySession: () => new Map(),
  watchesByPath: () => new Map(),
})

const shape = (text: string): string =>
  text
    .replaceAll(/^.*version: .*$/gm, 'version')
    .replaceAll(/^(data\w*Dir)=.*$/gm, '$1')
    .replaceAll(/0x[0-9a-f]+|-?\d+(\.\d+)?/g, 'N')

describe('Apache ZooKeeper 3.9.4 itself', { skip: missingPeer('apache-3.9.4') }, () => {
  let server: ServerUnderTest
  let prometheusPort = 0
  before(async () => {
    prometheusPort = await freePort()
    server = await apache('3.9.4')()
  })
  after(() => server.dispose())

  it('answers these four-letter words in the same form', async () => {
    const words: readonly FourLetterWord[] = [
      'ruok',
      'isro',
      'srvr',
      'conf',
      'dirs',
      'wchs',
      'wchc',
      'wchp',
      'crst',
      'srst',
      'hash',
      'gtmk',
    ]
    for (const word of words) {
      const ours = answerFourLetterWord(word, {
        status,
        metrics: createMetrics('default'),
        metricsStyle: 'default',
        traceMask: new TraceMask(),
        allowed: allowedWords({ all: true, whitelist: [] }),
        secure: false,
      })
      assert.equal(shape(ours), shape(await fourLetterWord(server, word)), word)
    }
  })

  it('has the same metrics in mntr', async () => {
    const names = (text: string): string[] => [...text.matchAll(/^zk_\w+(?=\t)/gm)].map(([name]) => name).toSorted()
    const ours = answerFourLetterWord('mntr', {
      status,
      metrics: createMetrics('default'),
      metricsStyle: 'default',
      traceMask: new TraceMask(),
      allowed: allowedWords({ all: true, whitelist: [] }),
      secure: false,
    })
    assert.deepEqual(names(ours), names(await fourLetterWord(server, 'mntr')))
  })

  it('has the same commands, with the same fields in the same order', async () => {
    const base = `http://127.0.0.1:${server.adminPort}/commands`
    const links = [...(await (await fetch(base)).text()).matchAll(/>(\w+)</g)].map(([, name]) => name)
    const apaches = Object.entries(COMMANDS).filter(([, { own }]) => own !== true)
    assert.deepEqual(links, apaches.map(([name]) => name).toSorted())

    const unordered = new Set(['environment', 'system_properties', 'monitor', 'snapshot', 'restore', 'dump'])
    const limiter = new RateLimiter(0, () => 0)
    const context = { ...adminOptions({ status }), limiters: { snapshot: limiter, restore: limiter } }
    for (const [name, command] of apaches.filter(([name]) => !unordered.has(name))) {
      for (const alias of [name, ...command.aliases]) {
        const { body } = await runCommand(context, {
          method: 'GET',
          name: alias,
          query: new URLSearchParams(),
          body: Readable.from([]),
          credentials: undefined,
        })
        const ours = 'json' in body ? prettyJson(body.json) : ''
        assert.deepEqual(fields(ours), fields(await (await fetch(`${base}/${alias}`)).text()), alias)
      }
    }
  })

  it('has the same metrics of the same types on its Prometheus page', async () => {
    const className = 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider'
    const prometheus = await apache('3.9.4')({
      config: {
        'metricsProvider.className': className,
        'metricsProvider.httpHost': '127.0.0.1',
        'metricsProvider.httpPort': prometheusPort,
      },
    })
    try {
      const theirs = types(await (await fetch(`http://127.0.0.1:${prometheusPort}/metrics`)).text())
      const metrics = createMetrics('prometheus')
      const ours = types(metricsPage({ metrics, status: fakeStatus() }, () => [])())
      const ofJava = /^(jvm_(?!pause)|process_)/
      assert.deepEqual(
        ours,
        theirs.filter((line) => !ofJava.test(line)),
      )
    } finally {
      await prometheus.dispose()
    }
  })
})

/** Indentation and name of each field. */
function fields(json: string): string[] {
  return [...json.matchAll(/^ +"[^"]+"/gm)].map(([field]) => field)
}

function types(page: string): string[] {
  return [...page.matchAll(/^# TYPE (.*)$/gm)].map(([, type]) => type ?? '').toSorted()
}
