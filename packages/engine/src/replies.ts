/** Frames that answer requests: {int length | xid, zxid, err | body}. */
import type { Bytes, SessionId, Zxid } from '@meerkat/protocol'
import { type Output, writeConnectResponse } from '@meerkat/protocol'
import type { Connection } from './connection.ts'

export interface ReplyHeader {
  readonly xid: number
  readonly zxid: Zxid
  readonly err: number
}

/** The length and the header of a reply, in bytes. */
export const REPLY_PREFIX = 20

/** Begins a reply; its body follows, then `endReply`. */
export function beginReply(output: Output): number {
  return output.reserve(REPLY_PREFIX)
}

export function endReply(output: Output, frame: number, { xid, zxid, err }: ReplyHeader): void {
  const { view } = output
  view.setInt32(frame, output.length - frame - 4)
  view.setInt32(frame + 4, xid)
  output.setNumber(frame + 8, zxid)
  view.setInt32(frame + 16, err)
}

/** A reply without a body. */
export function writeReply(output: Output, header: ReplyHeader): void {
  endReply(output, beginReply(output), header)
}

/** The answer to the handshake, with the readOnly byte for a client that sent one. */
export function writeConnectReply(
  connection: Connection,
  reply: { sessionId: SessionId; timeOut: number; passwd: Bytes },
): void {
  const readOnly = connection.readOnly === undefined ? undefined : false
  writeConnectResponse(connection.writable(), { protocolVersion: 0, ...reply, readOnly })
}
