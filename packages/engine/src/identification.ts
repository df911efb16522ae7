/** The packets `auth` and `sasl`: who a connection is. Answered at once, also while requests wait (ZooKeeperServer.processPacket). */
import type { Id, Input } from '@meerkat/protocol'
import { AuthPacket, ErrorCode, JuteError, SaslToken, zxidOf } from '@meerkat/protocol'
import type { Connection } from './connection.ts'
import type { Authenticator } from './effects.ts'
import { beginReply, endReply, writeReply } from './replies.ts'

/** Identities of one connection: each ACL check looks at all of them. */
const MAX_IDENTITIES = 256
const NO_ZXID = zxidOf(0)

export interface Packet {
  readonly connection: Connection
  readonly xid: number
  /** Stands behind the request's header. */
  readonly input: Input
}

/** Answers an `auth` packet; false if the connection must be closed. */
export function answerAuth(authenticator: Authenticator, { connection, xid, input }: Packet): boolean {
  const packet = decodeRequest(input, () => AuthPacket.read(input))
  if (packet === undefined) return false
  const identities = authenticator.authenticate(connection, packet.scheme ?? '', packet.auth)
  if (identities === 'refused') return false
  const isKnown = identities !== 'failed' && identify(connection, identities)
  writeReply(connection.writable(), { xid, zxid: NO_ZXID, err: isKnown ? ErrorCode.OK : ErrorCode.AUTHFAILED })
  connection.counters.sent++
  return isKnown
}

/** Answers a `sasl` packet; false if the connection must be closed. */
export function answerSasl(authenticator: Authenticator, { connection, xid, input }: Packet): boolean {
  const { token } = decodeRequest(input, () => SaslToken.read(input)) ?? { token: null }
  const step = authenticator.sasl(connection, token)
  const output = connection.writable()
  const frame = beginReply(output)
  output.buffer(step.kind === 'failed' ? null : step.token)
  endReply(output, frame, { xid, zxid: NO_ZXID, err: step.kind === 'failed' ? step.err : ErrorCode.OK })
  connection.counters.sent++
  if (step.kind === 'done') return identify(connection, step.identities)
  return step.kind !== 'failed' || !step.close
}

/** Says that authentication comes first; the connection is closed after it. */
export function demandAuthentication(connection: Connection, xid: number): void {
  writeReply(connection.writable(), { xid, zxid: NO_ZXID, err: ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH })
}

/** Adds identities; false if the client has too many of them. */
function identify(connection: Connection, identities: readonly Id[]): boolean {
  for (const identity of identities) {
    const isKnown = connection.identities.some(({ scheme, id }) => scheme === identity.scheme && id === identity.id)
    if (isKnown) continue
    if (connection.identities.length >= MAX_IDENTITIES) return false
    connection.identities = [...connection.identities, identity]
  }
  return true
}

/** Reads a request's record; undefined if it is not one. */
export function decodeRequest<T>(input: Input, read: (input: Input) => T): T | undefined {
  try {
    return read(input)
  } catch (error) {
    if (error instanceof JuteError) return undefined
    throw error
  }
}
