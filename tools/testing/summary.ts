import { MISSING_PEER } from '../../test/support/peers.ts'
import type { Outcome } from './reporter.ts'
import type { FileResult } from './run-file.ts'

/** With `CI` set, a test that was skipped because its peer is missing has failed: there, all peers are to be present. */
export function judge(result: FileResult, ci: boolean): FileResult {
  if (!ci) return result
  const outcomes = result.outcomes.map((outcome): Outcome =>
    outcome.kind === 'skipped' && outcome.detail.startsWith(MISSING_PEER) ? { ...outcome, kind: 'failed' } : outcome,
  )
  return { ...result, outcomes }
}

export function count(results: readonly FileResult[], kind: Outcome['kind']): number {
  return results.reduce((sum, { outcomes }) => sum + outcomes.filter((outcome) => outcome.kind === kind).length, 0)
}

/** One line for a file that ended, followed by its failures and what it printed if there are any. */
export function describeFile(result: FileResult): string {
  const failures = result.outcomes.filter(({ kind }) => kind === 'failed')
  const counts = (['passed', 'failed', 'skipped'] as const)
    .map((kind) => ({ kind, number: count([result], kind) }))
    .filter(({ number }) => number > 0)
    .map(({ kind, number }) => `${number} ${kind}`)
  const line = `${failures.length > 0 ? '✗' : '✓'} ${result.file}: ${counts.join(', ')} (${(result.elapsedMs / 1000).toFixed(1)} s)`
  if (failures.length === 0) return line
  const printed = result.output.trim() === '' ? [] : ['    It printed:', indent(result.output.trim(), 6)]
  return [line, ...failures.map(({ name, detail }) => `  ✗ ${name}\n${indent(detail, 6)}`), ...printed].join('\n')
}

/** What was skipped, by reason, then what failed, then the line of totals. */
export function describeAll(results: readonly FileResult[]): string {
  const skipped = new Map<string, string[]>()
  const failed: string[] = []
  for (const { file, outcomes } of results) {
    for (const { kind, name, detail } of outcomes) {
      if (kind === 'skipped') skipped.set(detail, [...(skipped.get(detail) ?? []), `${file}: ${name}`])
      if (kind === 'failed') failed.push(`  ${file}: ${name}`)
    }
  }
  const lines: string[] = []
  for (const [reason, names] of skipped) lines.push(`Skipped, ${reason}:`, ...names.map((name) => `  ${name}`))
  if (failed.length > 0) lines.push('Failed:', ...failed)
  const totals = (['passed', 'failed', 'skipped'] as const).map((kind) => `${count(results, kind)} ${kind}`)
  return [...lines, totals.join(', ')].join('\n')
}

function indent(text: string, columns: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(columns))
}
