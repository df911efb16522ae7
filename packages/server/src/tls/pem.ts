/** PEM: certificates and a private key as base64 between BEGIN and END lines; everything else in the file is passed over. */
import type { KeyObject } from 'node:crypto'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { StoreContents } from './keyStore.ts'

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^]*?-----END \1-----/g

/**
 * All certificates are both the chain of the key, if there is one, and trusted: which of the two is meant depends on
 * whether the file is used as a key store or as a trust store.
 */
export function readPem(files: readonly Buffer[], password: string): StoreContents {
  const text = files.map((file) => file.toString('latin1')).join('\n')
  const blocks = [...text.matchAll(BLOCK)].map(([block, label = '']) => ({ block, label }))
  const certificates = blocks
    .filter(({ label }) => label === 'CERTIFICATE' || label === 'X509 CERTIFICATE')
    .map(({ block }) => new X509Certificate(block.replaceAll('X509 CERTIFICATE', 'CERTIFICATE')).raw)
  const keys = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY')).map(({ block }) => readKey(block, password))
  return { identities: keys.map((key) => ({ key, chain: certificates })), trusted: certificates }
}

function readKey(block: string, password: string): KeyObject {
  const isEncrypted = block.includes('ENCRYPTED')
  if (isEncrypted && password === '') throw new Error('the private key is encrypted and there is no password for it')
  try {
    return createPrivateKey(isEncrypted ? { key: block, passphrase: password } : block)
  } catch (cause) {
    const reason = isEncrypted ? 'cannot be decrypted: the password is wrong' : 'cannot be read'
    throw new Error(`the private key ${reason} (${cause instanceof Error ? cause.message : String(cause)})`, { cause })
  }
}
