/**
 * JKS, Java's own key store before PKCS12.
 *
 *   store   = FEEDFEED, version (int, 1 or 2), count (int), entry*, SHA-1 of (password, "Mighty Aphrodite", all before)
 *   entry   = 1, alias, time (long), length (int), encrypted key, count (int), certificate*      a key and its chain
 *           | 2, alias, time (long), certificate                                                a trusted certificate
 *   certificate = [type, since version 2], length (int), DER
 *   alias, type = length (short), text;  the password is hashed in UTF-16, big-endian
 */
import { createHash, createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { derElement, derElements } from '../authentication/der.ts'
import type { KeyAndChain, StoreContents } from './keyStore.ts'

const DIGEST_BYTES = 20

/** @throws Error if the password is wrong or the file damaged */
export function readJks(bytes: Buffer, password: string): StoreContents {
  const secret = Buffer.from(password, 'utf16le').swap16()
  const body = bytes.subarray(0, -DIGEST_BYTES)
  const digest = sha1(secret, Buffer.from('Mighty Aphrodite'), body)
  if (!digest.equals(bytes.subarray(-DIGEST_BYTES))) throw new Error('the password is wrong, or the file is damaged')
  return readEntries(new Reader(body), secret)
}

function readEntries(reader: Reader, secret: Buffer): StoreContents {
  reader.int()
  const version = reader.int()
  if (version !== 1 && version !== 2) throw new Error(`version ${String(version)} of JKS is not known`)
  const certificate = (): Buffer => {
    if (version === 2) reader.text()
    return reader.blob()
  }
  const identities: KeyAndChain[] = []
  const trusted: Buffer[] = []
  for (let count = reader.int(); count > 0; count--) {
    const kind = reader.int()
    const alias = reader.text()
    reader.skipTime()
    if (kind === 2) {
      trusted.push(certificate())
    } else if (kind === 1) {
      const key = decryptKey(reader.blob(), secret, alias)
      identities.push({ key, chain: Array.from({ length: reader.int() }, certificate) })
    } else {
      throw new Error(`entry ${alias} is of the unknown kind ${String(kind)}`)
    }
  }
  return { identities, trusted }
}

/**
 * The key is EncryptedPrivateKeyInfo { algorithm, salt ‖ key XOR stream ‖ check }: the stream is SHA-1 of the password
 * and the salt, then of the password and the part before; the check is SHA-1 of the password and the key.
 */
function decryptKey(encrypted: Buffer, secret: Buffer, alias: string): KeyObject {
  const [, protectedKey] = derElements(derElement(encrypted).content)
  const data = protectedKey?.content ?? Buffer.alloc(0)
  const key = Buffer.from(data.subarray(DIGEST_BYTES, -DIGEST_BYTES))
  let stream: Buffer = data.subarray(0, DIGEST_BYTES)
  for (let i = 0; i < key.length; i++) {
    if (i % DIGEST_BYTES === 0) stream = sha1(secret, stream)
    key[i] = (key[i] ?? 0) ^ (stream[i % DIGEST_BYTES] ?? 0)
  }
  if (!sha1(secret, key).equals(data.subarray(-DIGEST_BYTES))) {
    throw new Error(`the key ${alias} has another password than the store`)
  }
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

function sha1(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha1')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** A cursor; reading beyond the end is a RangeError of Buffer. */
class Reader {
  #at = 0
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#move(4))
  }

  skipTime(): void {
    this.#move(8)
  }

  text(): string {
    const length = this.#bytes.readUInt16BE(this.#move(2))
    const at = this.#move(length)
    return this.#bytes.toString('utf8', at, at + length)
  }

  blob(): Buffer {
    const length = this.int()
    const at = this.#move(length)
    return this.#bytes.subarray(at, at + length)
  }

  #move(length: number): number {
    const at = this.#at
    if (length < 0 || at + length > this.#bytes.length) throw new Error('the file is damaged')
    this.#at += length
    return at
  }
}
