/** The key store and the trust store of `zookeeper.ssl.*`, in every format that the server reads. */
import type { TlsOptions } from '@meerkat/client'
import type { StoreSettings, StoreType } from '@meerkat/server'
import { ShellError } from './errors.ts'
import type { Properties } from './properties.ts'

/** `file` is where the properties come from, for messages. */
export async function readTlsOptions(file: string, properties: Properties): Promise<TlsOptions> {
  const key = storeOf(file, properties, 'keyStore')
  const trust = storeOf(file, properties, 'trustStore')
  const checksHost = properties.get('zookeeper.ssl.hostnameVerification') !== 'false'
  // The server's code takes a while to load, and most shells need none of it.
  const { readKeyStore, readTrustStore, TlsConfigurationError } = await (await import('@meerkat/server')).credentials()
  try {
    return {
      ...(key === undefined ? {} : await readKeyStore(key, nameOf('keyStore'))),
      ...(trust === undefined ? {} : await readTrustStore(trust, nameOf('trustStore'))),
      ...(checksHost ? {} : { checkServerIdentity: () => undefined }),
    }
  } catch (error) {
    if (error instanceof TlsConfigurationError) throw new ShellError(`${file}: ${error.message}`)
    throw error
  }
}

type StoreName = 'keyStore' | 'trustStore'

function nameOf(store: StoreName): string {
  return `zookeeper.ssl.${store}`
}

const TYPES: readonly (string | undefined)[] = ['JKS', 'PEM', 'PKCS12', 'BCFKS', undefined]

function isType(type: string | undefined): type is StoreType | undefined {
  return TYPES.includes(type)
}

function storeOf(file: string, properties: Properties, store: StoreName): StoreSettings | undefined {
  const name = nameOf(store)
  const location = properties.get(`${name}.location`)
  if (location === undefined) return undefined
  const type = properties.get(`${name}.type`)
  if (!isType(type)) throw new ShellError(`${file}: ${name}.type ${type} is none of JKS, PEM and PKCS12`)
  return {
    location,
    password: properties.get(`${name}.password`) ?? '',
    passwordPath: properties.get(`${name}.passwordPath`) ?? null,
    type: type ?? null,
  }
}
