/** Pieces of memory outside the garbage-collected heap, and copies between them. */
import { allocate, type Bytes } from '@meerkat/protocol'

/** Above this many bytes a native copy is faster than its call is dear. */
const NATIVE_COPY = 256

export interface Memory {
  readonly bytes: Bytes
  readonly view: DataView
}

/** `size` bytes that are not set. */
export function memory(size: number): Memory {
  const bytes = allocate(size)
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
}

/** Copies `length` bytes; the ranges must not overlap. */
export function copyBytes(from: Memory, source: number, to: Memory, target: number, length: number): void {
  if (length > NATIVE_COPY) {
    from.bytes.copy(to.bytes, target, source, source + length)
    return
  }
  let i = 0
  for (; i + 4 <= length; i += 4) to.view.setInt32(target + i, from.view.getInt32(source + i))
  for (; i < length; i++) to.bytes[target + i] = from.bytes[source + i] as number
}
