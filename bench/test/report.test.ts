import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median } from '../cases/case.ts'
import { latencyAt, within } from '../cases/million.ts'
import { selfTimes } from '../profile.ts'
import { outcomeOf, toMarkdown } from '../report.ts'
import { ROWS, type Row } from '../rows.ts'

const faster: Row = { id: 'r', case: 'throughput', title: 'gets', unit: 'ops/s', bound: { ratioAtLeast: 7 } }
const quicker: Row = {
  id: 'r',
  case: 'million',
  title: 'reads',
  unit: 'ms',
  bound: { valueAtMost: 20, ratioAtMost: 1 },
}
const rounds = (apache: number[], meerkat: number[]) => ({
  apache: apache.map((r) => ({ r })),
  meerkat: meerkat.map((r) => ({ r })),
})

test('the median of an odd number of values is the middle one and of an even number the mean of the middle two', () => {
  assert.equal(median([9, 1, 4]), 4)
  assert.equal(median([8, 1, 4, 2]), 3)
})

test("the ratio is the median of the rounds' own ratios, not the ratio of the medians", () => {
  const outcome = outcomeOf(faster, rounds([100, 200, 50], [800, 1000, 500]))
  assert.deepEqual(outcome.medians, { apache: 100, meerkat: 800 })
  assert.equal(outcome.ratio, 8)
  assert.equal(outcome.met, true)
})

test('a bound with two parts is met when both hold', () => {
  assert.equal(outcomeOf(quicker, rounds([30], [19])).met, true)
  assert.equal(outcomeOf(quicker, rounds([30], [21])).met, false)
  assert.equal(outcomeOf(quicker, rounds([10], [11])).met, false)
})

test('with one server only there is no ratio and nothing is said about a bound that needs it', () => {
  const outcome = outcomeOf(quicker, rounds([], [19]))
  assert.equal(outcome.ratio, undefined)
  assert.equal(outcome.met, undefined)
  assert.equal(outcomeOf(quicker, rounds([], [21])).met, false)
})

test('the Markdown names the machine and has a line a row with value, ratio and bound', () => {
  const report = {
    rounds: rounds([1], [1]),
    facts: [['processor', 'a fast one']] as const,
    outcomes: [outcomeOf(faster, rounds([86_500], [692_000])), outcomeOf(quicker, rounds([0.25], [0.5]))],
  }
  const markdown = toMarkdown(report)
  assert.match(markdown, /^- processor: a fast one$/m)
  assert.match(markdown, /^\| gets \| 86,500\/s \| 692,000\/s \| 8 \| ≥ 7 × \| yes \|$/m)
  assert.match(markdown, /^\| reads \| 0\.25 ms \| 0\.5 ms \| 2 \| ≤ 20 ms, ≤ 1 × \| no \|$/m)
})

test('every row has an id of its own', () => {
  assert.equal(new Set(ROWS.map((row) => row.id)).size, ROWS.length)
})

test('only reads that were under way during the snapshot count', () => {
  const samples = Float64Array.of(0.9, 50, 0.99, 15, 1.5, 3, 2.0, 4, 2.001, 99)
  assert.deepEqual([...within({ from: 1000, to: 2000 }, samples)], [15, 3, 4])
  assert.equal(latencyAt(0.999, Float64Array.of(5, 1, 3)), 3)
  assert.equal(latencyAt(1, Float64Array.of(5, 1, 3)), 5)
})

test('self time is summed over the nodes of one function and the longest comes first', () => {
  const frame = (functionName: string) => ({ functionName, url: '', lineNumber: 0 })
  const times = selfTimes({
    nodes: [
      { id: 1, callFrame: frame('a') },
      { id: 2, callFrame: frame('b') },
      { id: 3, callFrame: frame('a') },
    ],
    samples: [1, 2, 3, 2],
    timeDeltas: [10, 20, 40, 5],
  })
  assert.deepEqual(times, [
    { where: 'a', microseconds: 50 },
    { where: 'b', microseconds: 25 },
  ])
})
