/** What one metric is; the tables beside this file hold one entry a metric. */

/**
 * - `counter` only grows, `counterSet` is one a key;
 * - `gauge` is read when asked for, `gaugeSet` is one a key;
 * - `summary` has count, sum, average, least and greatest; `advancedSummary` quantiles too; the sets are one a key.
 */
export type MetricKind =
  'counter' | 'counterSet' | 'gauge' | 'gaugeSet' | 'summary' | 'advancedSummary' | 'summarySet' | 'advancedSummarySet'

/**
 * - `standalone`: it moves on every server;
 * - `ensemble`: it moves where several servers form an ensemble, and is zero elsewhere;
 * - `apache`: it counts a step that only Apache's server has; it is there for dashboards and stays zero.
 */
export type MetricMeaning = 'standalone' | 'ensemble' | 'apache'

export interface MetricDescription<K extends MetricKind = MetricKind> {
  readonly kind: K
  readonly unit: string
  readonly help: string
  /** When it changes. */
  readonly when: string
  readonly meaning: MetricMeaning
}

export type MetricTable = Readonly<Record<string, MetricDescription>>

const maker =
  <K extends MetricKind>(kind: K) =>
  (unit: string, help: string, when: string): MetricDescription<K> => ({
    kind,
    unit,
    help,
    when,
    meaning: 'standalone',
  })

export const counter = maker('counter')
export const counterSet = maker('counterSet')
export const summary = maker('summary')
export const advancedSummary = maker('advancedSummary')
export const summarySet = maker('summarySet')
export const advancedSummarySet = maker('advancedSummarySet')
export const gauge = (unit: string, help: string): MetricDescription<'gauge'> => maker('gauge')(unit, help, 'when read')
export const gaugeSet = (unit: string, help: string): MetricDescription<'gaugeSet'> =>
  maker('gaugeSet')(unit, help, 'when read')

export const ensemble = <K extends MetricKind>(metric: MetricDescription<K>): MetricDescription<K> => ({
  ...metric,
  meaning: 'ensemble',
})

/** A metric of a step that only Apache's server has. */
export const apache = <K extends MetricKind>(metric: MetricDescription<K>): MetricDescription<K> => ({
  ...metric,
  meaning: 'apache',
})
