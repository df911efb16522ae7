/**
 * Blocks of Snappy (google/snappy, format_description.txt):
 *
 *   block    varint uncompressed length, elements
 *   literal  tag 00, length - 1 in six bits (60 to 63: in the 1 to 4 bytes that follow), the bytes
 *   copy     tag 01: length 4 to 11 in three bits, offset in 11 bits
 *            tag 10: length 1 to 64 in six bits, offset in 2 bytes
 *            tag 11: the same, offset in 4 bytes
 */
import type { Bytes } from '@meerkat/protocol'
import { allocate } from '@meerkat/protocol'

/** Bytes that are not Snappy's. */
export class SnappyError extends Error {
  readonly code = 'SNAPPY'
}

/** The longest block that `compressBlock` takes: offsets stay within two bytes. */
export const MAX_BLOCK = 32 * 1024
const HASH_BITS = 13
const MULTIPLIER = 0x1e35a7bd
/** Matches are looked for up to here before the end, so that four bytes can always be read. */
const MARGIN = 4
/** After this many bytes without a match, as a power of two, every second is looked at, and so on. */
const SKIP_BITS = 5
const positions = new Uint16Array(1 << HASH_BITS)

/** The most bytes that a block of MAX_BLOCK bytes takes, compressed. */
export const MAX_COMPRESSED = 32 + MAX_BLOCK + Math.ceil(MAX_BLOCK / 6)

/** Compresses `source`, at most MAX_BLOCK bytes, into `target` at `start`, and returns where it ends there. */
export function compressBlock(source: Bytes, target: Bytes, start: number): number {
  const length = source.length
  const view = new DataView(source.buffer, source.byteOffset, length)
  let out = writeVarint(target, start, length)
  let literal = 0
  let at = 1
  positions.fill(0)
  while (at < length - MARGIN) {
    const four = view.getUint32(at, true)
    const slot = Math.imul(four, MULTIPLIER) >>> (32 - HASH_BITS)
    const candidate = positions[slot] as number
    positions[slot] = at
    if (view.getUint32(candidate, true) !== four) {
      at += 1 + ((at - literal) >> SKIP_BITS)
      continue
    }
    const end = matchEnd(source, candidate + 4, at + 4)
    out = writeLiteral(source, literal, at, target, out)
    out = writeCopy(target, out, { offset: at - candidate, length: end - at })
    at = end
    literal = end
  }
  return writeLiteral(source, literal, length, target, out)
}

function matchEnd(source: Bytes, candidate: number, start: number): number {
  let at = start
  while (at < source.length && source[candidate] === source[at]) {
    candidate += 1
    at += 1
  }
  return at
}

function writeVarint(target: Bytes, at: number, value: number): number {
  let rest = value
  while (rest >= 0x80) {
    target[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  target[at++] = rest
  return at
}

function writeLiteral(source: Bytes, start: number, end: number, target: Bytes, at: number): number {
  const last = end - start - 1
  if (last < 0) return at
  if (last < 60) {
    target[at++] = last << 2
  } else {
    target[at++] = (last < 0x100 ? 60 : 61) << 2
    target[at++] = last & 0xff
    if (last >= 0x100) target[at++] = last >> 8
  }
  return at + source.copy(target, at, start, end)
}

function writeCopy(target: Bytes, at: number, { offset, length }: { offset: number; length: number }): number {
  let rest = length
  while (rest > 0) {
    // What is left after a full copy must not be shorter than a match.
    const count = rest > 64 ? Math.min(64, rest - MARGIN) : rest
    target[at++] = ((count - 1) << 2) | 2
    target[at++] = offset & 0xff
    target[at++] = offset >> 8
    rest -= count
  }
  return at
}

/** A block's bytes, at most `maxLength` of them. Throws SnappyError. */
export function decompressBlock(source: Bytes, maxLength: number): Bytes {
  const preamble = readVarint(source)
  if (preamble.value > maxLength) throw new SnappyError(`a block of ${preamble.value} bytes, above ${maxLength}`)
  const target = allocate(preamble.value)
  let out = 0
  for (let at = preamble.next; at < source.length;) {
    const tag = source[at] as number
    const isLiteral = (tag & 3) === 0
    const { length, offset, next } = isLiteral ? readLiteral(source, at, tag) : readCopy(source, at, tag)
    if (next > source.length || out + length > target.length || offset > out) throw new SnappyError('a damaged block')
    if (isLiteral) source.copy(target, out, next - length, next)
    else for (let index = out; index < out + length; index++) target[index] = target[index - offset] as number
    out += length
    at = next
  }
  if (out !== target.length) throw new SnappyError('a block is cut')
  return target
}

interface Element {
  readonly length: number
  /** How far back a copy reaches; 0 for a literal. */
  readonly offset: number
  readonly next: number
}

function readVarint(source: Bytes): { value: number; next: number } {
  let value = 0
  for (let at = 0; at < 5; at++) {
    const byte = source[at]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return { value, next: at + 1 }
  }
  throw new SnappyError('a block without a length')
}

function readLiteral(source: Bytes, at: number, tag: number): Element {
  const short = tag >> 2
  const extra = Math.max(0, short - 59)
  const length = 1 + (extra === 0 ? short : littleEndian(source, at + 1, extra))
  return { length, offset: 0, next: at + 1 + extra + length }
}

function readCopy(source: Bytes, at: number, tag: number): Element {
  if ((tag & 3) === 1) {
    const offset = ((tag >> 5) << 8) | littleEndian(source, at + 1, 1)
    return checked({ length: ((tag >> 2) & 7) + 4, offset, next: at + 2 })
  }
  const size = (tag & 3) === 2 ? 2 : 4
  return checked({ length: (tag >> 2) + 1, offset: littleEndian(source, at + 1, size), next: at + 1 + size })
}

function checked(copy: Element): Element {
  if (copy.offset === 0) throw new SnappyError('a copy from nowhere')
  return copy
}

function littleEndian(source: Bytes, at: number, size: number): number {
  if (at + size > source.length) throw new SnappyError('a block is cut')
  let value = 0
  for (let index = size - 1; index >= 0; index--) value = value * 256 + (source[at + index] as number)
  return value
}
