// The simulator from the command line: npm run simulate -- [--from 1] [--seeds 100] [--once] [--trace]
import { parseArgs } from 'node:util'
import { campaign } from './campaign.ts'
import { run } from './run.ts'

const print = (line: string): void => console.log(line)
const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '100' },
    /** Runs each seed once instead of twice. */
    once: { type: 'boolean', default: false },
    /** Prints everything that happens, first. */
    trace: { type: 'boolean', default: false },
  },
})
const from = Number(values.from)
const seeds = Number(values.seeds)
if (!Number.isSafeInteger(from) || !Number.isSafeInteger(seeds) || seeds < 1) {
  console.error('--from and --seeds take whole numbers, as in: npm run simulate -- --from 1 --seeds 1000')
  process.exitCode = 2
} else {
  if (values.trace) await run({ seed: from, onNote: print })
  const { failedSeeds, rounds, seconds, transactions } = await campaign({ from, seeds, twice: !values.once, print })
  const speed = (rounds / seconds).toFixed(0)
  print(
    `${seeds} seeds, ${rounds} crashes and restarts, ${transactions} transactions; ${seconds.toFixed(1)} s, ${speed} rounds a second.`,
  )
  print(
    failedSeeds.length === 0
      ? 'Every guarantee held.'
      : `${failedSeeds.length} seeds failed: ${failedSeeds.join(', ')}`,
  )
  process.exitCode = failedSeeds.length === 0 ? 0 : 1
}
