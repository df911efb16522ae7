import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ZooKeeper } from '@meerkat/client'
import { apache } from '../support/apache.ts'
import { meerkat } from '../support/meerkat.ts'
import { missingPeer } from '../support/peers.ts'
import { fourLetterWord, type ServerUnderTest, type StartServer } from '../support/server-process.ts'

/** A server with the state that the commands tell of. */
interface Loaded {
  readonly server: ServerUnderTest
  word(name: string): Promise<string>
  /** The JSON of a command of the admin server, as text. */
  command(name: string): Promise<string>
  close(): Promise<void>
}

async function load(start: StartServer): Promise<Loaded> {
  const server = await start({ config: { maxSessionTimeout: 40_000, extendedTypesEnabled: true } })
  const connect = () => ZooKeeper.connect({ servers: `127.0.0.1:${server.port}`, sessionTimeoutMs: 40_000 })
  const [writer, watcher] = [await connect(), await connect()]
  for (const path of ['/a', '/a/one', '/a/two', '/quota', '/quota/x']) await writer.create(path, 'data')
  await writer.create('/zookeeper/quota/quota', '')
  await writer.create('/zookeeper/quota/quota/zookeeper_limits', 'count=3,bytes=100')
  await writer.create('/zookeeper/quota/quota/zookeeper_stats', 'count=2,bytes=8')
  await writer.create('/a/container', '', { mode: 'container' })
  for (const path of ['/a/e1', '/a/e2']) await writer.create(path, '', { mode: 'ephemeral' })
  await watcher.create('/quota/e3', 'xyz', { mode: 'ephemeral' })
  const watch = (): void => undefined
  for (const path of ['/a', '/a/one', '/quota/x']) await watcher.getData(path, { watch })
  await watcher.exists('/missing', { watch })
  await watcher.getChildren('/a', { watch })
  await writer.getData('/a', { watch })
  // The questions with which the test waited for the server are of no interest.
  await fourLetterWord(server, 'srst')
  return {
    server,
    word: (name) => fourLetterWord(server, name),
    command: async (name) => (await fetch(`http://127.0.0.1:${server.adminPort}/commands/${name}`)).text(),
    async close() {
      await Promise.all([writer.close(), watcher.close()])
      await server.dispose()
    },
  }
}

/** Names that two runs give differently: sessions, ports, folders, dates, zxids stay apart from what is counted. */
function comparable(text: string): string {
  return (
    text
      .replaceAll(/0x[0-9a-f]{10,}|\b\d{16,}\b/g, 'SESSION')
      .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
      .replaceAll(/\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}/g, 'DATE')
      .replaceAll(/(est|lresp|llat|minlat|avglat|maxlat)=\d+/g, '$1=N')
      .replaceAll(/(Latency min\/avg\/max: )\S+/g, '$1N')
      .replaceAll(/^(.*version: ).*$/gm, '$1')
      .replaceAll(/(clientPort=|"client_port" : )\d+/g, '$1PORT')
      .replaceAll(/(data\w*Dir=|"data\w*_dir" : )\S+/g, '$1DIR')
      .replaceAll(/((?:Size=|_size: |_size" : ))\d+/g, '$1SIZE')
      .replaceAll(/("(?:established|last_response_time|\w+_latency|uptime|timestamp)" : )[\d.]+/g, '$1N')
      .replaceAll(/("version" : )"[^"]*"/g, '$1')
      .replaceAll(/"\d{7,}" :/g, '"TIME" :')
      // Apache keeps empty buckets for a while.
      .replaceAll(/^0 expire at DATE:\n|^ +"TIME" : \[ \],?\n/gm, '')
      .replaceAll(/ Sets \(\d+\)/g, ' Sets')
  )
}

/** For lists whose order comes from a hash table. */
function sorted(text: string): string {
  const list = (inner: string): string => inner.split(', ').toSorted().join(', ')
  const lines = text
    .split('\n')
    .map((line) => line.replace(/,$/, '').replace(/\[ (.*) \]/, (_all, inner: string) => `[ ${list(inner)} ]`))
  return lines.toSorted().join('\n')
}

describe(
  "What a server with clients says, and Apache's in the same state",
  {
    skip: missingPeer('apache-3.9.4') ?? false,
  },
  () => {
    let ours: Loaded | undefined
    let theirs: Loaded | undefined
    before(async () => {
      ours = await load(meerkat)
      theirs = await load(apache('3.9.4'))
    })
    after(() => Promise.all([ours?.close(), theirs?.close()]))

    for (const word of [
      'ruok',
      'isro',
      'srvr',
      'stat',
      'conf',
      'cons',
      'dump',
      'wchs',
      'wchc',
      'wchp',
      'dirs',
      'gtmk',
      'nope',
    ]) {
      it(`to ${word}`, async () => {
        const [mine, other] = [await ours?.word(word), await theirs?.word(word)]
        assert.equal(sorted(comparable(mine ?? '')), sorted(comparable(other ?? '')))
      })
    }

    const commands = [
      'configuration',
      'connections',
      'dirs',
      'dump',
      'initial_configuration',
      'is_read_only',
      'last_snapshot',
      'leader',
      'observers',
      'ruok',
      'server_stats',
      'stats',
      'voting_view',
      'watches',
      'watches_by_path',
      'watch_summary',
      'zabstate',
      'nope',
    ]
    for (const command of commands) {
      it(`to /commands/${command}`, async () => {
        const [mine, other] = await Promise.all([ours?.command(command), theirs?.command(command)])
        assert.equal(sorted(comparable(mine ?? '')), sorted(comparable(other ?? '')))
      })
    }

    it('to mntr, where it counts what clients did', async () => {
      const counted =
        /^zk_(znode_count|watch_count|ephemerals_count|global_sessions|num_alive_connections|quota_count_usage_per_namespace.*|quota_\w+|\w+_watch_count|connection_request_count|response_\w+_cnt.*|outstanding_requests|add_dead_watcher.*|write_commitproc.*|ephemeral_\w+)\t.*$/gm
      const count = async (loaded: Loaded | undefined) => (await loaded?.word('mntr'))?.match(counted)?.toSorted()
      assert.deepEqual(await count(ours), await count(theirs))
    })
  },
)
