import { parseArgs } from 'node:util'
import { SERVER_NAMES, type ServerName } from './servers.ts'
import { ROWS, type Row } from './rows.ts'

/** What one run of the harness measures, and how thoroughly. */
export interface Options {
  readonly rows: readonly Row[]
  readonly servers: readonly ServerName[]
  readonly rounds: number
  /** How long each load runs once warm. */
  readonly seconds: number
  readonly znodes: { readonly parents: number; readonly childrenOfEach: number }
  readonly watchers: number
  readonly profile: boolean
  /** The Markdown file; the JSON lies beside it. */
  readonly out: string
}

export const USAGE = `npm run bench -- [options]
  --only ROW,ROW      measure these rows only: ${ROWS.map((row) => row.id).join(', ')}
  --server NAME       one server only: ${SERVER_NAMES.join(' or ')} (no ratios then)
  --rounds N          how often the servers take turns (3)
  --seconds N         how long each load runs once warm (5)
  --quick             one round of one second, a tenth of the znodes and watchers: shows that it works, not how fast
  --profile           profile Meerkat's processor time and print the functions that take most of it
  --out FILE.md       where the tables go, with FILE.json beside it (.cache/bench/report.md)`

/** Throws an Error whose message is for the person at the terminal. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      server: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      out: { type: 'string', default: '.cache/bench/report.md' },
    },
  })
  if (!values.out.endsWith('.md')) throw new Error(`--out ${values.out}: give a name that ends in .md`)
  return {
    rows: values.only === undefined ? ROWS : values.only.split(',').map(rowNamed),
    servers: values.server === undefined ? SERVER_NAMES : [serverNamed(values.server)],
    rounds: atLeast('rounds', 1, values.rounds ?? (values.quick ? '1' : '3')),
    seconds: atLeast('seconds', 0.1, values.seconds ?? (values.quick ? '1' : '5')),
    znodes: { parents: 1000, childrenOfEach: values.quick ? 100 : 1000 },
    watchers: values.quick ? 1000 : 10_000,
    profile: values.profile,
    out: values.out,
  }
}

function rowNamed(id: string): Row {
  const row = ROWS.find((candidate) => candidate.id === id)
  if (row === undefined) throw new Error(`--only ${id}: no such row; there are ${ROWS.map((r) => r.id).join(', ')}`)
  return row
}

function serverNamed(name: string): ServerName {
  const server = SERVER_NAMES.find((candidate) => candidate === name)
  if (server === undefined) throw new Error(`--server ${name}: give one of ${SERVER_NAMES.join(', ')}`)
  return server
}

function atLeast(option: string, minimum: number, text: string): number {
  const value = Number(text)
  if (!(value >= minimum)) throw new Error(`--${option} ${text}: give a number from ${String(minimum)} up`)
  return value
}
