/** Input that no client should send, and what Apache's server answers to it. */
import { Input, OPERATIONS, type Bytes, type Output, zeros } from '@meerkat/protocol'
import { setTimeout as sleep } from 'node:timers/promises'
import { Wire, connectFrame, requestFrame, type Reply, type Session } from './wire.ts'

export interface BadInput {
  readonly name: string
  /** What to send, on a fresh connection or, with `session`, on one whose session is established. */
  readonly on: 'connection' | 'session'
  readonly bytes: (session: Session) => Uint8Array
  /** See `outcomeOf`. */
  readonly outcome: string
  /** What Apache's server does where Meerkat departs from it: docs/internals/divergence.md says why. */
  readonly apache?: string
}

const { code: CREATE } = OPERATIONS.create
const SENTINEL_XID = 77_777
const QUIET_MS = 40

function request(type: number, hex: string): Bytes {
  return requestFrame({ xid: 1, type }, raw(hex))
}

function raw(hex: string): (output: Output) => void {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  return (output) => output.raw(bytes, 0, bytes.length)
}

function createAt(path: string | Uint8Array): Bytes {
  const bytes = Buffer.from(path)
  const length = bytes.length.toString(16).padStart(8, '0')
  return request(CREATE, `${length} ${bytes.toString('hex')} 00000000 00000001 0000001f ${OPEN_ID} 00000000`)
}

const OPEN_ID = '00000005 776f726c64 00000006 616e796f6e65'
const frame = (hex: string): (() => Bytes) => {
  return () => Buffer.from(hex.replaceAll(' ', ''), 'hex')
}

const handshakes: Omit<BadInput, 'on'>[] = [
  { name: 'a frame longer than the limit', bytes: frame('00100000 00'), outcome: 'closed' },
  { name: 'the longest length there is', bytes: frame('7fffffff 00'), outcome: 'closed' },
  { name: 'a negative length', bytes: frame('ffffffff 00'), outcome: 'closed' },
  { name: 'an empty frame', bytes: frame('00000000'), outcome: 'closed' },
  { name: 'a truncated handshake', bytes: () => shortened(connectFrame(), 20), outcome: 'closed' },
  { name: 'a ping before the handshake', bytes: () => request(OPERATIONS.ping.code, ''), outcome: 'closed' },
  { name: 'a create before the handshake', bytes: () => createAt('/early'), outcome: 'closed' },
  { name: 'a zxid from the future', bytes: () => connectFrame({ lastZxidSeen: 2 ** 50 }), outcome: 'closed' },
  { name: 'the hello of TLS', bytes: frame(`160301 0200 01 0001fc 0303 ${'ab'.repeat(32)}`), outcome: 'closed' },
  { name: 'a request of HTTP', bytes: () => Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), outcome: 'closed' },
  {
    name: 'a session that never was',
    bytes: () => connectFrame({ session: unknownSession, password: zeros(16) }),
    outcome: 'refused, closed',
  },
  {
    name: 'a session with a wrong password',
    bytes: (session) => connectFrame({ session, password: zeros(16) }),
    outcome: 'refused, closed',
  },
  {
    name: 'a session with a short password',
    bytes: (session) => connectFrame({ session, password: zeros(3) }),
    outcome: 'refused, closed',
  },
]

const unknownSession: Session = { sessionId: 0x7777n as Session['sessionId'], password: zeros(16), timeoutMs: 0 }

function shortened(framed: Bytes, length: number): Bytes {
  const bytes = Buffer.from(framed.subarray(0, 4 + length))
  bytes.writeInt32BE(length)
  return bytes
}

