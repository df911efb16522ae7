import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import type { TestContext } from 'node:test'

/** How the reason of a skip begins when a peer is missing; with `CI` set, `npm test` counts such a skip as a failure. */
export const MISSING_PEER = 'missing peer'

/** Set by `npm run test:quick`, in which no peer takes part. */
export const QUICK_VARIABLE = 'MEERKAT_TEST_QUICK'

/**
 * Everything that a test may need beside Node.js: a folder that tools/peers.sh makes under .cache/peers, a command, or both.
 * The class path of the Java ones is `lib/*` in their folder.
 */
const PEERS = {
  'apache-3.9.4': { folder: 'apache-3.9.4', command: 'java' },
  'apache-3.8': { folder: 'apache-3.8', command: 'java' },
  curator: { folder: 'curator', command: 'java' },
  kazoo: { folder: 'python', command: 'python3' },
  'c-client': { folder: 'c', command: 'cc' },
  go: { folder: 'go', command: 'go' },
  node: { folder: 'node', command: 'node' },
  java: { command: 'java' },
  javac: { command: 'javac' },
  cc: { command: 'cc' },
  python: { command: 'python3' },
  openssl: { command: 'openssl' },
  keytool: { command: 'keytool' },
} as const satisfies Record<string, { folder?: string; command: string }>

export type PeerName = keyof typeof PEERS

/**
 * Says where a peer is: its folder, or the command's path if it is nothing but a command. Where it is missing, the
 * test is skipped with the reason and the result is `undefined`, upon which the test should return.
 */
export function requirePeer(test: TestContext, name: PeerName): string | undefined {
  const reason = missingPeer(name)
  if (reason !== undefined) {
    test.skip(reason)
    return undefined
  }
  return peerPath(name)
}

/** Why a peer cannot take part, or `undefined` if it can: fits the `skip` option of a test or a suite. */
export function missingPeer(name: PeerName): string | undefined {
  if ((process.env[QUICK_VARIABLE] ?? '') !== '') return 'a quick run has no peers'
  const peer: { folder?: string; command: string } = PEERS[name]
  if (findCommand(peer.command) === undefined) return `${MISSING_PEER} ${name}: there is no command ${peer.command}`
  if (peer.folder !== undefined && !existsSync(join(peerFolder(peer.folder), '.stamp'))) {
    return `${MISSING_PEER} ${name}: run \`npm run peers\` to set it up`
  }
  return undefined
}

function peerPath(name: PeerName): string | undefined {
  const peer: { folder?: string; command: string } = PEERS[name]
  return peer.folder === undefined ? findCommand(peer.command) : peerFolder(peer.folder)
}

/** tools/peers.sh writes a `.stamp` into the folder once a peer is complete. */
function peerFolder(folder: string): string {
  return join(import.meta.dirname, '..', '..', '.cache', 'peers', folder)
}

function findCommand(command: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
