/**
 * Who the shell logs in as: the section Client of the JAAS file that `java.security.auth.login.config` names, or the one
 * that `zookeeper.sasl.clientconfig` names (client.ZooKeeperSaslClient); nobody where `zookeeper.sasl.client` is false.
 */
import type { SaslCredentials } from '@meerkat/client'
import type { JaasModule } from '@meerkat/server'
import { ShellError } from './errors.ts'
import { readText, type Properties } from './properties.ts'

const MODULE = 'org.apache.zookeeper.server.auth.DigestLoginModule'

export async function readSaslCredentials(properties: Properties): Promise<SaslCredentials | undefined> {
  const file = properties.get('java.security.auth.login.config')
  const wanted = properties.get('zookeeper.sasl.clientconfig')
  if (file === undefined || properties.get('zookeeper.sasl.client') === 'false') return undefined
  const modules = (await readSections(file, properties)).get(wanted ?? 'Client')
  if (modules?.[0] !== undefined) return credentialsOf(modules[0], file)
  // Without a section of the usual name the file may be meant for somebody else, as with zkCli.
  if (wanted === undefined) return undefined
  throw new ShellError(`${file}: there is no section ${wanted}, which zookeeper.sasl.clientconfig names`)
}

async function readSections(file: string, properties: Properties): Promise<ReadonlyMap<string, readonly JaasModule[]>> {
  const text = readText(file)
  // The server's code takes a while to load, and most shells need none of it.
  const { JaasError, parseJaas } = await (await import('@meerkat/server')).credentials()
  try {
    return parseJaas({ file, text, properties })
  } catch (error) {
    if (error instanceof JaasError) throw new ShellError(error.message)
    throw error
  }
}

function credentialsOf({ className, options, line }: JaasModule, file: string): SaslCredentials {
  const place = `${file}:${line}`
  if (className !== MODULE) {
    throw new ShellError(`${place}: login module ${className} is not supported (Kerberos is not); use ${MODULE}`)
  }
  const [username, password] = [options.get('username'), options.get('password')]
  if (username !== undefined && password !== undefined) return { username, password }
  throw new ShellError(`${place}: ${MODULE} needs username="…" and password="…"`)
}
