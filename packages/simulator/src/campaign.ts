/** Many runs, one a seed: `npm run simulate -- --seeds 1000 --from 1`. */
import { isDeepStrictEqual } from 'node:util'
import { describeViolation } from './history/guarantees.ts'
import { run, type RunResult } from './run.ts'

export interface Campaign {
  readonly from: number
  readonly seeds: number
  /** How long faults last in each run, in milliseconds of virtual time. */
  readonly faultMs?: number
  /** Each seed runs twice, and must do the same. */
  readonly twice: boolean
  readonly print: (line: string) => void
}

export interface CampaignResult {
  readonly failedSeeds: readonly number[]
  readonly rounds: number
  readonly transactions: number
  readonly seconds: number
}

export async function campaign({ from, seeds, faultMs, twice, print }: Campaign): Promise<CampaignResult> {
  const began = performance.now()
  const failedSeeds: number[] = []
  let rounds = 0
  let transactions = 0
  for (let seed = from; seed < from + seeds; seed++) {
    const options = { seed, ...(faultMs === undefined ? {} : { faultMs }) }
    const result = await run(options)
    rounds += result.rounds
    transactions += result.transactions
    const isSame = !twice || isDeepStrictEqual(await run(options), result)
    if (isSame && result.violations.length === 0) continue
    failedSeeds.push(seed)
    for (const line of failureOf(result, isSame)) print(line)
  }
  return { failedSeeds, rounds, transactions, seconds: (performance.now() - began) / 1000 }
}

function failureOf({ seed, violations }: RunResult, isSame: boolean): string[] {
  const lines = violations.slice(0, 5).map((violation) => `  ${describeViolation(violation)}`)
  const again = isSame ? [] : ['  Two runs of this seed differ: something is used that the seed does not decide.']
  return [`Seed ${seed} failed (npm run simulate -- --seeds 1 --from ${seed} --trace shows it):`, ...again, ...lines]
}
