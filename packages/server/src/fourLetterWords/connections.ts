import { toHex } from '@meerkat/protocol'
import type { ConnectionStatus } from '../status.ts'

/** One connection as `cons` shows it or, brief, as `stat` does (org.apache.zookeeper.server.ServerCnxn). */
export function connectionLine(connection: ConnectionStatus, brief: boolean): string {
  const session = brief || connection.sessionId === 0n ? '' : sessionPart(connection)
  return (
    ` /${connection.remoteAddress}[${connection.interestOps.toString(16)}]` +
    `(queued=${connection.outstandingRequests},recved=${connection.received},sent=${connection.sent}${session})`
  )
}

function sessionPart(connection: ConnectionStatus): string {
  const lastCxid = connection.lastCxid < 0 ? '' : `,lcxid=0x${toHex(connection.lastCxid)}`
  return (
    `,sid=0x${toHex(connection.sessionId)},lop=${connection.lastOperation}` +
    `,est=${whole(connection.establishedAtMs)},to=${connection.sessionTimeoutMs}${lastCxid}` +
    `,lzxid=0x${toHex(connection.lastZxid)},lresp=${whole(connection.lastResponseAtMs)}` +
    `,llat=${whole(connection.lastLatencyMs)},minlat=${whole(connection.minLatencyMs)}` +
    `,avglat=${whole(connection.averageLatencyMs)},maxlat=${whole(connection.maxLatencyMs)}`
  )
}

/** Apache keeps whole milliseconds and drops the rest. */
function whole(milliseconds: number): number {
  return Math.trunc(milliseconds)
}
