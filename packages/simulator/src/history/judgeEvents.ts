/** What each connection heard, against what its watches owed it. */
import type { Exchanges, Heard } from './exchanges.ts'
import type { Violation } from './guarantees.ts'
import type { DueEvent } from './modelWatches.ts'

interface Judge {
  readonly due: ReadonlyMap<number, readonly DueEvent[]>
  report(violation: Violation): void
}

export function judgeEvents({ streams }: Exchanges, judge: Judge): void {
  for (const [connection, { heard }] of streams) {
    const problem = firstProblem(heard, [...(judge.due.get(connection) ?? [])])
    if (problem !== undefined) judge.report({ ...problem, text: `connection ${connection}: ${problem.text}` })
  }
}

/** Events of one transaction may come in any order among themselves. */
function firstProblem(heard: readonly Heard[], due: DueEvent[]): Violation | undefined {
  let next = 0
  for (const one of heard) {
    const owed = due[next]
    if (one.kind === 'reply') {
      if (owed === undefined || owed.atZxid > one.zxid || owed.since > one.callAt) continue
      return {
        guarantee: 'events before data',
        text: `a reply of zxid ${one.zxid} came before the event ${name(owed)}`,
      }
    }
    const found = due.findIndex((event, index) => index >= next && event.atZxid === owed?.atZxid && isSame(event, one))
    if (found < 0) {
      const text = `the event ${name(one)} came, ${owed === undefined ? 'and none was owed' : `and ${name(owed)} was owed`}`
      return { guarantee: 'watch events', text }
    }
    const event = due[found]
    if (event !== undefined && owed !== undefined) {
      due[found] = owed
      due[next] = event
    }
    next++
  }
  return undefined
}

function isSame(event: DueEvent, heard: Heard): boolean {
  return event.type === heard.type && event.path === heard.path && event.zxid === heard.zxid
}

const TYPES: Readonly<Record<number, string>> = {
  1: 'NodeCreated',
  2: 'NodeDeleted',
  3: 'NodeDataChanged',
  4: 'NodeChildrenChanged',
}

function name({ type, path, zxid }: { type: number; path: string; zxid: number }): string {
  return `${TYPES[type] ?? type} of ${path} at zxid ${zxid}`
}
