/**
 * Captures golden bytes for the tests of packages/protocol: what Apache's server of `npm run peers` and the clients of
 * the interoperation tests say to each other, and a log and a snapshot that this server wrote.
 *
 *   node tools/capture-golden.ts
 */
import {
  FILE_HEADER_SIZE,
  OPEN_ACL,
  OPERATIONS,
  OpCode,
  operationName,
  readLogRecord,
  writeMulti,
} from '@meerkat/protocol'
import type { MultiWrite, Output } from '@meerkat/protocol'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Wire, requestFrame } from '../test/fuzz/wire.ts'
import { clients, type Client } from '../test/interop/clients.ts'
import { interopOptions, transcriptOf } from '../test/interop/transcript.ts'
import { apache } from '../test/support/apache.ts'
import type { StartServer } from '../test/support/server-process.ts'

const VERSION = '3.9.4'
const golden = join(import.meta.dirname, '..', 'packages', 'protocol', 'test', 'golden')
/** Frames kept of one operation, direction and error code of one client, each of another length. */
const KEPT_FRAMES = 2
const MAX_FRAME_BYTES = 500
/** An opcode that nobody knows: a client may try one. */
const UNKNOWN = 'unknown'

async function captureConversations(): Promise<void> {
  const lines = [
    `# What clients and Apache ZooKeeper ${VERSION} said to each other; made by tools/capture-golden.ts.`,
    '# operation, > for a request or < for a reply, the frame without its length in hexadecimal',
  ]
  for (const client of clients) {
    console.log(client.name)
    lines.push('', `# ${client.name}`, ...(await conversationOf(client)))
  }
  await writeFile(join(golden, `client-ops-${VERSION}.txt`), `${lines.join('\n')}\n`)
}

/** Runs the client's program against Apache's server through a proxy that takes notes. */
async function conversationOf(client: Client): Promise<string[]> {
  const notes = new Notes()
  let serverPort: number | undefined
  const proxy = createServer((socket) => relay(socket, connect(serverPort ?? 0, '127.0.0.1'), notes.connection()))
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const start: StartServer = async (options = {}) => {
    const { port: _, ...rest } = options
    const server = await apache(VERSION)(serverPort === undefined ? rest : { ...rest, port: serverPort })
    serverPort = server.port
    return { ...server, port: (proxy.address() as AddressInfo).port }
  }
  try {
    await transcriptOf(start, await client.prepare(), client.options ?? interopOptions)
  } finally {
    proxy.close()
  }
  return notes.lines
}

function relay(client: Socket, server: Socket, notes: { request(c: Buffer): void; reply(c: Buffer): void }): void {
  client.on('data', (chunk) => notes.request(chunk)).pipe(server)
  server.on('data', (chunk) => notes.reply(chunk)).pipe(client)
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('error', () => other.destroy()).on('close', () => other.destroy())
  }
}

class Notes {
  readonly lines: string[] = []
  private readonly kept = new Map<string, Set<number>>()

  connection() {
    const asked: { xid: number; name: string }[] = []
    const requests = framesOf((frame, isFirst) => {
      if (isFirst) return this.note('connect', '>', 0, frame)
      const name = operationName(frame.readInt32BE(4)) ?? UNKNOWN
      asked.push({ xid: frame.readInt32BE(0), name })
      this.note(name, '>', 0, frame)
    })
    const replies = framesOf((frame, isFirst) => {
      if (isFirst) return this.note('connect', '<', 0, frame)
      const xid = frame.readInt32BE(0)
      const at = asked.findIndex((request) => request.xid === xid)
      const name = xid === -1 ? 'notification' : (asked.splice(at, 1)[0]?.name ?? UNKNOWN)
      this.note(name, '<', frame.readInt32BE(12), frame)
    })
    return { request: requests, reply: replies }
  }

