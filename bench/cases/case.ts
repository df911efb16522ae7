import type { Options } from '../options.ts'
import type { ServerName } from '../servers.ts'

/** One server's values of one round, by row id; what else there is to know has a longer key that begins with the row's. */
export type Values = Readonly<Record<string, number>>

/** Measures the rows asked for against one server, which it starts and stops. */
export type Case = (server: ServerName, asked: ReadonlySet<string>, options: Options) => Promise<Values>

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)]
  if (upper === undefined) throw new Error('there is no median of no numbers')
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? upper)) / 2 : upper
}

/** 1 MB is a million bytes. */
export function megabytes(bytes: number): number {
  return bytes / 1e6
}
