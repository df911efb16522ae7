import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { join } from 'node:path'

/** What the other side answered: a token, and whether it is content; or why it refuses. */
export type PeerAnswer = { readonly token: Buffer; readonly done: boolean } | { readonly failure: string }

/** One side of a SASL exchange, played by another implementation in a process of its own. */
export interface SaslPeer {
  answer(token: Uint8Array): Promise<PeerAnswer>
  close(): void
}

/** The JDK's mechanism (SaslPeer.java). */
export function javaSaslPeer(role: 'client' | 'server', user: string, password: string): SaslPeer {
  return startPeer('java', [join(import.meta.dirname, 'SaslPeer.java'), role, user, password])
}

/** The pure-sasl library, which kazoo uses; `packages` is the folder in which it is installed. */
export function pureSaslClient(packages: string, user: string, password: string): SaslPeer {
  return startPeer('python3', ['-c', PURE_SASL, user, password], { PYTHONPATH: packages })
}

const PURE_SASL = `
import base64, sys
from puresasl.client import SASLClient
client = SASLClient(host='zk-sasl-md5', service='zookeeper', mechanism='DIGEST-MD5', username=sys.argv[1], password=sys.argv[2])
for line in sys.stdin:
    try:
        answer = client.process(challenge=base64.b64decode(line))
        print(base64.b64encode(answer or b'').decode() + (' done' if client.complete else ''), flush=True)
    except Exception as e:
        print('failed ' + repr(e), flush=True)
`

function startPeer(command: string, args: readonly string[], environment: Record<string, string> = {}): SaslPeer {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...environment } })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async answer(token) {
      child.stdin.write(`${Buffer.from(token).toString('base64')}\n`)
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`${command} ended without an answer`)
      const failure = /^failed (.*)/.exec(value)?.[1]
      if (failure !== undefined) return { failure }
      const [text = '', word] = value.split(' ')
      return { token: Buffer.from(text, 'base64'), done: word === 'done' }
    },
    close() {
      child.stdin.end()
    },
  }
}