  private note(name: string, direction: '>' | '<', err: number, frame: Buffer): void {
    if (frame.length > MAX_FRAME_BYTES || name === UNKNOWN) return
    const key = `${name} ${direction} ${err}`
    const lengths = this.kept.get(key) ?? new Set()
    if (lengths.size >= KEPT_FRAMES || lengths.has(frame.length)) return
    this.kept.set(key, lengths.add(frame.length))
    this.lines.push(`${name} ${direction} ${frame.toString('hex')}`)
  }
}

function framesOf(take: (frame: Buffer, isFirst: boolean) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  let isFirst = true
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const length = rest.readInt32BE(0)
      take(rest.subarray(4, 4 + length), isFirst)
      isFirst = false
      rest = rest.subarray(4 + length)
    }
  }
}

/** A transaction of each type in a log, and the snapshot that the server takes of it when it starts again. */
async function captureFiles(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'golden-'))
  const options = { dataDir, config: { extendedTypesEnabled: true } }
  try {
    const server = await apache(VERSION)(options)
    await everyTransaction(server.port)
    await server.stop()
    const again = await apache(VERSION)(options)
    await again.stop()
    const files = join(dataDir, 'version-2')
    const log = await readFile(join(files, 'log.1'))
    await writeFile(join(golden, `log-${VERSION}`), log.subarray(0, endOfRecords(log)))
    const last = (await readdir(files)).filter((name) => name.startsWith('snapshot.') && name !== 'snapshot.0')
    await writeFile(join(golden, `snapshot-${VERSION}`), await readFile(join(files, last[0] ?? 'snapshot.0')))
  } finally {
    await rm(dataDir, { recursive: true })
  }
}

function endOfRecords(log: Buffer): number {
  let at = FILE_HEADER_SIZE
  for (;;) {
    const record = readLogRecord(log, at, log.length)
    if (record.kind !== 'record') return at
    at = record.next
  }
}

async function everyTransaction(port: number): Promise<void> {
  const { wire } = await Wire.withSession(port)
  const create = (path: string, flags = 0) => ({ path, data: Buffer.from(`data of ${path}`), acl: OPEN_ACL, flags })
  await wire.request('create', create('/plain'))
  await wire.request('create2', create('/plain/sequential-', 2))
  await wire.request('create', { ...create('/plain/null'), data: null })
  await wire.request('createContainer', create('/container', 4))
  await wire.request('createTTL', { ...create('/ttl', 5), ttl: 3_600_000 })
  await wire.request('create', create('/ephemeral', 1))
  await wire.request('setData', { path: '/plain', data: Buffer.from([0, 255]), version: 0 })
  await wire.request('setACL', {
    path: '/plain/null',
    acl: [{ perms: 1, id: { scheme: 'ip', id: '127.0.0.1' } }],
    version: -1,
  })
  await wire.request('setData', { path: '/plain', data: null, version: 99 })
  const parts: MultiWrite[] = [
    { type: OpCode.create, request: create('/multi') },
    { type: OpCode.createContainer, request: create('/multi/container', 4) },
    { type: OpCode.createTTL, request: { ...create('/multi/ttl', 6), ttl: 1000 } },
    { type: OpCode.check, request: { path: '/multi', version: 0 } },
    { type: OpCode.setData, request: { path: '/multi', data: Buffer.from('x'), version: -1 } },
    { type: OpCode.delete, request: { path: '/multi/container', version: -1 } },
  ]
  await multi(wire, 1000, parts)
  await multi(wire, 1001, [parts[4], { type: OpCode.delete, request: { path: '/nobody', version: -1 } }, parts[3]])
  await wire.request('delete', { path: '/plain/null', version: -1 })
  await wire.request('deleteContainer', { path: Buffer.from('/container') })
  const { wire: other } = await Wire.withSession(port)
  await other.request('create', create('/ephemeral2', 1))
  await other.request('closeSession', {})
  wire.close()
}

async function multi(wire: Wire, xid: number, parts: readonly (MultiWrite | undefined)[]): Promise<void> {
  const operations = parts.filter((part) => part !== undefined)
  wire.send(requestFrame({ xid, type: OPERATIONS.multi.code }, (output: Output) => writeMulti(output, operations)))
  await wire.reply()
}

await captureConversations()
await captureFiles()
