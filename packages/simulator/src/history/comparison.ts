/** What was told beside what should have been, and how to put both into words. */
import { ErrorCode, OpCode, type Txn } from '@meerkat/protocol'
import { isDeepStrictEqual } from 'node:util'
import type { Exchange } from './exchanges.ts'
import type { Guarantee } from './guarantees.ts'
import type { Result } from './history.ts'

/** Whether what a reply holds is what the model says; a reply may hold less (create tells no stat). */
export function isShown(told: Result, expected: Result): boolean {
  return Object.entries(told).every(([field, value]) => {
    const right = expected[field as keyof Result]
    if (field !== 'parts') return isDeepStrictEqual(value, right)
    const parts = expected.parts ?? []
    return told.parts?.length === parts.length && told.parts.every((part, index) => isShown(part, parts[index] ?? {}))
  })
}

/** The error of a transaction, or of each of its parts. */
export function errorsOf(txn: Txn): number[] {
  const errorOf = (one: Txn): number => (one.type === OpCode.error ? one.err : ErrorCode.OK)
  return txn.type === OpCode.multi ? txn.txns.map(errorOf) : [errorOf(txn)]
}

/** The error of a reply, or of each of its parts. */
export function errorsIn({ err, result }: { readonly err: number; readonly result: Result }): number[] {
  return result.parts === undefined ? [err] : result.parts.map((part) => part.err)
}

/** What is broken where these errors should be those: a refusal has a guarantee of its own. */
export function brokenBy(told: readonly number[], expected: readonly number[], otherwise: Guarantee): Guarantee {
  const differs = (err: number): boolean => told.includes(err) !== expected.includes(err)
  if (differs(ErrorCode.NOAUTH) || differs(ErrorCode.INVALIDACL)) return 'permissions'
  return differs(ErrorCode.QUOTAEXCEEDED) ? 'quotas' : otherwise
}

export function describe({ session, connection, xid, request, reply }: Exchange): string {
  const answer = reply === undefined ? 'not answered' : `answered ${show({ err: reply.err, ...reply.result })}`
  return `${show(request)}, request ${xid} of session 0x${BigInt.asUintN(64, session).toString(16)} on connection ${connection}, ${answer},`
}

export function show(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) =>
    typeof field === 'bigint' ? `0x${BigInt.asUintN(64, field).toString(16)}` : field,
  )
}

export function hex({ high, low }: { high: number; low: number }): string {
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}
