/** What a connection proves about who is at its other end before the first byte of ZooKeeper's protocol. */
import type { Id } from '@meerkat/protocol'
import { subjectNameOf } from './subjectName.ts'

export interface ConnectionFacts {
  /** As the socket names it, e.g. `127.0.0.1`, `::1`, `::ffff:10.0.0.1`. */
  readonly remoteAddress: string
  /** DER of the certificate that the TLS handshake verified; null without TLS or without a certificate. */
  readonly clientCertificate: Uint8Array | null
}

/** The ids that a connection has at once: its address, and its certificate's subject. */
export function initialIdentities(facts: ConnectionFacts, x509SuperUser: string | null): Id[] {
  return [addressIdentity(facts), ...certificateIdentities(facts, x509SuperUser)]
}

export function addressIdentity(facts: ConnectionFacts): Id {
  return { scheme: 'ip', id: hostAddressOf(facts.remoteAddress) }
}

/** None without a certificate (X509AuthenticationProvider). */
export function certificateIdentities(facts: ConnectionFacts, x509SuperUser: string | null): Id[] {
  if (facts.clientCertificate === null) return []
  const subject = subjectNameOf(facts.clientCertificate)
  const identity = { scheme: 'x509', id: subject }
  return subject === x509SuperUser ? [{ scheme: 'super', id: subject }, identity] : [identity]
}

/**
 * An address as Java's InetAddress.getHostAddress writes it, which clients see in whoAmI: an IPv4 address inside IPv6 is
 * IPv4, and IPv6 is never shortened (`0:0:0:0:0:0:0:1`).
 */
export function hostAddressOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!address.includes(':')) return address
  const [plain = '', zone] = address.split('%')
  const [head = '', tail] = plain.split('::')
  const first = segmentsOf(head)
  const last = tail === undefined ? [] : segmentsOf(tail)
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0')
  return [...first, ...zeros, ...last].join(':') + (zone === undefined ? '' : `%${zone}`)
}

function segmentsOf(text: string): string[] {
  if (text === '') return []
  return text.split(':').flatMap((segment) => {
    if (!segment.includes('.')) return [parseInt(segment, 16).toString(16)]
    const [a = 0, b = 0, c = 0, d = 0] = segment.split('.').map(Number)
    return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)]
  })
}
