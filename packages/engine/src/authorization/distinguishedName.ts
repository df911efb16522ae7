/**
 * Whether a text names an X.500 subject, as the id of an x509 ACL must: `CN=alice,OU="a, b"+UID=7,C=DE`.
 *
 * Accepted is what Java's X500Principal accepts. Each attribute is
 *
 *   attribute = type "=" value ("," / ";" / "+" / end)
 *   type      = one of KEYWORDS in any case, or an object identifier such as 2.5.4.3 or OID.2.5.4.3
 *   value     = "#" hexadecimal DER / a quoted string / characters, with , + < > ; " \ escaped
 *
 * and the empty text is the empty name. Every alternative of the pattern begins differently and none can be read in two
 * ways, so a megabyte of spaces takes no longer than a megabyte of anything else.
 */
const ESCAPE = String.raw`\\(?:[ ,+=<>;#"\\\r\n]|[0-9a-fA-F]{2})`
const TYPE = String.raw`\s*(?:(?<keyword>[A-Za-z]+)|(?<oid>(?:[oO][iI][dD]\.)?[0-9]+(?:\.[0-9]+)+))\s*=`
const QUOTED = String.raw`\s*"(?:[^"\\]|${ESCAPE})*"\s*`
const ENCODED = String.raw`\s*#(?<der>(?:[0-9a-fA-F]{2})+)\s*`
const PLAIN = String.raw`(?!\s*[#"])(?:[^,+<>;"\\]|${ESCAPE})*`
const ATTRIBUTE = new RegExp(`${TYPE}(?:${QUOTED}|${ENCODED}|${PLAIN})(?<separator>[,;+]|$)`, 'y')

const KEYWORDS: ReadonlySet<string> = new Set(
  (
    'CN C L S ST O OU T IP STREET DC DNQUALIFIER DNQ SURNAME GIVENNAME INITIALS GENERATION EMAIL EMAILADDRESS UID ' +
    'SERIALNUMBER'
  ).split(' '),
)

export function isDistinguishedName(text: string): boolean {
  if (text === '') return true
  ATTRIBUTE.lastIndex = 0
  for (;;) {
    const groups = ATTRIBUTE.exec(text)?.groups
    if (groups === undefined) return false
    const { keyword, oid, der, separator } = groups
    if (keyword !== undefined && !KEYWORDS.has(keyword.toUpperCase())) return false
    if (oid !== undefined && !isObjectIdentifier(oid)) return false
    if (der !== undefined && !isOneDerValue(der)) return false
    if (separator === '') return true
  }
}

/** The first arc is 0, 1 or 2; below 0 and 1 the second is less than 40. */
function isObjectIdentifier(text: string): boolean {
  const [first = '', second = ''] = text.replace(/^oid\./i, '').split('.')
  return Number(first) < 2 ? Number(second) < 40 : Number(first) === 2
}

/** A tag, a length, and as many bytes as the length says. */
function isOneDerValue(hexadecimal: string): boolean {
  const size = hexadecimal.length / 2
  const length = parseInt(hexadecimal.slice(2, 4), 16)
  if (Number.isNaN(length)) return false
  if (length < 0x80) return size === 2 + length
  const lengthBytes = length - 0x80
  return size === 2 + lengthBytes + parseInt(hexadecimal.slice(4, 4 + 2 * lengthBytes), 16)
}
