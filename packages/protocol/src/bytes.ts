/**
 * The bytes that this package reads and writes.
 *
 * `protocol` and `engine` compile without Node's types; what they need of Node's Buffer is stated here, and nothing else
 * of Node.js is within their reach.
 */
export interface Bytes extends Uint8Array<ArrayBufferLike> {
  subarray(start?: number, end?: number): Bytes
  toString(encoding?: 'utf8' | 'latin1' | 'hex' | 'base64', start?: number, end?: number): string
  equals(other: Uint8Array): boolean
  copy(target: Uint8Array, targetStart?: number, sourceStart?: number, sourceEnd?: number): number
}

declare const Buffer: {
  allocUnsafe(size: number): Bytes
  allocUnsafeSlow(size: number): Bytes
  alloc(size: number): Bytes
  from(source: string, encoding?: 'utf8' | 'latin1' | 'hex' | 'base64'): Bytes
  from(source: ArrayLike<number>): Bytes
  from(source: ArrayBufferLike, byteOffset?: number, length?: number): Bytes
}

export const NO_BYTES: Bytes = Buffer.alloc(0)

/** Uninitialised memory of its own (never a slice of a shared pool), `size` bytes. */
export function allocate(size: number): Bytes {
  return Buffer.allocUnsafeSlow(size)
}

/** `size` zero bytes. */
export function zeros(size: number): Bytes {
  return Buffer.alloc(size)
}

export function bytesOf(source: string, encoding: 'utf8' | 'latin1' | 'hex' | 'base64' = 'utf8'): Bytes {
  return Buffer.from(source, encoding)
}

/** The same memory, seen as Bytes. */
export function asBytes(source: Uint8Array): Bytes {
  return Buffer.from(source.buffer, source.byteOffset, source.byteLength)
}

/** A copy that shares no memory with `source`. */
export function copyOf(source: Uint8Array): Bytes {
  const copy = allocate(source.length)
  copy.set(source)
  return copy
}
