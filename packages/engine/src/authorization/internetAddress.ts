/**
 * Addresses of the `ip` scheme: `a.b.c.d`, `x:x::x`, each with an optional `/bits`.
 *
 * What counts as an address is what Apache's IPAuthenticationProvider accepts: decimal numbers may carry a sign and
 * leading zeros, an IPv4 tail inside an IPv6 address or a zone (`%eth0`) is refused.
 */
export interface AddressRange {
  /** 4 or 16 bytes. */
  readonly bytes: Uint8Array
  /** How many leading bits count: 0 to 32 or 128. */
  readonly bits: number
}

const DECIMAL = /^[+-]?[0-9]+$/
const HEXADECIMAL = /^[+-]?[0-9a-fA-F]+$/
const IPV6_SEGMENTS = 8

/** @returns null if the text is no address, or the bits do not fit it. */
export function parseAddressRange(text: string): AddressRange | null {
  const slash = text.indexOf('/')
  const bytes = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (bytes === null) return null
  if (slash < 0) return { bytes, bits: bytes.length * 8 }
  const bitsText = text.slice(slash + 1)
  const bits = DECIMAL.test(bitsText) ? Number(bitsText) : -1
  return bits >= 0 && bits <= bytes.length * 8 ? { bytes, bits } : null
}

/** Whether the address (without bits) lies in the range; an address of the other family does not. */
export function isInRange(address: string, range: AddressRange): boolean {
  const bytes = parseAddress(address)
  if (bytes === null || bytes.length !== range.bytes.length) return false
  const wholeBytes = range.bits >> 3
  for (let i = 0; i < wholeBytes; i++) {
    if (bytes[i] !== range.bytes[i]) return false
  }
  const rest = range.bits & 7
  if (rest === 0) return true
  const difference = (bytes[wholeBytes] ?? 0) ^ (range.bytes[wholeBytes] ?? 0)
  return difference >> (8 - rest) === 0
}

function parseAddress(text: string): Uint8Array | null {
  if (text.includes(':')) return parseIpv6(text)
  return text.includes('.') ? parseIpv4(text) : null
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  const bytes = new Uint8Array(4)
  for (const [i, part] of parts.entries()) {
    const value = DECIMAL.test(part) ? Number(part) : -1
    if (value < 0 || value > 255) return null
    bytes[i] = value
  }
  return bytes
}

function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split('::')
  const [first = '', second] = halves
  const bytes = new Uint8Array(2 * IPV6_SEGMENTS)
  if (second === undefined) {
    const segments = first.split(':')
    return segments.length === IPV6_SEGMENTS && writeSegments(bytes, 0, segments) ? bytes : null
  }
  if (halves.length > 2) return null
  const head = first === '' ? [] : first.split(':')
  const tail = second === '' ? [] : second.split(':')
  if (head.length + tail.length >= IPV6_SEGMENTS) return null
  const written = writeSegments(bytes, 0, head) && writeSegments(bytes, bytes.length - 2 * tail.length, tail)
  return written ? bytes : null
}

function writeSegments(bytes: Uint8Array, start: number, segments: readonly string[]): boolean {
  let at = start
  for (const segment of segments) {
    if (segment.length > 4 || !HEXADECIMAL.test(segment)) return false
    const value = parseInt(segment, 16)
    bytes[at++] = (value >> 8) & 0xff
    bytes[at++] = value & 0xff
  }
  return true
}
