/** The numbers that name things. Distinct numbers have distinct types. */

declare const zxidBrand: unique symbol
declare const sessionBrand: unique symbol

/**
 * A transaction's number: epoch in the high 32 bits, counter in the low 32.
 *
 * Held as a JavaScript number, exact while the epoch is below 2^21 (two million elections); see
 * docs/internals/divergence.md. A larger one that a client sends still compares as larger.
 */
export type Zxid = number & { readonly [zxidBrand]: never }

/** A session's 64-bit number, signed as in Java. */
export type SessionId = bigint & { readonly [sessionBrand]: never }

export const NO_SESSION = 0n as SessionId
export const MAX_ZXID = Number.MAX_SAFE_INTEGER as Zxid

export function zxidOf(value: number): Zxid {
  return value as Zxid
}

export function zxidFrom({ epoch, counter }: { epoch: number; counter: number }): Zxid {
  return (epoch * 0x1_0000_0000 + counter) as Zxid
}

export function epochOf(zxid: Zxid): number {
  return Math.floor(zxid / 0x1_0000_0000)
}

export function counterOf(zxid: Zxid): number {
  return zxid >>> 0
}

export function sessionIdOf(value: bigint): SessionId {
  return BigInt.asIntN(64, value) as SessionId
}

/** Hexadecimal as Java's Long.toHexString: two's complement, no padding, no prefix. */
export function toHex(value: number | bigint): string {
  return BigInt.asUintN(64, BigInt(value)).toString(16)
}
