/** The limits of a real server process, one setting or a few of them a server. */
import { OPEN_ACL, OPERATIONS, OpCode, type Bytes } from '@meerkat/protocol'
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { meerkat } from '../support/meerkat.ts'
import { fourLetterWord, type ServerOptions, type ServerUnderTest } from '../support/server-process.ts'
import { Wire, requestFrame } from '../fuzz/wire.ts'

type Config = NonNullable<ServerOptions['config']>

async function serverWith(test: TestContext, config: Config): Promise<ServerUnderTest> {
  const server = await meerkat({ config })
  test.after(() => server.dispose())
  return server
}

/** Numbers of `mntr`, without `zk_`. */
async function numbersOf(server: ServerUnderTest): Promise<ReadonlyMap<string, number>> {
  const lines = (await fourLetterWord(server, 'mntr')).split('\n')
  return new Map(lines.map((line) => line.split('\t')).map(([name = '', value]) => [name.slice(3), Number(value)]))
}

/** Waits until the log of the server has a line like that; answers how many. */
async function linesLike(server: ServerUnderTest, pattern: RegExp): Promise<number> {
  const count = (): number =>
    server
      .logs()
      .split('\n')
      .filter((line) => pattern.test(line)).length
  for (let patience = 40; patience > 0 && count() === 0; patience--) await sleep(25)
  return count()
}

function create(xid: number, path: string, bytes = 1): Bytes {
  const body = { path, data: Buffer.alloc(bytes, 120), acl: OPEN_ACL, flags: 0 }
  return requestFrame({ xid, type: OpCode.create }, (output) => OPERATIONS.create.request.write(output, body))
}

/** Whether a session begins. */
async function session(port: number): Promise<Wire | undefined> {
  const wire = await Wire.open(port)
  return (await wire.handshake()) === undefined ? undefined : wire
}

describe('Limits of connections', { concurrency: 2 }, () => {
  it('connection_throttle_tokens bounds how many sessions begin at once', async (test) => {
    const server = await serverWith(test, { connection_throttle_tokens: 2, connection_throttle_fill_time: 600_000 })
    const sessions = [await session(server.port), await session(server.port), await session(server.port)]
    assert.deepEqual(
      sessions.map((one) => one !== undefined),
      [true, true, false],
    )
    const numbers = await numbersOf(server)
    assert.equal(numbers.get('connection_rejected'), 1)
    assert.equal(numbers.get('max_connection_token_deficit'), 2)
    assert.equal(numbers.get('connection_drop_probability'), 0)
    assert.equal(await linesLike(server, /connection_throttle_tokens/), 1)
  })

  it('connection_throttle_freeze_time makes the chance to be turned away grow', async (test) => {
    const server = await serverWith(test, {
      connection_throttle_tokens: 1,
      connection_throttle_fill_time: 600_000,
      connection_throttle_freeze_time: 1,
      connection_throttle_drop_increase: 0.5,
    })
    assert.notEqual(await session(server.port), undefined)
    for (let i = 0; i < 3; i++) {
      await sleep(5)
      assert.equal(await session(server.port), undefined)
    }
    assert.equal((await numbersOf(server)).get('connection_drop_probability'), 1)
  })

  it('maxClientCnxns bounds the connections of one address, and one that ends makes room', async (test) => {
    const server = await serverWith(test, { maxClientCnxns: 3 })
    const open = [await session(server.port), await session(server.port), await session(server.port)]
    const refused = await Wire.open(server.port)
    await refused.closed()
    assert.equal(await linesLike(server, /refused.*maxClientCnxns=3/), 1)
    open[0]?.close()
    await sleep(50)
    const numbers = await numbersOf(server)
    assert.equal(numbers.get('connection_rejected'), 1)
    assert.equal(numbers.get('connection_drop_count'), 1)
    // The connection that asked for the numbers counts as well until it is gone.
    await sleep(50)
    assert.notEqual(await session(server.port), undefined)
  })

  it('maxCnxns bounds all connections', async (test) => {
    const server = await serverWith(test, { maxCnxns: 2 })
    const open = [await session(server.port), await session(server.port)]
    const refused = await Wire.open(server.port)
    await refused.closed()
    assert.equal(await linesLike(server, /refused.*maxCnxns=2/), 1)
    for (const wire of open) wire?.close()
  })

  it('nio.sessionlessCnxnTimeout closes a connection that begins no session, and no other', async (test) => {
    const server = await serverWith(test, { 'nio.sessionlessCnxnTimeout': 300 })
    const served = await session(server.port)
    const asking = connect({ port: server.port, host: server.host, allowHalfOpen: true })
    test.after(() => asking.destroy())
    asking.write('ruok')
    const [silent, half] = [await Wire.open(server.port), await Wire.open(server.port)]
    half.send(Buffer.from([0, 0, 0, 45, 0]))
    await Promise.all([silent.closed(), half.closed()])
    assert.equal(served?.isClosed, false)
    assert.equal((await numbersOf(server)).get('sessionless_connections_expired'), 2)
    assert.equal(await linesLike(server, /began no session/), 2)
  })

  it('a frame longer than jute.maxbuffer costs the connection, and one line', async (test) => {
    const server = await serverWith(test, { 'jute.maxbuffer': 5000 })
    const wire = await session(server.port)
    wire?.send(create(1, '/fits', 4900))
    assert.equal((await wire?.reply())?.err, 0)
    wire?.send(create(2, '/long', 5000))
    assert.equal(await wire?.reply(), undefined)
    assert.equal(await linesLike(server, /frame length \d+ is not within 0 and 5000 \(jute.maxbuffer\)/), 1)
  })
})

