import { median, type Values } from './cases/case.ts'
import type { Fact } from './machine.ts'
import type { Bound, Row } from './rows.ts'
import { SERVER_NAMES, type ServerName } from './servers.ts'

/** What was measured, by server, one entry a round. */
export type Rounds = Readonly<Record<ServerName, readonly Values[]>>

/** A row with what came out. Medians are of rounds; the ratio is the median of each round's own. */
export interface Outcome {
  readonly row: Row
  readonly values: Readonly<Record<ServerName, readonly number[]>>
  readonly medians: Readonly<Partial<Record<ServerName, number>>>
  readonly ratio?: number
  /** Absent without a bound, or while a number that it needs is missing. */
  readonly met?: boolean
}

export interface Report {
  readonly facts: readonly Fact[]
  readonly rounds: Rounds
  readonly outcomes: readonly Outcome[]
}

export function outcomeOf(row: Row, rounds: Rounds): Outcome {
  const valuesOf = (server: ServerName): number[] =>
    rounds[server].map((values) => values[row.id]).filter((value) => value !== undefined)
  const values = { apache: valuesOf('apache'), meerkat: valuesOf('meerkat') }
  const medians: Partial<Record<ServerName, number>> = {}
  for (const server of SERVER_NAMES) if (values[server].length > 0) medians[server] = median(values[server])
  const ratios = values.meerkat.flatMap((value, round) => {
    const other = values.apache[round]
    return other === undefined ? [] : [value / other]
  })
  const ratio = ratios.length > 0 ? median(ratios) : undefined
  const met = row.bound && isMet(row.bound, medians.meerkat, ratio)
  return { row, values, medians, ...(ratio !== undefined && { ratio }), ...(met !== undefined && { met }) }
}

function isMet(bound: Bound, value: number | undefined, ratio: number | undefined): boolean | undefined {
  // True for a part that is not asked for, undefined for one whose number is missing.
  const parts = [
    bound.ratioAtLeast === undefined || (ratio === undefined ? undefined : ratio >= bound.ratioAtLeast),
    bound.ratioAtMost === undefined || (ratio === undefined ? undefined : ratio <= bound.ratioAtMost),
    bound.valueAtMost === undefined || (value === undefined ? undefined : value <= bound.valueAtMost),
  ]
  if (parts.includes(false)) return false
  return parts.includes(undefined) ? undefined : true
}

/** The two tables and what they were measured on. */
export function toMarkdown({ rounds, facts, outcomes }: Report): string {
  const speed = outcomes.filter((outcome) => outcome.row.unit === 'ops/s')
  const count = Math.max(rounds.apache.length, rounds.meerkat.length)
  const rest = outcomes.filter((outcome) => outcome.row.unit !== 'ops/s')
  return [
    '# Benchmarks',
    '',
    'Measured by `npm run bench` against Apache ZooKeeper on the same machine in the same run, each server alone, the two',
    'taking turns, after warm-up: 8 connections, 128-byte values, forceSync on, the same zoo.cfg. Values are medians of',
    `${String(count)} round${count === 1 ? '' : 's'}, the ratio is the median of each round's own.`,
    '',
    ...facts.map(([name, fact]) => `- ${name}: ${fact}`),
    '',
    ...table('work', speed),
    ...table('memory and time', rest),
    ...explanations(outcomes),
  ].join('\n')
}

function table(heading: string, outcomes: readonly Outcome[]): string[] {
  if (outcomes.length === 0) return []
  const lines = outcomes.map((outcome) => [
    outcome.row.title,
    amount(outcome.medians.apache, outcome.row),
    amount(outcome.medians.meerkat, outcome.row),
    outcome.ratio === undefined ? '' : significant(outcome.ratio),
    outcome.row.bound === undefined ? '' : describeBound(outcome.row),
    outcome.met === undefined ? '' : outcome.met ? 'yes' : 'no',
  ])
  const header = [heading, 'Apache', 'Meerkat', 'ratio', 'bound', 'met']
  return [header, ['---', '---:', '---:', '---:', '---', '---'], ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .concat('')
}

function explanations(outcomes: readonly Outcome[]): string[] {
  const lines = outcomes.flatMap(({ row }) => (row.how === undefined ? [] : [`- ${row.title}: ${row.how}`]))
  return lines.length === 0 ? [] : ['How:', '', ...lines, '']
}

function amount(value: number | undefined, row: Row): string {
  if (value === undefined) return ''
  return row.unit === 'ops/s' ? `${Math.round(value).toLocaleString('en-US')}/s` : `${significant(value)} ${row.unit}`
}

function describeBound({ bound, unit }: Row): string {
  return [
    bound?.ratioAtLeast !== undefined && `≥ ${String(bound.ratioAtLeast)} ×`,
    bound?.valueAtMost !== undefined && `≤ ${String(bound.valueAtMost)} ${unit}`,
    bound?.ratioAtMost !== undefined && `≤ ${String(bound.ratioAtMost)} ×`,
  ]
    .filter((part) => part !== false)
    .join(', ')
}

/** Three digits that count, never an exponent. */
function significant(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
}
