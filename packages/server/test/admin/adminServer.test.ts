import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { zxidOf } from '@meerkat/protocol'
import { startAdminServer } from '../../src/admin/adminServer.ts'
import { ListenError } from '../../src/admin/listen.ts'
import { fakeStatus } from '../fakeStatus.ts'
import { adminOptions, withAdmin } from './fakeAdmin.ts'

const permitted = { authorization: 'digest super:test' }

describe('the admin server answers as Apache’s', () => {
  it('believes the first address of X-Forwarded-For, where it is told to', async () => {
    for (const [useXForwardedFor, expected] of [
      [true, '10.1.2.3'],
      [false, '127.0.0.1'],
    ] as const) {
      const seen: string[] = []
      const status = fakeStatus({
        authorize({ remoteAddress }) {
          seen.push(remoteAddress)
          return 'not authorized'
        },
      })
      await withAdmin({ useXForwardedFor, status }, async (base) => {
        const headers = { ...permitted, 'X-Forwarded-For': ' 10.1.2.3 , 10.0.0.1' }
        await fetch(`${base}/snapshot?streaming=false`, { headers })
      })
      assert.deepEqual(seen, [expected])
    }
  })

  it('a list of links', () =>
    withAdmin({}, async (base) => {
      for (const url of [base, `${base}/`]) {
        const page = await (await fetch(url)).text()
        assert.ok(page.startsWith('<a href="/commands/configuration">configuration</a>\n<br/>\n'))
        assert.ok(page.endsWith('<a href="/commands/zabstate">zabstate</a>\n<br/>\n'))
      }
    }))

  it('a command under each of its names, with its first name in the answer', () =>
    withAdmin({}, async (base) => {
      for (const name of ['configuration', 'conf', 'config']) {
        const response = await fetch(`${base}/${name}`)
        assert.equal(response.headers.get('content-type'), 'application/json')
        assert.equal(
          await response.text(),
          `{
  "client_port" : 23281,
  "data_dir" : "/data/version-2",
  "data_log_dir" : "/log/version-2",
  "tick_time" : 2000,
  "max_client_cnxns" : 60,
  "min_session_timeout" : 4000,
  "max_session_timeout" : 40000,
  "server_id" : 0,
  "client_port_listen_backlog" : -1,
  "command" : "configuration",
  "error" : null
}`,
        )
      }
    }))

  it('short commands', () =>
    withAdmin({}, async (base) => {
      const answers = {
        ruok: {},
        last_snapshot: { zxid: '23', timestamp: 1795247673 },
        watch_summary: { num_connections: 3, num_paths: 1, num_total_watches: 1 },
        hash: { digests: [{ zxid: 128, digest: 15642258069, digest_version: 2 }] },
        is_read_only: { read_only: false },
        zabstate: { voting: false, zabstate: '' },
        voting_view: { current_config: {} },
        observers: { synced_observers: 0, observers: [] },
        initial_configuration: { initial_configuration: 'tickTime=2000\n' },
        get_trace_mask: { tracemask: 306 },
        'set_trace_mask?traceMask=308': { tracemask: 308 },
      }
      for (const [command, fields] of Object.entries(answers)) {
        const answer: unknown = await (await fetch(`${base}/${command}`)).json()
        assert.deepEqual(answer, { ...fields, command: command.replace(/\?.*/, ''), error: null })
      }
    }))

  it('errors of commands in their place, with status 200', () =>
    withAdmin({}, async (base) => {
      const answers = {
        nosuch: '{\n  "command" : "nosuch",\n  "error" : "Unknown command: nosuch"\n}',
        lead: '{\n  "error" : "server is not initialized",\n  "command" : "leader"\n}',
        'stmk?traceMask=x':
          '{\n  "error" : "setTraceMask requires long traceMask argument, got x",\n  "command" : "set_trace_mask"\n}',
        stmk: '{\n  "error" : "setTraceMask requires long traceMask argument",\n  "command" : "set_trace_mask"\n}',
      }
      for (const [command, body] of Object.entries(answers)) {
        const response = await fetch(`${base}/${command}`)
        assert.equal(response.status, 200)
        assert.equal(await response.text(), body)
      }
    }))

  it('that the server does not serve', () =>
    withAdmin({ status: fakeStatus({ isServing: () => false }) }, async (base) => {
      const refusal = 'This ZooKeeper instance is not currently serving requests'
      assert.deepEqual(await (await fetch(`${base}/ruok`)).json(), { command: 'ruok', error: refusal })
      assert.deepEqual(await (await fetch(`${base}/snapshot`)).json(), { command: 'snapshot', error: refusal })
      assert.match(await (await fetch(`${base}/env`)).text(), /"command" : "environment",\n {2}"error" : null/)
    }))
})

