/**
 * Jute, ZooKeeper's record encoding: big-endian, fields in order, no tags, no padding
 * (org.apache.jute.BinaryInputArchive and BinaryOutputArchive).
 *
 *   byte, boolean   1 byte
 *   int             4 bytes
 *   long            8 bytes
 *   ustring         int length in bytes (-1 is null), then UTF-8
 *   buffer          int length (-1 is null, 0 is empty), then the bytes
 *   vector<T>       int count (-1 is null), then the elements
 *   record          its fields
 *
 * A record is declared once, by `record({...})`; the declaration is its type (`Infer`), its reader and its writer.
 */
import type { Bytes } from './bytes.ts'
import { allocate } from './bytes.ts'
import type { SessionId, Zxid } from './identifiers.ts'

const TWO_TO_32 = 0x1_0000_0000

/** A record that cannot be read: truncated, or with an impossible length. */
export class JuteError extends Error {
  readonly code = 'JUTE'
}

/** A cursor over bytes. Slices that it gives share the memory below; whoever keeps one copies it. */
export class Input {
  bytes!: Bytes
  view!: DataView
  offset = 0
  end = 0

  constructor(bytes: Bytes, start = 0, end = bytes.length) {
    this.over(bytes, start, end)
  }

  /** Points the cursor at other bytes. */
  over(bytes: Bytes, start: number, end: number): void {
    if (this.bytes !== bytes) {
      this.bytes = bytes
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    this.offset = start
    this.end = end
  }

  get remaining(): number {
    return this.end - this.offset
  }

  /** Steps over `count` bytes and returns where they begin. */
  take(count: number): number {
    const at = this.offset
    if (this.end - at < count) this.truncated(count)
    this.offset = at + count
    return at
  }

  private truncated(count: number): never {
    throw new JuteError(`truncated record: ${count} more bytes expected, ${this.remaining} left`)
  }

  byte(): number {
    return this.view.getInt8(this.take(1))
  }

  boolean(): boolean {
    return this.view.getInt8(this.take(1)) !== 0
  }

  int(): number {
    return this.view.getInt32(this.take(4))
  }

  /** A 64-bit value as a number: exact up to 2^53. */
  number(): number {
    const at = this.take(8)
    return this.view.getInt32(at) * TWO_TO_32 + this.view.getUint32(at + 4)
  }

  long(): bigint {
    return this.view.getBigInt64(this.take(8))
  }

  /** The length of a string or buffer: -1 for null, else no more than what is left. */
  length(): number {
    const length = this.int()
    if (length < -1) throw new JuteError(`Unreasonable length = ${length}`)
    if (length > this.end - this.offset) this.truncated(length)
    return length
  }

  string(): string | null {
    const length = this.length()
    if (length < 0) return null
    const at = this.offset
    this.offset = at + length
    return decodeString(this.bytes, at, at + length)
  }

  buffer(): Bytes | null {
    const length = this.length()
    if (length < 0) return null
    const at = this.offset
    this.offset = at + length
    return this.bytes.subarray(at, at + length)
  }

  /**
   * The count of a vector: -1 for null; Apache's reader takes any other negative one for an empty vector. Every element
   * has at least `elementSize` bytes, so a count that cannot be is refused.
   */
  count(elementSize: number): number {
    const count = this.int()
    if (count < -1) return 0
    if (count * elementSize > this.remaining) this.truncated(count * elementSize)
    return count
  }
}

/**
 * UTF-8 to a string as Java decodes it: what is malformed becomes U+FFFD, and a surrogate that somebody encoded in three
 * bytes (as Java's own writer does) becomes one U+FFFD, also if its third byte is missing.
 */
export function decodeString(bytes: Bytes, start: number, end: number): string {
  let ascii = true
  for (let at = start; at < end; at++) {
    if ((bytes[at] as number) >= 0x80) {
      ascii = false
      break
    }
  }
  if (ascii) return bytes.toString('latin1', start, end)
  const text = bytes.toString('utf8', start, end)
  return text.includes('\ufffd\ufffd') ? decodeSurrogates(bytes, start, end) : text
}

function decodeSurrogates(bytes: Bytes, start: number, end: number): string {
  let text = ''
  let from = start
  for (let at = start; at + 1 < end; at++) {
    const second = bytes[at + 1] as number
    if (bytes[at] !== 0xed || second < 0xa0 || second > 0xbf) continue
    text += `${bytes.toString('utf8', from, at)}\ufffd`
    const hasThird = at + 2 < end && ((bytes[at + 2] as number) & 0xc0) === 0x80
    from = at + (hasThird ? 3 : 2)
    at = from - 1
  }
  return text + bytes.toString('utf8', from, end)
}

/** How many bytes a string takes: each UTF-16 unit is encoded alone, so a supplementary character takes six. */
export function encodedLength(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x80) length += unit >= 0x800 ? 2 : 1
  }
  return length
}

