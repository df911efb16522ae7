import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { meerkat } from '../support/meerkat.ts'

const door = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'meerkat.js')

/** Standard output and errors together with the exit code of one `meerkat` command. */
function run(...words: string[]): Promise<{ output: string; errors: string; exitCode: number | string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [door, ...words], (error, output, errors) =>
      resolve({ output, errors, exitCode: error?.code ?? 0 }),
    )
  })
}

test('the commands of the Kubernetes tutorial print what it shows', async () => {
  const server = await meerkat()
  const shell = (...words: string[]): ReturnType<typeof run> =>
    run('shell', '-server', `127.0.0.1:${server.port}`, ...words)
  try {
    const created = await shell('create', '/hello', 'world')
    assert.deepEqual([created.errors, created.exitCode], ['Created /hello\n', 0])
    const got = await shell('get', '/hello')
    assert.equal(
      got.output,
      `Connecting to 127.0.0.1:${server.port}\n\nWATCHER::\n\n` +
        'WatchedEvent state:SyncConnected type:None path:null zxid: -1\nworld\n',
    )
    const stat = (await shell('get', '-s', '/hello')).output.split('\n').slice(5)
    const names = ['cZxid', 'ctime', 'mZxid', 'mtime', 'pZxid', 'cversion', 'dataVersion', 'aclVersion']
    assert.deepEqual(
      stat.map((line) => line.split(' = ')[0]),
      ['world', ...names, 'ephemeralOwner', 'dataLength', 'numChildren', ''],
    )
    const missing = await shell('get', '/nothing')
    assert.deepEqual([missing.errors, missing.exitCode], ['Node does not exist: /nothing\n', 1])
  } finally {
    await server.dispose()
  }
})

test('the shell that cannot reach a server says so and ends', async () => {
  const { output, errors, exitCode } = await run('shell', '-server', '127.0.0.1:1', 'ls', '/')
  assert.deepEqual(
    [output, errors, exitCode],
    ['Connecting to 127.0.0.1:1\n', 'KeeperErrorCode = ConnectionLoss for /\n', 1],
  )
})

test('bench measures a server and prints a line of JSON for each operation', async () => {
  const server = await meerkat()
  try {
    const hosts = `127.0.0.1:${server.port}`
    const options = ['--clients', '2', '--depth', '4', '--seconds', '0.2', '--warm', '0', '--keys', '10', '--json']
    const { output, errors, exitCode } = await run(
      'bench',
      '--hosts',
      hosts,
      '--op',
      'set,mixed,create-delete',
      ...options,
    )
    assert.deepEqual([errors, exitCode], ['', 0])
    const results = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { op: string; ops: number; errors: number })
    assert.deepEqual(
      results.map(({ op, ops, errors: failed }) => [op, ops > 0, failed]),
      [
        ['set', true, 0],
        ['mixed', true, 0],
        ['create-delete', true, 0],
      ],
    )
  } finally {
    await server.dispose()
  }
})