const requests: Omit<BadInput, 'on'>[] = [
  { name: 'a frame longer than the limit', bytes: frame('00100000 00'), outcome: 'closed' },
  { name: 'a negative length', bytes: frame('80000000 00'), outcome: 'closed' },
  { name: 'an empty frame', bytes: frame('00000000'), outcome: 'closed' },
  { name: 'half a header', bytes: frame('00000004 00000001'), outcome: 'closed' },
  { name: 'an operation that nobody knows', bytes: () => request(999, ''), outcome: '1: -6, closed' },
  { name: 'the operation 0', bytes: () => request(0, ''), outcome: '1: -6, closed' },
  { name: 'a check outside a multi', bytes: () => request(13, '00000001 2f 00000000'), outcome: '1: -6, closed' },
  {
    name: 'a create of a session',
    bytes: () => request(-10, '00001770'),
    outcome: '1: -6, closed',
    apache: 'a second session',
  },
  { name: 'a create of nothing', bytes: () => request(CREATE, ''), outcome: '1: -5, open' },
  {
    name: 'a create cut within its data',
    bytes: () => request(CREATE, '00000002 2f61 000000ff 61'),
    outcome: '1: -5, open',
  },
  { name: 'a path of negative length', bytes: () => request(CREATE, 'fffffff0'), outcome: '1: -5, open' },
  {
    name: 'more ACL entries than bytes',
    bytes: () => request(CREATE, '00000002 2f61 00000000 7fffffff'),
    outcome: '1: -5, open',
  },
  {
    name: 'a null ACL',
    bytes: () => request(CREATE, '00000002 2f61 00000000 ffffffff 00000000'),
    outcome: '1: -114, open',
  },
  { name: 'a getData of nothing', bytes: () => request(OPERATIONS.getData.code, ''), outcome: '1: -5, open' },
  { name: 'a multi without an end', bytes: () => request(14, '00000001 00 ffffffff'), outcome: '1: -5, open' },
  { name: 'a multi in a multi', bytes: () => request(14, '0000000e 00 ffffffff'), outcome: '1: -5, open' },
  {
    name: 'an authentication scheme that nobody knows',
    bytes: () => request(100, '00000000 00000001 78 00000000'),
    outcome: '1: -115, closed',
  },
  {
    name: 'an addWatch of a mode that nobody knows',
    bytes: () => request(106, '00000001 2f 00000007'),
    outcome: '1: -5, open',
  },
  ...(
    [
      ['an empty path', '', -8],
      ['a path without a slash', 'bad', -8],
      ['a path with a slash at its end', '/bad/', -101],
      ['a path with an empty name', '/zookeeper//bad', -101],
      ['the path of the parent', '/..', -8],
      ['the path of itself', '/zookeeper/.', -8],
      ['a path with a NUL', '/a\u0000b', -8],
      ['a path with a control character', '/a\u0001b', -8],
      ['a path with an unassigned character', '/\uffff', -8],
      ['a path that is no UTF-8', Uint8Array.of(0x2f, 0xff, 0xfe), -8],
    ] as const
  ).map(([name, path, err]) => ({ name, bytes: () => createAt(path), outcome: `1: ${err}, open` })),
]

export const badInputs: readonly BadInput[] = [
  ...handshakes.map((one): BadInput => ({ ...one, on: 'connection' })),
  ...requests.map((one): BadInput => ({ ...one, on: 'session' })),
]

/**
 * Sends the input and then a good request, and says what came back: `xid: error` for each reply, `refused` for a session
 * that is not given, and whether the connection was closed or is still open.
 */
export async function outcomeOf(port: number, input: BadInput): Promise<string> {
  const known = await Wire.withSession(port)
  const wire = input.on === 'session' ? known.wire : await Wire.open(port)
  try {
    wire.send(input.bytes(known.session))
    const said = input.on === 'session' ? await repliesOf(wire) : await refusalOf(wire)
    return said.join(', ')
  } finally {
    wire.close()
    known.wire.close()
  }
}

async function repliesOf(wire: Wire): Promise<string[]> {
  const said: string[] = []
  for await (const reply of repliesUntilSentinel(wire)) {
    // Neither an event nor a reply has the xid 0: it is the answer to a handshake.
    if (typeof reply !== 'string' && reply.xid === 0) return ['a second session']
    said.push(reply === 'open' || reply === 'closed' ? reply : `${reply.xid}: ${reply.err}`)
  }
  return said
}

/** Asks something harmless, and gives every reply before the one to it, and then what became of the connection. */
async function* repliesUntilSentinel(wire: Wire): AsyncGenerator<Reply | 'open' | 'closed'> {
  // Apache's server answers what came before it closed a connection, if that came soon enough.
  await sleep(QUIET_MS)
  wire.send(requestFrame({ xid: SENTINEL_XID, type: OPERATIONS.exists.code }, raw('00000001 2f 00')))
  for (;;) {
    const reply = await wire.reply()
    yield reply === undefined ? 'closed' : reply.xid === SENTINEL_XID ? 'open' : reply
    if (reply === undefined || reply.xid === SENTINEL_XID) return
  }
}

async function refusalOf(wire: Wire): Promise<string[]> {
  const said: string[] = []
  for (let answer = await wire.frame(); answer !== undefined; answer = await wire.frame()) {
    said.push(new Input(answer, 4).int() === 0 ? 'refused' : 'a session')
  }
  return [...said, 'closed']
}