describe('A server without data', () => {
  it('does not start where db.autocreate is off, and does once a file initialize is there', async (test) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'limits-'))
    test.after(() => rm(dataDir, { recursive: true }))
    const options = { dataDir, config: { 'db.autocreate': false } }
    await assert.rejects(meerkat(options), /meerkat: .*db\.autocreate=false.*make a file \S+initialize/)
    await writeFile(join(dataDir, 'initialize'), '')
    const server = await meerkat(options)
    test.after(() => server.dispose())
    assert.notEqual(await session(server.port), undefined)
  })
})

describe('Limits of requests', { concurrency: 2 }, () => {
  it('request_throttle_max_requests makes requests wait, and all are answered in order', async (test) => {
    const server = await serverWith(test, { request_throttle_max_requests: 5 })
    const wire = await session(server.port)
    const xids = Array.from({ length: 200 }, (_, index) => index + 1)
    wire?.send(Buffer.concat(xids.map((xid) => create(xid, `/${xid}`))))
    for (const xid of xids) {
      const reply = await wire?.reply()
      assert.deepEqual([reply?.xid, reply?.err], [xid, 0])
    }
    const numbers = await numbersOf(server)
    assert.ok((numbers.get('request_throttle_wait_count') ?? 0) >= 39)
    assert.equal(numbers.get('cnt_request_throttle_queue_time_ms'), 200)
  })

  it('largeRequestMaxBytes bounds the large requests in progress, and answered ones make room', async (test) => {
    const server = await serverWith(test, { largeRequestThreshold: 1000, largeRequestMaxBytes: 5000 })
    const [patient, greedy] = [await session(server.port), await session(server.port)]
    for (let xid = 1; xid <= 5; xid++) {
      patient?.send(create(xid, `/patient${xid}`, 3000))
      assert.equal((await patient?.reply())?.err, 0)
    }
    greedy?.send(Buffer.concat([1, 2, 3, 4].map((xid) => create(xid, `/greedy${xid}`, 3000))))
    while ((await greedy?.reply()) !== undefined);
    assert.equal((await numbersOf(server)).get('large_requests_rejected'), 1)
    assert.equal(await linesLike(server, /largeRequestMaxBytes/), 1)
    assert.equal(patient?.isClosed, false)
  })

  it('flushDelay makes transactions wait for each other, and maxBatchSize makes them go', async (test) => {
    const server = await serverWith(test, { flushDelay: 1000, maxWriteQueuePollTime: 1000, maxBatchSize: 10 })
    const wire = await session(server.port)
    const began = performance.now()
    wire?.send(create(1, '/waits'))
    await wire?.reply()
    assert.ok(performance.now() - began > 700)
    const again = performance.now()
    wire?.send(Buffer.concat(Array.from({ length: 10 }, (_, index) => create(index + 2, `/batch${index}`))))
    for (let i = 0; i < 10; i++) assert.equal((await wire?.reply())?.err, 0)
    assert.ok(performance.now() - again < 700)
  })

  it('fsync.warningthresholdms: a sync that takes longer is logged and counted', async (test) => {
    const server = await serverWith(test, { 'fsync.warningthresholdms': -1 })
    await session(server.port)
    assert.ok((await linesLike(server, /took long to make transactions durable.*fsync.warningthresholdms/)) >= 1)
    const answer = await fetch(`http://127.0.0.1:${server.adminPort}/commands/stats`)
    const { server_stats: stats } = (await answer.json()) as { server_stats: Record<string, number> }
    assert.ok(Number(stats['fsync_threshold_exceed_count']) >= 1)
  })

  it('readonlymode.enabled: a server that stands alone answers rw to isro, whatever the whitelist says', async (test) => {
    const server = await serverWith(test, { 'readonlymode.enabled': true, '4lw.commands.whitelist': 'srvr' })
    assert.equal(await fourLetterWord(server, 'isro'), 'rw')
  })
})
