import type { Memory } from './copy.ts'

/** Four bytes of ASCII have none of these bits. */
const BEYOND_ASCII = 0x80808080

/** The characters of the UTF-8 in `bytes[start, end)` as Java's and JavaScript's strings count them: units of UTF-16. */
export function charactersIn({ bytes, view }: Memory, start: number, end: number): number {
  let at = start
  while (at + 4 <= end && (view.getInt32(at) & BEYOND_ASCII) === 0) at += 4
  let count = at - start
  for (; at < end; at++) {
    const byte = bytes[at] as number
    // The bytes that continue a character count for nothing; a character of four bytes takes two units.
    if (byte < 0x80 || byte >= 0xc0) count += byte >= 0xf0 ? 2 : 1
  }
  return count
}
