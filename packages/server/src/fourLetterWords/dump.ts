import { toHex } from '@meerkat/protocol'
import type { ExpiryBucket, ServerStatus } from '../status.ts'

/** The three lists of `dump`: sessions by expiry, ephemeral znodes by session, connections by expiry. */
export function dumpText(status: ServerStatus): string {
  const ephemerals = status.ephemerals()
  return [
    'SessionTracker dump:',
    ...expiryLines('Session', status.sessionExpiry(), status, (sessionId) => `0x${toHex(sessionId)}`),
    'ephemeral nodes dump:',
    `Sessions with Ephemerals (${ephemerals.size}):`,
    ...[...ephemerals].flatMap(([sessionId, paths]) => [`0x${toHex(sessionId)}:`, ...paths.map((path) => `\t${path}`)]),
    'Connections dump:',
    ...expiryLines(
      'Connections',
      status.connectionExpiry(),
      status,
      ({ remoteAddress, sessionId }) => `ip: /${remoteAddress} sessionId: 0x${toHex(sessionId)}`,
    ),
  ]
    .map((line) => `${line}\n`)
    .join('')
}

function expiryLines<T>(
  what: string,
  buckets: readonly ExpiryBucket<T>[],
  status: ServerStatus,
  describe: (member: T) => string,
): string[] {
  const members = buckets.reduce((sum, bucket) => sum + bucket.members.length, 0)
  const startMs = status.nowMs() - status.elapsedMs()
  return [
    `${what} Sets (${buckets.length})/(${members}):`,
    ...buckets.flatMap((bucket) => [
      `${bucket.members.length} expire at ${javaDate(new Date(startMs + bucket.atMs))}:`,
      ...bucket.members.map((member) => `\t${describe(member)}`),
    ]),
  ]
}

/** As java.util.Date.toString writes it, in UTC: `Sat Nov 21 07:47:47 UTC 2026`. */
function javaDate(date: Date): string {
  const [day = '', dayOfMonth = '', month = '', year = '', time = ''] = date.toUTCString().replace(',', '').split(' ')
  return `${day} ${month} ${dayOfMonth} ${time} UTC ${year}`
}
