/**
 * SASL's DIGEST-MD5 mechanism (RFC 2831) as far as ZooKeeper uses it: qop `auth`, algorithm `md5-sess`, one exchange.
 *
 *   client  (an empty token)
 *   server  realm="zk-sasl-md5",nonce="...",charset=utf-8,algorithm=md5-sess
 *   client  charset=utf-8,username="bob",realm=...,nonce=...,nc=00000001,cnonce=...,digest-uri="zookeeper/zk-sasl-md5",
 *           maxbuf=65536,response=<32 hex>,qop=auth[,authzid="..."]
 *   server  rspauth=<32 hex>
 *
 * Here are the texts and the arithmetic, for both sides; MD5 itself is passed in.
 */
import type { Bytes } from './bytes.ts'
import { bytesOf } from './bytes.ts'

export type Md5 = (input: Uint8Array) => Bytes

/** A token that is not what RFC 2831 says. */
export class DigestMd5Error extends Error {
  readonly code = 'DIGEST_MD5'
}

export interface DigestChallenge {
  /** Empty if the server names none. */
  readonly realms: readonly string[]
  readonly nonce: string
}

export interface DigestResponse {
  readonly username: string
  readonly realm: string
  readonly nonce: string
  readonly cnonce: string
  /** Service "/" host, as the client believes it to be. */
  readonly digestUri: string
  /** Whom the client wants to act as; null if it does not say. */
  readonly authorizationId: string | null
  /** Whether text is UTF-8 (else ISO 8859-1). */
  readonly isUtf8: boolean
  /** 32 hexadecimal digits. */
  readonly response: string
}

/** RFC 2831, 2.1: the server must refuse a longer response and the client a longer challenge. */
const MAX_TOKEN_BYTES = 4096
const NONCE_COUNT = '00000001'
const QOP = 'auth'

export function formatChallenge({ realm, nonce }: { realm: string; nonce: string }): Bytes {
  return bytesOf(`realm="${quoted(realm)}",nonce="${nonce}",charset=utf-8,algorithm=md5-sess`)
}

/** @throws DigestMd5Error */
export function parseChallenge(token: Bytes): DigestChallenge {
  const directives = parseDirectives(token)
  const algorithm = directives.one('algorithm')
  if (algorithm !== 'md5-sess')
    throw new DigestMd5Error(`the challenge's algorithm is ${String(algorithm)}, not md5-sess`)
  const offered = (directives.one('qop') ?? QOP).split(',').map((qop) => qop.trim())
  if (!offered.includes(QOP)) throw new DigestMd5Error(`the challenge offers qop "${offered.join(',')}", not auth`)
  return { realms: directives.all('realm'), nonce: directives.required('nonce') }
}

export function formatResponse(response: DigestResponse): Bytes {
  const { username, realm, nonce, cnonce, digestUri, authorizationId, isUtf8 } = response
  const text =
    (isUtf8 ? 'charset=utf-8,' : '') +
    `username="${quoted(username)}",realm="${quoted(realm)}",nonce="${quoted(nonce)}",nc=${NONCE_COUNT},` +
    `cnonce="${quoted(cnonce)}",digest-uri="${quoted(digestUri)}",maxbuf=65536,response=${response.response},qop=${QOP}` +
    (authorizationId === null ? '' : `,authzid="${quoted(authorizationId)}"`)
  return bytesOf(text, isUtf8 ? 'utf8' : 'latin1')
}

/** @throws DigestMd5Error */
export function parseResponse(token: Bytes): DigestResponse {
  const directives = parseDirectives(token)
  const qop = directives.one('qop') ?? QOP
  if (qop !== QOP) throw new DigestMd5Error(`the client chose qop "${qop}", not auth`)
  const nonceCount = directives.required('nc')
  if (nonceCount !== NONCE_COUNT) throw new DigestMd5Error(`nonce count ${nonceCount} instead of ${NONCE_COUNT}`)
  const response = directives.required('response')
  if (!/^[0-9a-f]{32}$/.test(response)) throw new DigestMd5Error('the response is not 32 hexadecimal digits')
  return {
    username: directives.required('username'),
    realm: directives.one('realm') ?? '',
    nonce: directives.required('nonce'),
    cnonce: directives.required('cnonce'),
    digestUri: directives.required('digest-uri'),
    authorizationId: directives.one('authzid') ?? null,
    isUtf8: directives.isUtf8,
    response,
  }
}

