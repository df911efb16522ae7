/** Pieces of memory outside the garbage-collected heap, and copies between them. */
import { allocate, type Bytes } from '@meerkat/protocol'

/** Above this many bytes a native copy is faster than its call is dear. */
const NATIVE_COPY = 112

export interface Memory {
  readonly bytes: Bytes
  readonly view: DataView
}

/** `size` bytes that are not set. */
export function memory(size: number): Memory {
  const bytes = allocate(size)
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
}

/** Part of somebody's memory. Where there is a view, short copies are made by words. */
export interface Slice {
  readonly bytes: Bytes
  readonly view: DataView | undefined
  readonly start: number
  readonly end: number
}

export function sliceOf(bytes: Bytes | null): Slice | null {
  return bytes === null ? null : { bytes, view: undefined, start: 0, end: bytes.length }
}

/** Copies a slice to `target`; the memories must not overlap. */
export function copySlice({ bytes, view, start, end }: Slice, to: Memory, target: number): void {
  if (view !== undefined) return copyBytes({ bytes, view }, start, to, target, end - start)
  to.bytes.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), target)
}

/** Copies `length` bytes; the ranges must not overlap. */
export function copyBytes(from: Memory, source: number, to: Memory, target: number, length: number): void {
  if (length > NATIVE_COPY) {
    from.bytes.copy(to.bytes, target, source, source + length)
    return
  }
  let i = 0
  // Passed straight on, the 64 bits never become a BigInt.
  for (; i + 8 <= length; i += 8) to.view.setBigInt64(target + i, from.view.getBigInt64(source + i, true), true)
  for (; i < length; i++) to.bytes[target + i] = from.bytes[source + i] as number
}
