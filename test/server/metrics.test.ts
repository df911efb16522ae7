import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { ZooKeeper } from '@meerkat/client'
import { apache } from '../support/apache.ts'
import { meerkat } from '../support/meerkat.ts'
import { missingPeer } from '../support/peers.ts'
import { freePort } from '../support/ports.ts'
import { fourLetterWord, type ServerUnderTest, type StartServer } from '../support/server-process.ts'

interface Measured {
  readonly server: ServerUnderTest
  /** Samples by name and labels. */
  readonly samples: () => Promise<ReadonlyMap<string, number>>
}

async function start(test: TestContext, make: StartServer): Promise<Measured> {
  const port = await freePort()
  const server = await make({
    config: {
      snapCount: 40,
      enforceQuota: true,
      'metricsProvider.className': 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
      'metricsProvider.httpHost': '127.0.0.1',
      'metricsProvider.httpPort': port,
    },
  })
  test.after(() => server.dispose())
  return {
    server,
    async samples() {
      // Apache's page has a comma after the last label.
      const text = (await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).replaceAll(',}', '}')
      const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
      return new Map(
        lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
      )
    },
  }
}

/** The same requests each time. */
async function work({ port }: ServerUnderTest): Promise<ZooKeeper> {
  const client = await ZooKeeper.connect({ servers: `127.0.0.1:${port}`, sessionTimeoutMs: 8000 })
  await client.create('/a', 'x')
  for (let i = 0; i < 10; i++) await client.create(`/a/n${i}`, 'data', { mode: i < 3 ? 'ephemeral' : 'persistent' })
  const watch = (): void => undefined
  await client.getData('/a', { watch })
  await client.exists('/missing', { watch })
  await client.exists('/other', { watch })
  await client.getChildren('/a', { watch })
  await client.setData('/a', 'y')
  await client.create('/missing', '')
  await client.delete('/a/n9')
  for (let i = 0; i < 30; i++) await client.setData('/a', String(i))
  for (let i = 0; i < 20; i++) await client.getData('/a')
  await assert.rejects(client.create('/a', ''))
  await readAll(client)
  await exceedQuota(client)
  return client
}

/** Every kind of read, of what is there and of what is not. */
async function readAll(client: ZooKeeper): Promise<void> {
  await client.create('/käse', 'x')
  await client.getData('/käse')
  await client.getData('/zookeeper/config')
  await client.exists('/a')
  await client.getChildren('/a')
  await client.getChildren('/')
  await client.getACL('/a')
  await client.sync('/a')
  await client.getAllChildrenNumber('/a')
  await assert.rejects(client.getData('/a/missing'))
  await client.multiRead([
    { op: 'getData', path: '/a/n5' },
    { op: 'getChildren', path: '/a' },
    { op: 'getData', path: '/a/missing' },
  ])
}

async function exceedQuota(client: ZooKeeper): Promise<void> {
  await client.create('/q', 'four')
  await client.create('/zookeeper/quota/q', '')
  await client.create('/zookeeper/quota/q/zookeeper_limits', 'count=2,bytes=5=;byteHardLimit=9;countHardLimit=3')
  await client.create('/zookeeper/quota/q/zookeeper_stats', 'count=0,bytes=0')
  await client.create('/q/a', '')
  await client.create('/q/b', '')
  await assert.rejects(client.create('/q/c', ''))
  await assert.rejects(client.setData('/q/a', '123456'))
  await assert.rejects(
    client.multi([
      { op: 'setData', path: '/q', data: '' },
      { op: 'setData', path: '/q/a', data: '1234567890' },
    ]),
  )
  await client.setData('/q/a', '12345')
}

describe('The metrics of a server at work', () => {
  it('move with what clients do', async (test) => {
    const { server, samples } = await start(test, meerkat)
    const before = await samples()
    const client = await work(server)
    test.after(() => client.close())
    const after = await samples()
    const delta = (name: string): number => (after.get(name) ?? NaN) - (before.get(name) ?? 0)
    assert.equal(delta('znode_count'), 18)
    assert.equal(delta('ephemerals_count'), 3)
    assert.equal(after.get('watch_count'), 1)
    assert.equal(delta('num_alive_connections'), 1)
    assert.equal(delta('global_sessions'), 1)
    assert.equal(delta('readlatency_count'), 34)
    assert.equal(delta('updatelatency_count'), 57)
    assert.equal(delta('connection_request_count'), 1)
    assert.equal(delta('node_changed_watch_count_sum'), 1)
    assert.equal(delta('node_created_watch_count_sum'), 1)
    assert.equal(delta('node_children_watch_count_sum'), 1)
    assert.ok(delta('fsynctime_count') > 0)
    assert.ok(delta('snapshottime_count') > 0)
    assert.equal(delta('quota_exceeded_error_per_namespace{key="q"}'), 3)
    assert.ok(delta('packets_received') >= 70)
    assert.ok(delta('bytes_received_count') > 1000)
    assert.ok(delta('approximate_data_size') > 0)
    assert.ok((after.get('open_file_descriptor_count') ?? 0) > 5)
    assert.ok((after.get('process_resident_memory_bytes') ?? after.get('jvm_memory_bytes_used') ?? 1) > 0)
    const mntr = await fourLetterWord(server, 'mntr')
    assert.match(mntr, /zk_znode_count\t23\.0\n/)
  })

  it("count what Apache's count", { skip: missingPeer('apache-3.9.4') ?? false }, async (test) => {
    const count = async (make: StartServer): Promise<ReadonlyMap<string, number>> => {
      const { server, samples } = await start(test, make)
      const before = await samples()
      const client = await work(server)
      test.after(() => client.close())
      return new Map([...(await samples())].map(([name, value]) => [name, value - (before.get(name) ?? 0)]))
    }
    const [ours, theirs] = [await count(meerkat), await count(apache('3.9.4'))]
    const compared = [...theirs.keys()].filter((name) => COUNTED.test(name))
    assert.ok(compared.length >= 15, compared.join())
    const pick = (samples: ReadonlyMap<string, number>) =>
      Object.fromEntries(compared.map((name) => [name, samples.get(name)]))
    assert.deepEqual(pick(ours), pick(theirs))
  })
})

/** What neither depends on time nor on how Apache's server is built: its caches and its queues are not here. */
const COUNTED =
  /^(znode_count|ephemerals_count|watch_count|(global|local)_sessions|num_alive_connections|(read|update)latency_count|approximate_data_size|connection_(request|revalidate|rejected|drop)_count|node_\w+_watch_count_(count|sum)|\w+_expired|auth_\w+|digest_mismatches_count|diff_count|snap_count|ensemble_auth_\w+|(commit|proposal)_count|large_requests_rejected|outstanding_requests|bytes_received_count|packets_(received|sent)|(read|write)_per_namespace_\w+|quota_\w+)/
