/**
 * A certificate's subject as Java writes it (X500Principal.getName(), RFC 2253), which is the id of scheme x509.
 *
 * ACLs compare this text, so it must come out the same to the letter:
 *  - the last attribute of the certificate stands first; `,` between, `+` inside a multi-valued one, no spaces;
 *  - only the nine names of RFC 2253 are written as names, everything else as its object identifier;
 *  - the value of such a name is text if it is a string, and `#` with the hexadecimal of its DER otherwise;
 *  - Java reads the bytes of every string as UTF-8, also where the type of the string says otherwise.
 */
import type { DerElement } from './der.ts'
import { DER_TAG, DerError, derElement, derElements, objectIdentifierOf } from './der.ts'

const KEYWORDS: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.9', 'STREET'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
])

/** UTF8String, PrintableString, T61String, IA5String, GeneralString, UniversalString, BMPString. */
const STRING_TAGS: ReadonlySet<number> = new Set([0x0c, 0x13, 0x14, 0x16, 0x1b, 0x1c, 0x1e])

/** @throws DerError if the bytes are no certificate */
export function subjectNameOf(certificateDer: Uint8Array): string {
  return distinguishedNameOf(subjectOf(Buffer.from(certificateDer)).content)
}

/** Certificate > tbsCertificate > ([0] version) serialNumber signature issuer validity subject */
function subjectOf(certificate: Buffer): DerElement {
  const [toBeSigned] = derElements(derElement(certificate).content)
  const fields = toBeSigned === undefined ? [] : derElements(toBeSigned.content)
  const subject = fields[fields[0]?.tag === DER_TAG.contextZero ? 5 : 4]
  if (subject?.tag !== DER_TAG.sequence) throw new DerError('a certificate without a subject')
  return subject
}

/** Name = SEQUENCE OF SET OF SEQUENCE { type, value } */
function distinguishedNameOf(name: Buffer): string {
  const relativeNames = derElements(name).map((set) => derElements(set.content).map(attributeOf).join('+'))
  return relativeNames.reverse().join(',')
}

function attributeOf(attribute: DerElement): string {
  const [type, value] = derElements(attribute.content)
  if (type?.tag !== DER_TAG.objectIdentifier || value === undefined) throw new DerError('a malformed subject')
  const identifier = objectIdentifierOf(type.content)
  const keyword = KEYWORDS.get(identifier)
  const isText = keyword !== undefined && STRING_TAGS.has(value.tag)
  return `${keyword ?? identifier}=${isText ? escaped(value.content.toString('utf8')) : `#${value.encoded.toString('hex')}`}`
}

function escaped(text: string): string {
  const inner = text.replace(/[,=+<>#;"\\]/g, '\\$&').replaceAll('\0', '\\00')
  const leading = /^[ \r]*/.exec(inner)?.[0].length ?? 0
  const trailing = leading === inner.length ? 0 : (/[ \r]*$/.exec(inner)?.[0].length ?? 0)
  const end = inner.length - trailing
  const withBackslashes = (spaces: string): string => spaces.replace(/[ \r]/g, '\\$&')
  return withBackslashes(inner.slice(0, leading)) + inner.slice(leading, end) + withBackslashes(inner.slice(end))
}
