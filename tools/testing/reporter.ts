import { inspect } from 'node:util'
import type { TestEvent } from 'node:test/reporters'

/** What one test, or one skipped suite, came to: one line of JSON in the file the runner reads. */
export type Outcome = {
  kind: 'passed' | 'failed' | 'skipped'
  name: string
  /** Why it was skipped, or the error it failed with. */
  detail: string
}

/** The reporter that every test file runs with: events of node:test in, lines of JSON out. */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    const outcome = outcomeOf(event)
    if (outcome !== undefined) yield `${JSON.stringify(outcome)}\n`
  }
}

function outcomeOf(event: TestEvent): Outcome | undefined {
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return undefined
  const { name, details, skip, todo } = event.data
  if (skip !== undefined || todo !== undefined) {
    const reason = skip ?? todo
    return { kind: 'skipped', name, detail: typeof reason === 'string' ? reason : 'no reason given' }
  }
  if (event.type === 'test:fail') {
    // A parent that failed only because a child did is not a failure of its own.
    const { error } = event.data.details
    if ('failureType' in error && error.failureType === 'subtestsFailed') return undefined
    return { kind: 'failed', name, detail: inspect(error.cause) }
  }
  return details.type === 'suite' ? undefined : { kind: 'passed', name, detail: '' }
}