/** Writes `text` at `at` and returns the offset after it; the room must be there (`encodedLength`). */
export function encodeString(text: string, bytes: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) {
      bytes[at++] = unit
    } else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6)
      bytes[at++] = 0x80 | (unit & 0x3f)
    } else {
      bytes[at++] = 0xe0 | (unit >> 12)
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f)
      bytes[at++] = 0x80 | (unit & 0x3f)
    }
  }
  return at
}

/** Bytes that grow at the end. */
export class Output {
  bytes: Bytes
  view: DataView
  length = 0

  constructor(capacity = 256) {
    this.bytes = allocate(capacity)
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength)
  }

  /** Makes room for `count` bytes, steps over them and returns where they begin. */
  reserve(count: number): number {
    const at = this.length
    const length = at + count
    if (length > this.bytes.length) this.grow(length)
    this.length = length
    return at
  }

  private grow(length: number): void {
    const old = this.bytes
    this.replace(allocate(Math.max(length, old.length * 2)))
    old.copy(this.bytes, 0, 0, this.length)
  }

  private replace(bytes: Bytes): void {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** What was written. Shares memory with this output until the next write. */
  written(): Bytes {
    return this.bytes.subarray(0, this.length)
  }

  byte(value: number): void {
    const at = this.reserve(1)
    this.view.setInt8(at, value)
  }

  boolean(value: boolean): void {
    const at = this.reserve(1)
    this.view.setInt8(at, value ? 1 : 0)
  }

  int(value: number): void {
    const at = this.reserve(4)
    this.view.setInt32(at, value)
  }

  number(value: number): void {
    this.setNumber(this.reserve(8), value)
  }

  setNumber(at: number, value: number): void {
    this.view.setInt32(at, Math.floor(value / TWO_TO_32))
    this.view.setInt32(at + 4, value | 0)
  }

  long(value: bigint): void {
    const at = this.reserve(8)
    this.view.setBigInt64(at, value)
  }

  string(value: string | null): void {
    if (value === null) return this.int(-1)
    const length = encodedLength(value)
    const at = this.reserve(4 + length)
    this.view.setInt32(at, length)
    encodeString(value, this.bytes, at + 4)
  }

  buffer(value: Uint8Array | null): void {
    if (value === null) return this.int(-1)
    const at = this.reserve(4 + value.length)
    this.view.setInt32(at, value.length)
    this.bytes.set(value, at + 4)
  }

  /** Bytes as they are, without a length. */
  raw(source: Bytes, start: number, end: number): void {
    const at = this.reserve(end - start)
    source.copy(this.bytes, at, start, end)
  }
}

/** Reads and writes one type of value. */
export interface Codec<T> {
  read(input: Input): T
  write(output: Output, value: T): void
  /** The fewest bytes that a value takes: bounds the counts of vectors. */
  readonly size: number
}

export type Infer<C> = C extends Codec<infer T> ? T : never

