/** Bytes of Apache ZooKeeper, in test/golden/. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytesOf, type Bytes } from '../../src/bytes.ts'
import type { Zxid } from '../../src/identifiers.ts'
import { operationName, type OperationName } from '../../src/operations.ts'
import { ReplyHeader } from '../../src/records.ts'
import { bytesWritten } from './codecs.ts'

/** A frame without its length, and what it is. */
export interface GoldenFrame {
  readonly name: OperationName | 'connect' | 'notification'
  readonly direction: 'request' | 'reply'
  readonly bytes: Bytes
  /** Line of the file, counted from 1. */
  readonly line: number
}

export function goldenFile(name: string): Bytes {
  return readFileSync(join(import.meta.dirname, '..', 'golden', name))
}

/** The frames of client-ops-3.9.4.txt: `operation > hex` and `operation < hex`. */
export function capturedFrames(name: string): GoldenFrame[] {
  return linesOf(name).flatMap(({ text, line }) => {
    const match = /^(\w+) ([<>]) ([0-9a-f]+)$/.exec(text)
    if (match === null) return []
    const [, operation = '', direction, hex = ''] = match
    return [
      {
        name: operation as GoldenFrame['name'],
        direction: direction === '>' ? ('request' as const) : ('reply' as const),
        bytes: bytesOf(hex, 'hex'),
        line,
      },
    ]
  })
}

/**
 * The frames of the files of 3.8.0: `>> title opcode hex` and then `<< xid N zxid 0xN err N hex` until the next request;
 * lines of another form are notes.
 */
export function notedFrames(name: string): GoldenFrame[] {
  let asked: OperationName = 'ping'
  return linesOf(name).flatMap(({ text, line }): GoldenFrame[] => {
    const connect = /^Connect(Request|Response) +([0-9a-f]+)$/.exec(text)
    if (connect?.[2] !== undefined) {
      const direction = connect[1] === 'Request' ? 'request' : 'reply'
      return [{ name: 'connect', direction, bytes: bytesOf(connect[2], 'hex').subarray(4), line }]
    }
    const request = /^>> .* (-?\d+) ([0-9a-f]+)$/.exec(text)
    if (request?.[2] !== undefined) {
      asked = operationName(Number(request[1])) ?? asked
      return [{ name: asked, direction: 'request', bytes: bytesOf(request[2], 'hex'), line }]
    }
    const reply = /^<< xid (-?\d+) zxid 0x([0-9a-f]+) err (-?\d+) ([0-9a-f]*)$/.exec(text)
    if (reply === null) return []
    const [, xid, zxid, err, body = ''] = reply
    const bytes = bytesWritten((output) => {
      const zxidNumber = Number(BigInt.asIntN(64, BigInt(`0x${zxid}`))) as Zxid
      ReplyHeader.write(output, { xid: Number(xid), zxid: zxidNumber, err: Number(err) })
      const bodyBytes = bytesOf(body, 'hex')
      output.raw(bodyBytes, 0, bodyBytes.length)
    })
    return [{ name: Number(xid) === -1 ? 'notification' : asked, direction: 'reply', bytes, line }]
  })
}

function linesOf(name: string): { text: string; line: number }[] {
  const lines = goldenFile(name).toString('utf8').split('\n')
  return lines.map((text, i) => ({ text: text.trimEnd(), line: i + 1 }))
}
