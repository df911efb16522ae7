/** A seeded hash of paths: an attacker who does not know the seed cannot make names collide. */

const K1 = 0x85ebca6b | 0
const K2 = 0xc2b2ae35 | 0

/** 32-bit hash (unsigned) of `bytes[start, end)`, four bytes at a time. */
export function hashPath(bytes: Uint8Array, view: DataView, start: number, end: number, seed: number): number {
  let h = seed ^ (end - start)
  let at = start
  for (const stop = end - 3; at < stop; at += 4) {
    h = Math.imul(h ^ view.getInt32(at), K1)
    h ^= h >>> 15
  }
  for (; at < end; at++) h = Math.imul(h ^ (bytes[at] as number), K2)
  h ^= h >>> 16
  h = Math.imul(h, K1)
  h ^= h >>> 13
  h = Math.imul(h, K2)
  return (h ^ (h >>> 16)) >>> 0
}
