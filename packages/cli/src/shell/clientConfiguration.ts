/** How the shell reaches a server and who it says it is: Java's properties (ZKClientConfig) as options of the client. */
import type { SaslCredentials, TlsOptions } from '@meerkat/client'
import { readProperties } from './properties.ts'
import { readSaslCredentials } from './saslConfiguration.ts'
import { readTlsOptions } from './tlsConfiguration.ts'

export interface ClientConfiguration {
  readonly tls?: TlsOptions
  readonly sasl?: SaslCredentials
  readonly maxBuffer?: number
}

/**
 * `file` is that of `-client-configuration`. What is about Java's own classes is passed over.
 *
 * @throws ShellError for files that cannot be read or used
 */
export async function readClientConfiguration(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<ClientConfiguration> {
  const properties = readProperties(file, environment)
  const maxBuffer = properties.get('jute.maxbuffer')
  const sasl = await readSaslCredentials(properties)
  return {
    ...(properties.get('zookeeper.client.secure') === 'true'
      ? { tls: await readTlsOptions(file ?? 'CLIENT_JVMFLAGS', properties) }
      : {}),
    ...(sasl === undefined ? {} : { sasl }),
    ...(maxBuffer === undefined ? {} : { maxBuffer: Number(maxBuffer) }),
  }
}
