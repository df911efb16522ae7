/** How long sessions live. */
import type { Violation } from './guarantees.ts'
import type { Entry } from './history.ts'
import type { Evidence } from './judge.ts'

interface Known {
  /** When the last request was sent that the server answered: it heard of the session then, or later. */
  heardOfMs: number
  timeoutMs: number
  isClosing: boolean
}

export function judgeSessions(
  { entries, alive }: Evidence,
  { open, report }: { open: ReadonlySet<bigint>; report: (violation: Violation) => void },
): void {
  judgeExpiry(entries, report)
  if (alive === undefined) return
  for (const session of open) {
    if (alive.has(session)) continue
    report({
      guarantee: 'ephemerals and sessions',
      text: `the client of session ${hex(session)} is gone, and the session was never closed`,
    })
  }
  for (const session of alive) {
    if (open.has(session)) continue
    report({ guarantee: 'ephemerals and sessions', text: `session ${hex(session)} is served, and it was closed` })
  }
}

function judgeExpiry(entries: readonly Entry[], report: (violation: Violation) => void): void {
  const sessions = new Map<bigint, Known>()
  const byConnection = new Map<number, { session: Known; sentMs: number[] }>()
  for (const entry of entries) {
    const connection = byConnection.get(entry.connection)
    switch (entry.kind) {
      case 'connected': {
        const known = sessions.get(entry.session) ?? { heardOfMs: -Infinity, timeoutMs: 0, isClosing: false }
        known.timeoutMs = entry.timeoutMs
        sessions.set(entry.session, known)
        byConnection.set(entry.connection, { session: known, sentMs: [] })
        break
      }
      case 'call':
        connection?.sentMs.push(entry.atMs)
        if (connection !== undefined && entry.request.op === 'closeSession') connection.session.isClosing = true
        break
      case 'reply': {
        const sentMs = connection?.sentMs.shift()
        if (connection !== undefined && sentMs !== undefined) connection.session.heardOfMs = sentMs
        break
      }
      case 'refused': {
        const known = sessions.get(entry.session)
        if (known === undefined || known.isClosing || entry.atMs >= known.heardOfMs + known.timeoutMs) break
        const text = `session ${hex(entry.session)} was over ${Math.round(entry.atMs - known.heardOfMs)} ms after the server had heard of it; its timeout is ${known.timeoutMs} ms`
        report({ guarantee: 'session timeout', text })
        break
      }
      case 'identified':
      case 'lost':
      case 'garbled':
      case 'event':
    }
  }
}

function hex(session: bigint): string {
  return `0x${BigInt.asUintN(64, session).toString(16)}`
}
