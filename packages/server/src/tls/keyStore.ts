/** Key and trust stores: files with private keys, their certificate chains, and certificates that are trusted. */
import type { KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { readJks } from './jks.ts'
import { readPem } from './pem.ts'
import { readPkcs12 } from './pkcs12.ts'

export type StoreType = 'JKS' | 'PEM' | 'PKCS12' | 'BCFKS'

export interface StoreSettings {
  /** A file; for PEM also several, separated by commas, e.g. `/tls/tls.key,/tls/tls.crt`. */
  readonly location: string
  /** Of the store and of the keys in it; '' for none. */
  readonly password: string
  /** A file that holds the password, which then counts instead; one line end at its end does not belong to it. */
  readonly passwordPath: string | null
  /** null: by the ending of the file's name. */
  readonly type: StoreType | null
}

export interface StoreContents {
  readonly identities: readonly KeyAndChain[]
  /** DER, each. */
  readonly trusted: readonly Buffer[]
}

export interface KeyAndChain {
  readonly key: KeyObject
  /** DER, each; not yet in any order that could be relied upon. */
  readonly chain: readonly Buffer[]
}

/** A store that cannot be used, or settings that cannot be met. */
export class TlsConfigurationError extends Error {
  readonly code = 'TLS_CONFIGURATION'
}

/**
 * @param name the key of the configuration without its last part, e.g. `ssl.keyStore`, for messages
 * @throws TlsConfigurationError that names the key and the file
 */
export async function readStore(settings: StoreSettings, name: string): Promise<StoreContents> {
  const type = storeTypeOf(settings, name)
  const password = await passwordOf(settings, name)
  const fault = (cause: unknown): TlsConfigurationError =>
    new TlsConfigurationError(`${name}.location ${settings.location}: ${messageOf(cause)}`, { cause })
  if (type === 'BCFKS') {
    throw fault(new Error('BCFKS is a format of Bouncy Castle for Java; convert the store with keytool to PKCS12'))
  }
  try {
    const files = await Promise.all(storeFiles(settings, name).map((file) => readFile(file)))
    if (type === 'PEM') return readPem(files, password)
    return await readBinaryStore(Buffer.concat(files), password)
  } catch (cause) {
    throw fault(cause)
  }
}

/** The files that the settings name, which are to be watched for renewal. */
export function storeFiles(settings: StoreSettings, name: string): string[] {
  if (storeTypeOf(settings, name) !== 'PEM') return [settings.location]
  return settings.location.split(',').map((file) => file.trim())
}

/** As Java's two types, which read each other's format: keytool has written PKCS12 into files named .jks since Java 9. */
async function readBinaryStore(bytes: Buffer, password: string): Promise<StoreContents> {
  const magic = bytes.length >= 4 ? bytes.readUInt32BE() : 0
  if (magic === 0xfeedfeed) return readJks(bytes, password)
  if (magic === 0xcececece) throw new Error('JCEKS is not supported; convert the store with keytool to PKCS12')
  if (bytes[0] === 0x30) return await readPkcs12(bytes, password)
  throw new Error('this is neither a JKS nor a PKCS12 store')
}

const TYPE_BY_ENDING: ReadonlyMap<string, StoreType> = new Map([
  ['.jks', 'JKS'],
  ['.pem', 'PEM'],
  ['.p12', 'PKCS12'],
  ['.bcfks', 'BCFKS'],
])

function storeTypeOf({ location, type }: StoreSettings, name: string): StoreType {
  const found = type ?? TYPE_BY_ENDING.get(/\.[^.]*$/.exec(location)?.[0] ?? '')
  if (found !== undefined) return found
  throw new TlsConfigurationError(
    `${name}.location ${location}: the type cannot be told from the name, which ends with none of ` +
      `${[...TYPE_BY_ENDING.keys()].join(', ')}; set ${name}.type to JKS, PEM or PKCS12`,
  )
}

async function passwordOf({ password, passwordPath }: StoreSettings, name: string): Promise<string> {
  if (passwordPath === null || passwordPath === '') return password
  try {
    return (await readFile(passwordPath, 'utf8')).replace(/\n$/, '')
  } catch (cause) {
    throw new TlsConfigurationError(`${name}.passwordPath: ${messageOf(cause)}`, { cause })
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