describe('snapshot over HTTP', () => {
  const snapshot = (file: string) => ({
    status: fakeStatus({ takeSnapshot: () => Promise.resolve({ lastZxid: zxidOf(0x23), file, sizeBytes: 5 }) }),
  })

  it('wants credentials', () =>
    withAdmin({}, async (base) => {
      const ask = async (headers: Record<string, string>): Promise<unknown[]> => {
        const response = await fetch(`${base}/snap`, { headers })
        return [response.status, await response.json()]
      }
      const failed = (error: string): unknown => ({ command: 'snap', error })
      assert.deepEqual(await ask({}), [401, failed('Auth info is missing for the command')])
      assert.deepEqual(await ask({ authorization: 'none' }), [401, failed('Not authenticated')])
      assert.deepEqual(await ask({ authorization: 'digest foo:bar' }), [403, failed('Not authorized')])
    }))

  it('sends the file, then refuses another for a while, then sends its numbers alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'admin-'))
    await writeFile(join(folder, 'snapshot.23'), 'bytes')
    let now = 0
    const { status } = snapshot(join(folder, 'snapshot.23'))
    await withAdmin({ status: { ...status, elapsedMs: () => now } }, async (base, { metrics }) => {
      const first = await fetch(`${base}/snapshot`, { headers: permitted })
      assert.equal(await first.text(), 'bytes')
      assert.deepEqual(
        ['last_zxid', 'snapshot_size', 'content-type', 'content-length'].map((name) => first.headers.get(name)),
        ['0x23', '5', 'application/octet-stream', '5'],
      )
      const second = await fetch(`${base}/snapshot`, { headers: permitted })
      assert.equal(second.status, 429)
      assert.deepEqual(await second.json(), { command: 'snapshot', error: null })
      assert.equal(metrics.snapshot_rate_limited_count.value, 1)
      now = 301
      const third = await fetch(`${base}/snapshot?streaming=false`, { headers: permitted })
      assert.equal(third.headers.get('last_zxid'), '0x23')
      assert.deepEqual(await third.json(), { command: 'snapshot', error: null })
    })
    await rm(folder, { recursive: true })
  })

  it('has a status of its own for each reason not to', async () => {
    for (const [changes, status] of [
      [{ snapshotEnabled: false }, 503],
      [{ serializeLastProcessedZxid: false }, 500],
      [{}, 500],
    ] as const) {
      await withAdmin(changes, async (base) => {
        const response = await fetch(`${base}/snapshot`, { headers: permitted })
        assert.equal(response.status, status)
        assert.deepEqual(await response.json(), { command: 'snapshot', error: null })
      })
    }
  })
})

describe('restore over HTTP', () => {
  it('hands the body to the server and answers the zxid', async () => {
    let received = ''
    const restoreSnapshot = async (body: NodeJS.ReadableStream) => {
      received = await text(body)
      return zxidOf(437)
    }
    await withAdmin({ status: fakeStatus({ restoreSnapshot }) }, async (base, { metrics }) => {
      const post = () => fetch(`${base}/restore`, { method: 'POST', body: 'a snapshot', headers: permitted })
      assert.deepEqual(await (await post()).json(), { last_zxid: 437, command: 'restore', error: null })
      assert.equal(received, 'a snapshot')
      assert.equal((await post()).status, 429)
      assert.equal(metrics.restore_rate_limited_count.value, 1)
    })
  })

  it('reads nothing of a body without credentials', async () => {
    const restoreSnapshot = () => assert.fail('the body was taken')
    await withAdmin({ status: fakeStatus({ restoreSnapshot }) }, async (base) => {
      const response = await fetch(`${base}/restore`, { method: 'POST', body: 'x'.repeat(100) })
      assert.equal(response.status, 401)
    })
  })

  it('says by its status that it failed', async () => {
    const restoreSnapshot = () => Promise.reject(new Error('no snapshot'))
    await withAdmin({ status: fakeStatus({ restoreSnapshot }) }, async (base, { metrics }) => {
      const response = await fetch(`${base}/restore`, { method: 'POST', body: 'a', headers: permitted })
      assert.equal(response.status, 500)
      assert.equal(metrics.restore_error_count.value, 1)
    })
  })
})

describe('levels of the log over HTTP', () => {
  it('are shown to all and set by those who may', () =>
    withAdmin({}, async (base, { logging }) => {
      const post = (query: string, headers = {}) => fetch(`${base}/log_level?${query}`, { method: 'POST', headers })
      assert.equal((await post('level=debug')).status, 401)
      assert.equal(logging.level, 'info')
      assert.equal((await post('level=debug', permitted)).status, 200)
      assert.equal((await post('level=trace&component=admin', permitted)).status, 200)
      assert.deepEqual(await (await fetch(`${base}/log_level`)).json(), {
        level: 'debug',
        components: { admin: 'trace' },
        command: 'log_level',
        error: null,
      })
      assert.equal((await post('level=default&component=admin', permitted)).status, 200)
      assert.equal(logging.componentLevels.size, 0)
      const refused = await post('level=loud', permitted)
      assert.equal(refused.status, 400)
      assert.match(await refused.text(), /level is \\"loud\\"; give one of trace, debug, info, warn, error, fatal/)
    }))
})

describe('a request that is not well made', () => {
  it('gets an error of HTTP', () =>
    withAdmin({}, async (base) => {
      assert.equal((await fetch(base.replace('/commands', '/'))).status, 404)
      assert.equal((await fetch(`${base}/ruok`, { method: 'DELETE' })).status, 405)
      const wrongMethod = await fetch(`${base}/ruok`, { method: 'POST' })
      assert.equal(wrongMethod.status, 405)
      assert.equal(wrongMethod.headers.get('allow'), 'GET')
      assert.equal((await fetch(`${base}/restore`, { headers: permitted })).status, 405)
      assert.equal((await fetch(`${base}/%zz`)).status, 200)
      assert.equal((await fetch(`${base}/ruok`, { headers: { long: 'x'.repeat(20_000) } })).status, 431)
    }))

  it('is closed when its connection stays silent', () =>
    withAdmin({ idleTimeoutMs: 50 }, async (base) => {
      const socket = connect(Number(new URL(base).port), '127.0.0.1')
      const startMs = Date.now()
      await new Promise((resolve) => socket.resume().once('close', resolve))
      assert.ok(Date.now() - startMs < 5000)
    }))
})

describe('the port of the admin server', () => {
  it('in use is an error that names the setting', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    try {
      await assert.rejects(startAdminServer(adminOptions({ port })), (error: unknown) => {
        assert.ok(error instanceof ListenError)
        assert.match(error.message, /admin server cannot listen on 127.0.0.1:\d+: another process.*admin.serverPort/)
        return true
      })
    } finally {
      other.close()
    }
  })
})
