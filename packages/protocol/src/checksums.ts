/** The two checksums of ZooKeeper's files: Adler-32 of log records and snapshots, CRC-32 of the tree's digest. */

const ADLER_MODULUS = 65521
/** The most bytes that can be added before the 32-bit sums must be reduced (RFC 1950, zlib's NMAX). */
const ADLER_RUN = 5552

/** Adler-32 of `bytes[start, end)` continued from `seed` (1 for a new one); an unsigned 32-bit value. */
export function adler32(bytes: Uint8Array, start: number, end: number, seed = 1): number {
  let a = seed & 0xffff
  let b = seed >>> 16
  for (let at = start; at < end;) {
    const stop = Math.min(at + ADLER_RUN, end)
    // Four bytes in one step: b grows by a after each of them.
    for (const last = stop - 3; at < last; at += 4) {
      const first = bytes[at] as number
      const second = bytes[at + 1] as number
      const third = bytes[at + 2] as number
      const fourth = bytes[at + 3] as number
      b += 4 * (a + first) + 3 * second + 2 * third + fourth
      a += first + second + third + fourth
    }
    for (; at < stop; at++) {
      a += bytes[at] as number
      b += a
    }
    a %= ADLER_MODULUS
    b %= ADLER_MODULUS
  }
  return ((b << 16) | a) >>> 0
}

const CRC_TABLES = makeCrcTables()

/** Slicing-by-8 tables of the reflected polynomial 0xEDB88320, one after another. */
function makeCrcTables(): Int32Array {
  const tables = new Int32Array(8 * 256)
  for (let n = 0; n < 256; n++) {
    let c = n
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
    tables[n] = c
  }
  for (let n = 0; n < 256; n++) {
    let c = tables[n] as number
    for (let t = 1; t < 8; t++) {
      c = (tables[c & 0xff] as number) ^ (c >>> 8)
      tables[t * 256 + n] = c
    }
  }
  return tables
}

/** CRC-32 (as java.util.zip.CRC32) of `bytes[start, end)` continued from `crc` (0 for a new one); a signed 32-bit value. */
export function crc32(bytes: Uint8Array, start: number, end: number, crc = 0): number {
  let c = ~crc
  let at = start
  for (const stop = end - 7; at < stop; at += 8) {
    c ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    c =
      (CRC_TABLES[1792 + (c & 0xff)] as number) ^
      (CRC_TABLES[1536 + ((c >>> 8) & 0xff)] as number) ^
      (CRC_TABLES[1280 + ((c >>> 16) & 0xff)] as number) ^
      (CRC_TABLES[1024 + (c >>> 24)] as number) ^
      (CRC_TABLES[768 + (bytes[at + 4] as number)] as number) ^
      (CRC_TABLES[512 + (bytes[at + 5] as number)] as number) ^
      (CRC_TABLES[256 + (bytes[at + 6] as number)] as number) ^
      (CRC_TABLES[bytes[at + 7] as number] as number)
  }
  for (; at < end; at++) c = (CRC_TABLES[(c ^ (bytes[at] as number)) & 0xff] as number) ^ (c >>> 8)
  return ~c
}