export const byte: Codec<number> = { read: (i) => i.byte(), write: (o, v) => o.byte(v), size: 1 }
export const boolean: Codec<boolean> = { read: (i) => i.boolean(), write: (o, v) => o.boolean(v), size: 1 }
export const int: Codec<number> = { read: (i) => i.int(), write: (o, v) => o.int(v), size: 4 }
export const long: Codec<bigint> = { read: (i) => i.long(), write: (o, v) => o.long(v), size: 8 }
/** A long that is exact as a number: milliseconds, limits. */
export const safeLong: Codec<number> = { read: (i) => i.number(), write: (o, v) => o.number(v), size: 8 }
export const zxid: Codec<Zxid> = { read: (i) => i.number() as Zxid, write: (o, v) => o.number(v), size: 8 }
export const sessionId: Codec<SessionId> = { read: (i) => i.long() as SessionId, write: (o, v) => o.long(v), size: 8 }
export const nullableString: Codec<string | null> = { read: (i) => i.string(), write: (o, v) => o.string(v), size: 4 }
export const buffer: Codec<Bytes | null> = { read: (i) => i.buffer(), write: (o, v) => o.buffer(v), size: 4 }

/** A string that must be there: null is refused, as Apache's server fails on one. */
export const ustring: Codec<string> = {
  read: (input) => {
    const text = input.string()
    if (text === null) throw new JuteError('null where a string is expected')
    return text
  },
  write: (output, value) => output.string(value),
  size: 4,
}

export function nullableVector<T>(element: Codec<T>): Codec<T[] | null> {
  return {
    read: (input) => {
      const count = input.count(element.size)
      if (count < 0) return null
      const values: T[] = []
      for (let i = 0; i < count; i++) values.push(element.read(input))
      return values
    },
    write: (output, values) => {
      output.int(values === null ? -1 : values.length)
      if (values !== null) for (const value of values) element.write(output, value)
    },
    size: 4,
  }
}

/** A vector whose null reads as empty. */
export function vector<T>(element: Codec<T>): Codec<readonly T[]> {
  const nullable = nullableVector(element)
  return { read: (input) => nullable.read(input) ?? [], write: (o, v) => nullable.write(o, v as T[]), size: 4 }
}

/**
 * A record of named fields, in wire order.
 *
 * The reader and the writer are compiled for the record, one call a field: a loop over the fields would make every
 * record's reader the same, much slower, function.
 */
export function record<const F extends Record<string, Codec<unknown>>>(
  fields: F,
): Codec<{ -readonly [K in keyof F]: Infer<F[K]> }> {
  const names = Object.keys(fields)
  const codecs = Object.values(fields)
  const declarations = names.map((_, i) => `const codec${i} = codecs[${i}];`).join('')
  const reads = names.map((name, i) => `${name}: codec${i}.read(input)`).join(', ')
  const writes = names.map((name, i) => `codec${i}.write(output, value.${name})`).join('; ')
  // The source holds nothing but the field names of this package's own declarations.
  // oxlint-disable-next-line typescript/no-implied-eval
  const make = new Function(
    'codecs',
    `${declarations} return { read(input) { return { ${reads} } }, write(output, value) { ${writes} } }`,
  ) as (codecs: unknown[]) => CompiledCodec<{ -readonly [K in keyof F]: Infer<F[K]> }>
  const { read, write } = make(codecs)
  return { read, write, size: codecs.reduce((sum, codec) => sum + codec.size, 0) }
}

interface CompiledCodec<T> {
  readonly read: (input: Input) => T
  readonly write: (output: Output, value: T) => void
}

/** One value as bytes of its own. */
export function encode<T>(codec: Codec<T>, value: T): Bytes {
  const output = new Output()
  codec.write(output, value)
  return output.written()
}

export function decode<T>(codec: Codec<T>, bytes: Bytes): T {
  return codec.read(new Input(bytes))
}
