/** `meerkat bench`: measures any ZooKeeper server. */
import { parseConnectString } from '@meerkat/client'
import { runLoad, type LoadResult } from '../bench/load.ts'
import { OPERATIONS, type Operation } from '../bench/workload.ts'

/** As commander gives them: text. */
export interface BenchArguments {
  readonly hosts: string
  readonly clients: string
  readonly depth: string
  readonly op: string
  readonly size: string
  readonly keys: string
  readonly seconds: string
  readonly warm: string
  readonly json?: boolean
}

class BadArgument extends Error {}

/** Prints a table a load, or a JSON object a line. 0 if all went well, 1 if there were errors, 2 for bad arguments. */
export async function runBench(args: BenchArguments): Promise<number> {
  try {
    let errors = 0
    for (const op of operationsOf(args.op)) {
      const result = await runLoad({
        hosts: parseConnectString(args.hosts).servers,
        clients: count('--clients', args.clients, 1, 4096),
        depth: count('--depth', args.depth, 1, 100_000),
        size: count('--size', args.size, 0, 1_000_000),
        keys: count('--keys', args.keys, 1, 10_000_000),
        seconds: amount('--seconds', args.seconds),
        warmSeconds: amount('--warm', args.warm),
        op,
        root: `/meerkat-bench-${process.pid}-${Date.now()}`,
      })
      errors += result.errors
      console.log(args.json ? JSON.stringify(result) : table(result))
    }
    return errors === 0 ? 0 : 1
  } catch (error) {
    console.error(`bench: ${(error as Error).message}`)
    return error instanceof BadArgument ? 2 : 1
  }
}

/** One operation, or several with commas between them. */
function operationsOf(text: string): Operation[] {
  return text.split(',').map((name) => {
    const operation = OPERATIONS.find((known) => known === name)
    if (operation === undefined) throw new BadArgument(`--op ${name} is not known: use ${OPERATIONS.join(', ')}`)
    return operation
  })
}

function count(option: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new BadArgument(`${option} ${text}: a whole number from ${least} to ${most} is expected`)
  }
  return value
}

function amount(option: string, text: string): number {
  const value = Number(text)
  if (!(value >= 0 && value <= 86_400)) throw new BadArgument(`${option} ${text}: seconds are expected`)
  return value
}

function table(result: LoadResult): string {
  const rows: [string, string][] = [
    ['operation', `${result.op}, ${result.size} bytes`],
    ['connections', `${result.clients}, ${result.depth} outstanding each`],
    ['measured', `${result.seconds.toFixed(2)} s, ${result.ops.toLocaleString('en')} operations`],
    ['operations/s', result.opsPerSecond.toLocaleString('en')],
    ['p50', ms(result.p50Ms)],
    ['p99', ms(result.p99Ms)],
    ['p99.9', ms(result.p999Ms)],
    ['max', ms(result.maxMs)],
    ['errors', result.lastError === undefined ? '0' : `${result.errors}, the last ${result.lastError}`],
  ]
  return `${rows.map(([name, value]) => `${name.padEnd(14)}${value}`).join('\n')}\n`
}

function ms(value: number): string {
  return `${value.toFixed(3)} ms`
}
