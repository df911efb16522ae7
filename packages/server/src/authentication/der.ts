/** Reading DER, the encoding of certificates: elements of a tag, a length and content, one after another. */
export interface DerElement {
  readonly tag: number
  /** What follows tag and length. */
  readonly content: Buffer
  /** The whole element, tag and length included. */
  readonly encoded: Buffer
}

export const DER_TAG = { objectIdentifier: 0x06, sequence: 0x30, set: 0x31, contextZero: 0xa0 } as const

export class DerError extends Error {
  readonly code = 'DER'
}

/** @throws DerError if the bytes are not whole elements */
export function derElements(bytes: Buffer): DerElement[] {
  const elements: DerElement[] = []
  let at = 0
  while (at < bytes.length) {
    const element = elementAt(bytes, at)
    elements.push(element)
    at += element.encoded.length
  }
  return elements
}

/** The single element that the bytes hold. */
export function derElement(bytes: Buffer): DerElement {
  const [element, ...others] = derElements(bytes)
  if (element === undefined || others.length > 0) throw new DerError('expected exactly one DER element')
  return element
}

/** Dotted decimal, e.g. 2.5.4.3. Arcs may be larger than 2^53. */
export function objectIdentifierOf(content: Buffer): string {
  const arcs: bigint[] = []
  let arc = 0n
  for (const byte of content) {
    arc = (arc << 7n) | BigInt(byte & 0x7f)
    if (byte >= 0x80) continue
    arcs.push(arc)
    arc = 0n
  }
  const [first = 0n, ...rest] = arcs
  const top = first < 80n ? first / 40n : 2n
  return [top, first - 40n * top, ...rest].join('.')
}

function elementAt(bytes: Buffer, at: number): DerElement {
  const tag = bytes[at]
  const firstLength = bytes[at + 1]
  if (tag === undefined || firstLength === undefined) throw new DerError('truncated DER')
  const lengthBytes = firstLength < 0x80 ? 0 : firstLength - 0x80
  const start = at + 2 + lengthBytes
  if (lengthBytes > 4 || start > bytes.length) throw new DerError('truncated DER')
  const length = lengthBytes === 0 ? firstLength : bytes.readUIntBE(at + 2, lengthBytes)
  if (start + length > bytes.length) throw new DerError('truncated DER')
  return { tag, content: bytes.subarray(start, start + length), encoded: bytes.subarray(at, start + length) }
}
