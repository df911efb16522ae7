/** What a server made of requests, in a form in which two servers can be compared. */
import {
  type Bytes,
  ErrorCode,
  GetChildrenResponse,
  GetDataResponse,
  Input,
  OPERATIONS,
  OpCode,
  type OperationName,
  WatcherEvent,
  operationName,
  readMultiResults,
} from '@meerkat/protocol'
import { Wire, requestFrame, type Reply } from './wire.ts'

/**
 * Sends the requests one by one on a session of their own and answers a line each: events and reply, or the end of the
 * connection. Sessions, times and zxids differ from server to server and are left out, as is the order of children.
 */
export async function answersOf(port: number, requests: readonly Buffer[]): Promise<string[]> {
  const { wire } = await Wire.withSession(port)
  const answers: string[] = []
  try {
    for (const request of requests) {
      const type = request.readInt32BE(8)
      wire.send(request)
      const lines: string[] = []
      for (;;) {
        const reply = await wire.reply()
        lines.push(reply === undefined ? 'closed' : describe(reply, type))
        // Apache's server closes after this, but not before it has looked at what comes next.
        if (reply?.err === ErrorCode.UNIMPLEMENTED && reply.zxid === -1) await wire.closed()
        if (reply === undefined || reply.xid !== -1) break
      }
      answers.push(lines.join(' | '))
      if (wire.isClosed) return answers
    }
    await endOf(wire)
    return answers
  } finally {
    wire.close()
  }
}

/** Ends the session, so that its ephemerals are gone before anybody looks at the tree. */
async function endOf(wire: Wire): Promise<void> {
  wire.send(requestFrame({ xid: 9999, type: OpCode.closeSession }, () => {}))
  await wire.closed()
}

function describe({ xid, zxid, err, body }: Reply, type: number): string {
  if (xid === -1) return `event ${JSON.stringify(WatcherEvent.read(new Input(body)))}`
  const name = operationName(type)
  const said = err === 0 && name !== undefined ? JSON.stringify(bodyOf(name, body), stable) : body.toString('hex')
  return `${xid}: ${err} ${zxid > 0 ? '' : `zxid ${zxid} `}${said}`
}

function bodyOf(name: OperationName, body: Bytes): unknown {
  const input = new Input(body)
  const isMulti = name === 'multi' || name === 'multiRead'
  const value: unknown = isMulti ? readMultiResults(input) : OPERATIONS[name].response.read(input)
  return input.remaining === 0 ? value : { value, leftOver: input.remaining }
}

/** Fields whose values are another server's own business; a write that cannot be read takes a zxid in one and none in the other. */
const OWN = new Set(['czxid', 'mzxid', 'pzxid', 'ctime', 'mtime'])

/** For JSON.stringify: what two servers must agree on. */
function stable(key: string, value: unknown): unknown {
  if (OWN.has(key)) return undefined
  if (key === 'ephemeralOwner') return value !== 0n
  if (key === 'children' || key === 'ephemerals') return (value as string[]).toSorted()
  return typeof value === 'bigint' ? value.toString(16) : value
}

/** The whole tree in text: a line a znode. */
export async function treeOf(port: number): Promise<string> {
  const { wire } = await Wire.withSession(port)
  wire.send(authFrame())
  await wire.reply()
  const znodes: { path: string; data: unknown; acl: unknown; zxids: number[] }[] = []
  const visit = async (path: string): Promise<void> => {
    const data = await wire.request('getData', { path, watch: false })
    const { stat } = GetDataResponse.read(new Input(data.body))
    const acl = await wire.request('getACL', { path })
    znodes.push({
      path,
      data: bodyOf('getData', data.body),
      acl: bodyOf('getACL', acl.body),
      zxids: [stat.czxid, stat.mzxid, stat.pzxid],
    })
    const children = await wire.request('getChildren', { path, watch: false })
    for (const name of GetChildrenResponse.read(new Input(children.body)).children.toSorted()) {
      await visit(path === '/' ? `/${name}` : `${path}/${name}`)
    }
  }
  await visit('/')
  await endOf(wire)
  return znodes.map((znode) => JSON.stringify(withRanks(znode), stable)).join('\n')

  /** Which zxids are the same, and which come after which, is what servers agree on. */
  function withRanks({ zxids, ...rest }: (typeof znodes)[number]): unknown {
    const known = [...new Set(znodes.flatMap((znode) => znode.zxids))].toSorted((a, b) => a - b)
    return { ...rest, order: zxids.map((zxid) => known.indexOf(zxid)) }
  }
}

/** The superuser may read everything. */
function authFrame(): Uint8Array {
  const { code, request } = OPERATIONS.auth
  return requestFrame({ xid: -4, type: code }, (output) =>
    request.write(output, { type: 0, scheme: 'digest', auth: Buffer.from('super:test') }),
  )
}
