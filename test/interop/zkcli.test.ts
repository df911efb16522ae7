import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { apache, javaClassPath, quickJvm, type ApacheVersion } from '../support/apache.ts'
import { meerkat } from '../support/meerkat.ts'
import { requirePeer } from '../support/peers.ts'
import type { ServerUnderTest } from '../support/server-process.ts'

const versions: readonly ApacheVersion[] = ['3.9.4', '3.8']

for (const version of versions) {
  for (const [make, start] of [['Apache ZooKeeper', apache('3.9.4')] as const, ['Meerkat', meerkat] as const]) {
    test(`zkCli ${version} as a process of its own does the Kubernetes tutorial with ${make}`, async (t) => {
      if (requirePeer(t, `apache-${version}`) === undefined || requirePeer(t, 'apache-3.9.4') === undefined) return
      const server = await start({})
      t.after(() => server.dispose())
      const piped = await zkCli(server, version, [], 'create /hello world\nget /hello\nget -s /hello\nquit\n')
      assert.match(piped.output, /^Created \/hello$/m)
      assert.match(piped.output, /^world$/m)
      assert.match(piped.output, /^dataLength = 5$/m)
      assert.equal(piped.exitCode, 0)
      const got = await zkCli(server, version, ['get', '/hello'])
      assert.match(got.output, /^world$/m)
      assert.equal(got.exitCode, 0)
      const missing = await zkCli(server, version, ['get', '/missing'])
      assert.match(missing.output, /^Node does not exist: \/missing$/m)
      assert.equal(missing.exitCode, 1)
    })
  }
}

async function zkCli(
  server: ServerUnderTest,
  version: ApacheVersion,
  words: readonly string[],
  input = '',
): Promise<{ output: string; exitCode: number | null }> {
  const flags = [...quickJvm, '-Dzookeeper.log.level=OFF', '-cp', javaClassPath(`apache-${version}`)]
  const child = spawn('java', [
    ...flags,
    'org.apache.zookeeper.ZooKeeperMain',
    '-server',
    `${server.host}:${server.port}`,
    ...words,
  ])
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stdin.end(input)
  const exitCode = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  return { output, exitCode }
}
