/**
 * Meerkat measured against Apache ZooKeeper. A table of contents:
 *   rows.ts      what is measured and what is asked of it
 *   servers.ts   starts either server on the same zoo.cfg
 *   cases/       the measuring, one file a kind
 *   zkload.c     the load generator; zkprobe.c does what zkload does not
 *   report.ts    medians, ratios and the Markdown
 *   profile.ts   where Meerkat's processor time goes
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { dirname } from 'node:path'
import { format, resolveConfig } from 'prettier'
import type { Case, Values } from './cases/case.ts'
import { million } from './cases/million.ts'
import { start } from './cases/start.ts'
import { throughput } from './cases/throughput.ts'
import { watchers } from './cases/watchers.ts'
import { describeMachine } from './machine.ts'
import { parseOptions, USAGE, type Options } from './options.ts'
import { describeProfiles, forgetProfiles } from './profile.ts'
import { outcomeOf, toMarkdown, type Report } from './report.ts'
import type { CaseName } from './rows.ts'
import type { ServerName } from './servers.ts'
import { buildTools } from './tools.ts'

const CASES: Readonly<Record<CaseName, Case>> = { throughput, start, watchers, million }
const QUIET_LOAD = 0.5

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

if (process.argv.includes('--help')) {
  console.log(USAGE)
} else {
  try {
    await bench(parseOptions(process.argv.slice(2)))
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    // What goes on beside the part that failed is given up.
    process.exit(1)
  }
}

async function bench(options: Options): Promise<void> {
  const loadBefore = loadavg()[0] ?? 0
  if (loadBefore > QUIET_LOAD) say(`the machine is busy (load average ${loadBefore.toFixed(2)}): expect lower numbers`)
  await buildTools()
  if (options.profile) await forgetProfiles()
  const rounds = await measure(options)
  const report = {
    facts: await describeMachine(options, loadBefore),
    rounds,
    outcomes: options.rows.map((row) => outcomeOf(row, rounds)),
  }
  console.log(toMarkdown(report))
  await save(options.out, report)
  if (options.profile) console.log(await describeProfiles())
}

/** The servers take turns: one alone, then the other, round after round. */
async function measure(options: Options): Promise<Record<ServerName, Values[]>> {
  const asked = new Set(options.rows.map((row) => row.id))
  const cases = [...new Set(options.rows.map((row) => row.case))]
  const measured: Record<ServerName, Values[]> = { apache: [], meerkat: [] }
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const server of options.servers) {
      const values: Record<string, number> = {}
      for (const name of cases) {
        const found = await CASES[name](server, asked, options)
        say(`round ${String(round)} of ${String(options.rounds)}, ${server}, ${name}: ${describe(found)}`)
        Object.assign(values, found)
      }
      measured[server].push(values)
    }
  }
  return measured
}

async function save(markdownFile: string, report: Report): Promise<void> {
  await mkdir(dirname(markdownFile), { recursive: true })
  const before = await readFile(markdownFile, 'utf8').catch(() => '')
  await write(markdownFile, toMarkdown(report) + remarks(before))
  await write(markdownFile.replace(/\.md$/, '.json'), JSON.stringify(report))
  say(`written: ${markdownFile} and the JSON beside it`)
}

async function write(filepath: string, text: string): Promise<void> {
  await writeFile(filepath, await format(text, { ...(await resolveConfig(filepath)), filepath }))
}

/** What people wrote behind the tables: from the first heading below the title's. */
function remarks(markdown: string): string {
  const start = markdown.indexOf('\n## ')
  return start === -1 ? '' : markdown.slice(start)
}

function describe(values: Values): string {
  return Object.entries(values)
    .map(([row, value]) => `${row} ${value.toLocaleString('en-US', { maximumFractionDigits: 1 })}`)
    .join(', ')
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
