import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MISSING_PEER } from '../../../test/support/peers.ts'
import type { FileResult } from '../../testing/run-file.ts'
import { count, describeAll, describeFile, judge } from '../../testing/summary.ts'

const result: FileResult = {
  file: 'test/a.test.ts',
  outcomes: [
    { kind: 'passed', name: 'one', detail: '' },
    { kind: 'skipped', name: 'two', detail: `${MISSING_PEER} java: there is no command java` },
    { kind: 'skipped', name: 'three', detail: 'not on this platform' },
  ],
  elapsedMs: 1234,
  output: 'printed\n',
}

test('A missing peer skips a test on a laptop and fails it where CI is set; other skips stay skips.', () => {
  assert.equal(count([judge(result, false)], 'skipped'), 2)
  const judged = judge(result, true)
  assert.equal(count([judged], 'failed'), 1)
  assert.equal(count([judged], 'skipped'), 1)
})

test('The end of the output lists what was skipped by reason, what failed, and the totals.', () => {
  assert.equal(
    describeAll([judge(result, true)]),
    `Skipped, not on this platform:
  test/a.test.ts: three
Failed:
  test/a.test.ts: two
1 passed, 1 failed, 1 skipped`,
  )
})

test('A file that passes takes one line, and one that fails shows the errors and what it printed.', () => {
  assert.equal(describeFile(result), '✓ test/a.test.ts: 1 passed, 2 skipped (1.2 s)')
  assert.equal(
    describeFile(judge(result, true)),
    `✗ test/a.test.ts: 1 passed, 1 failed, 1 skipped (1.2 s)
  ✗ two
      missing peer java: there is no command java
    It printed:
      printed`,
  )
})
