/**
 * Scenario scripts. A line that begins with `> ` is a command; the lines below it are its exact effects. Everything else
 * is comment.
 *
 *   > NAME connect [timeoutMs]     > NAME attach OTHER        > NAME drop
 *   > NAME create PATH [DATA] [ephemeral|sequential|ephemeralSequential|container]
 *   > NAME get|exists|children PATH [watch]                   > NAME sync PATH         > NAME ping
 *   > NAME set PATH DATA [VERSION] > NAME delete PATH [VERSION]
 *   > NAME addWatch PATH persistent|persistentRecursive       > NAME multi PART ; PART (also: check PATH VERSION)
 *   > NAME close                   the session, by request
 *   > take                         the driver takes what has gathered for the log
 *   > durable [ZXID]               what it took is on the disk, all of it or up to a transaction
 *   > commit                       both
 *   > fail, > recover              the log cannot be written; it can again
 *   > tick MS                      time passes
 */
import assert from 'node:assert/strict'
import type { LoggedTxn, MultiWrite } from '@meerkat/protocol'
import {
  AddWatchMode,
  CreateFlag,
  EventType,
  OpCode,
  bytesOf,
  errorName,
  operationName,
  toHex,
} from '@meerkat/protocol'
import { OPEN, TestServer, type Client, type Received } from './harness.ts'

const COMMAND = '> '

/** The script with the effects that its commands have now. */
export function rerun(script: string): string {
  const scene = new Scene()
  const lines: string[] = []
  let inEffects = false
  for (const line of script.trimEnd().split('\n')) {
    if (line.startsWith(COMMAND)) {
      lines.push(line, ...scene.run(line.slice(COMMAND.length)).map((effect) => `    ${effect}`))
      inEffects = true
    } else if (!inEffects || line.trim() === '') {
      lines.push(line)
      inEffects = false
    }
  }
  return `${lines.join('\n')}\n`
}

class Scene {
  private readonly server = new TestServer()
  private readonly clients = new Map<string, { client: Client; shown: number; isClosed: boolean }>()

  run(command: string): string[] {
    const [first = '', ...rest] = command.split(' ')
    const effects = this.driver(first, rest) ?? this.client(first, rest)
    return [...effects, ...this.arrived()]
  }

  private driver(verb: string, [argument]: string[]): string[] | undefined {
    const { server } = this
    switch (verb) {
      case 'take':
        return server.take().map(showLogged)
      case 'durable':
        server.durable(argument === undefined ? undefined : Number(argument))
        return []
      case 'commit': {
        const taken = server.take().map(showLogged)
        server.durable()
        return taken
      }
      case 'fail':
        server.failLog()
        return []
      case 'recover':
        server.recoverLog()
        return []
      case 'tick':
        server.tick(Number(argument))
        return []
      default:
        return undefined
    }
  }

  private client(name: string, [verb = '', ...rest]: string[]): string[] {
    if (verb === 'connect' || verb === 'attach') {
      const client = this.server.open()
      this.clients.set(name, { client, shown: 0, isClosed: false })
      if (verb === 'connect') client.handshake({ timeOut: Number(rest[0] ?? 10_000) })
      else client.attach(this.known(rest[0] ?? ''))
      return []
    }
    const client = this.known(name)
    if (verb === 'drop') client.drop()
    else ask(client, verb, rest)
    return []
  }

  private known(name: string): Client {
    const known = this.clients.get(name)
    assert.ok(known, `nobody is called ${name}`)
    return known.client
  }

  /** What each client got since the last command. */
  private arrived(): string[] {
    const lines: string[] = []
    for (const [name, known] of this.clients) {
      const { client } = known
      for (const one of client.received.slice(known.shown)) lines.push(`${name} <- ${showReceived(one)}`)
      known.shown = client.received.length
      if (client.closedBecause !== undefined && !known.isClosed) {
        lines.push(`${name} is closed: ${client.closedBecause}`)
        known.isClosed = true
      }
    }
    return lines
  }
}

function ask(client: Client, verb: string, words: string[]): void {
  const [path = '', second] = words
  const watch = second === 'watch'
  switch (verb) {
    case 'get':
      return client.send('getData', { path, watch })
    case 'exists':
      return client.send('exists', { path, watch })
    case 'children':
      return client.send('getChildren', { path, watch })
    case 'sync':
      return client.send('sync', { path })
    case 'ping':
      return client.send('ping', {})
    case 'close':
      return client.send('closeSession', {})
    case 'addWatch':
      return client.send('addWatch', { path, mode: AddWatchMode[second as keyof typeof AddWatchMode] })
    case 'multi':
      return client.send('multi', words.join(' ').split(' ; ').map(part))
    default:
      return write(client, part([verb, ...words].join(' ')))
  }
}

function write(client: Client, { type, request }: MultiWrite): void {
  if (type === OpCode.create) client.send('create', request)
  else if (type === OpCode.setData) client.send('setData', request)
  else if (type === OpCode.delete) client.send('delete', request)
  else assert.fail('a check stands in a multi only')
}

function part(text: string): MultiWrite {
  const [verb, path = '', second, third] = text.split(' ')
  switch (verb) {
    case 'create': {
      const flags = CreateFlag[(third ?? 'persistent') as keyof typeof CreateFlag]
      return { type: OpCode.create, request: { path, data: bytesOf(second ?? ''), acl: OPEN, flags } }
    }
    case 'set':
      return { type: OpCode.setData, request: { path, data: bytesOf(second ?? ''), version: Number(third ?? -1) } }
    case 'delete':
      return { type: OpCode.delete, request: { path, version: Number(second ?? -1) } }
    case 'check':
      return { type: OpCode.check, request: { path, version: Number(second) } }
    default:
      throw new Error(`no such command: ${text}`)
  }
}

function showLogged({ header, txn, digest }: LoggedTxn): string {
  const { type, ...fields } = txn
  const tail = digest === undefined ? '' : ` digest ${toHex((BigInt(digest.high) << 32n) | BigInt(digest.low))}`
  const origin = `session ${toHex(header.sessionId)} cxid ${header.cxid}`
  return `log ${header.zxid}: ${nameOf(type)} ${show(fields)} ${origin}${tail}`
}

function nameOf(type: number): string {
  return operationName(type) ?? String(type)
}

function showReceived(one: Received): string {
  if (one.kind === 'connected') return `session ${toHex(one.sessionId)} timeout ${one.timeOut}`
  if (one.kind === 'event') {
    const [name] = Object.entries(EventType).find(([, type]) => type === one.type) ?? ['?']
    return `event ${name} ${one.path} zxid ${one.zxid}`
  }
  const body = one.body === undefined ? '' : ` ${show(one.body)}`
  return `${one.name} xid ${one.xid} zxid ${one.zxid} ${errorName(one.err)}${body === ' {}' ? '' : body}`
}

/** Any value of a record on one line. Types of parts and results are named; an ACL that is open says so. */
function show(value: unknown): string {
  if (typeof value === 'bigint') return toHex(value)
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString())
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${showField(key, field)}`)
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
}

function showField(key: string, value: unknown): string {
  if (key === 'type' && typeof value === 'number') return nameOf(value)
  if (key === 'err' && typeof value === 'number') return errorName(value) ?? String(value)
  if (key === 'acl' && JSON.stringify(value) === JSON.stringify(OPEN)) return 'open'
  return show(value)
}