export function formatResponseAuth(value: string): Bytes {
  return bytesOf(`rspauth=${value}`)
}

/** @throws DigestMd5Error */
export function parseResponseAuth(token: Bytes): string {
  return parseDirectives(token).required('rspauth')
}

/**
 * RFC 2831, 2.1.2.1: the client's proof, or with `side: 'server'` the one by which the server shows that it knows the
 * password too (2.1.3).
 *
 * @returns 32 hexadecimal digits
 */
export function proofOf(
  response: Omit<DigestResponse, 'response'>,
  { password, side, md5 }: { password: string; side: 'client' | 'server'; md5: Md5 },
): string {
  const { username, realm, nonce, cnonce, digestUri, authorizationId, isUtf8 } = response
  const secret = md5(
    concatenated(hashed(username, isUtf8), COLON, hashed(realm, isUtf8), COLON, hashed(password, isUtf8)),
  )
  const rest = `:${nonce}:${cnonce}${authorizationId === null ? '' : `:${authorizationId}`}`
  const a1 = concatenated(secret, bytesOf(rest, isUtf8 ? 'utf8' : 'latin1'))
  const a2 = bytesOf(`${side === 'client' ? 'AUTHENTICATE' : ''}:${digestUri}`)
  const hex = (input: Uint8Array): string => md5(input).toString('hex')
  return hex(bytesOf(`${hex(a1)}:${nonce}:${NONCE_COUNT}:${cnonce}:${QOP}:${hex(a2)}`))
}

const COLON = bytesOf(':')

/** Even with charset=utf-8, text that ISO 8859-1 can express is hashed in ISO 8859-1. */
function hashed(text: string, isUtf8: boolean): Bytes {
  const needsUtf8 = isUtf8 && /[^\u0000-\u00ff]/.test(text)
  return bytesOf(text, needsUtf8 ? 'utf8' : 'latin1')
}

function concatenated(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function quoted(text: string): string {
  return text.replace(/["\\]/g, '\\$&')
}

class Directives {
  readonly isUtf8: boolean
  readonly #values: ReadonlyMap<string, readonly string[]>

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    const charset = values.get('charset')?.[0]
    if (charset !== undefined && charset.toLowerCase() !== 'utf-8') {
      throw new DigestMd5Error(`charset ${charset} instead of utf-8`)
    }
    this.#values = values
    this.isUtf8 = charset !== undefined
  }

  all(name: string): readonly string[] {
    return (this.#values.get(name) ?? []).map((value) =>
      this.isUtf8 ? bytesOf(value, 'latin1').toString('utf8') : value,
    )
  }

  one(name: string): string | undefined {
    const values = this.all(name)
    if (values.length > 1) throw new DigestMd5Error(`${name} is given ${String(values.length)} times`)
    return values[0]
  }

  required(name: string): string {
    const value = this.one(name)
    if (value === undefined || value === '') throw new DigestMd5Error(`${name} is missing`)
    return value
  }
}

/** directive = name "=" ( quoted-string / token ), separated by commas; the bytes are read as ISO 8859-1 at first. */
const DIRECTIVE = /[\s,]*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\[^])*)"|([^\s,"]+))\s*(?:,|$)/y

function parseDirectives(token: Bytes): Directives {
  if (token.length > MAX_TOKEN_BYTES) throw new DigestMd5Error(`a token of ${String(token.length)} bytes`)
  const text = token.toString('latin1')
  const values = new Map<string, string[]>()
  DIRECTIVE.lastIndex = 0
  while (DIRECTIVE.lastIndex < text.length) {
    const at = DIRECTIVE.lastIndex
    const match = DIRECTIVE.exec(text)
    if (match === null) throw new DigestMd5Error(`no directive can be read at byte ${String(at)} of the token`)
    const [, name = '', quotedValue, plainValue = ''] = match
    const value = quotedValue === undefined ? plainValue : quotedValue.replace(/\\([^])/g, '$1')
    values.set(name, [...(values.get(name) ?? []), value])
  }
  return new Directives(values)
}
