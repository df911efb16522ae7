/**
 * How the shell reaches a server over TLS: Java's properties (ZKClientConfig), from `-D` in CLIENT_JVMFLAGS and JVMFLAGS,
 * as zkCli.sh passes them on, and from the file of `-client-configuration`, which counts more.
 */
import { readFileSync } from 'node:fs'
import type { TlsOptions } from '@meerkat/client'
import { ShellError } from './errors.ts'

/** The properties as options of the client; those that are about Java's own classes are passed over. */
export function readClientConfiguration(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
): { tls?: TlsOptions; maxBuffer?: number } {
  const properties = flagsIn(environment)
  if (file !== undefined) for (const [key, value] of readProperties(file)) properties.set(key, value)
  const maxBuffer = properties.get('jute.maxbuffer')
  return {
    ...(properties.get('zookeeper.client.secure') === 'true'
      ? { tls: tlsOptions(file ?? 'CLIENT_JVMFLAGS', properties) }
      : {}),
    ...(maxBuffer === undefined ? {} : { maxBuffer: Number(maxBuffer) }),
  }
}

/** The `-Dkey=value` of the variables that Apache's scripts know. */
function flagsIn(environment: NodeJS.ProcessEnv): Map<string, string> {
  const words = `${environment['CLIENT_JVMFLAGS'] ?? ''} ${environment['JVMFLAGS'] ?? ''}`.split(/\s+/)
  const properties = new Map<string, string>()
  for (const word of words) {
    const match = /^-D([^=]+)=(.*)$/.exec(word)
    if (match?.[1] !== undefined) properties.set(match[1], match[2] ?? '')
  }
  return properties
}

function readProperties(file: string): Map<string, string> {
  const properties = new Map<string, string>()
  for (const line of readText(file, file).split('\n')) {
    const match = /^\s*([^#!\s=:][^=:\s]*)\s*[=:\s]\s*(.*?)\s*$/.exec(line)
    if (match?.[1] !== undefined) properties.set(match[1], match[2] ?? '')
  }
  return properties
}

function tlsOptions(file: string, properties: ReadonlyMap<string, string>): TlsOptions {
  const key = store(file, properties, 'keyStore')
  const trust = store(file, properties, 'trustStore')
  const checksHost = properties.get('zookeeper.ssl.hostnameVerification') !== 'false'
  return {
    ...(key === undefined ? {} : keyOptions(key)),
    ...(trust === undefined ? {} : trustOptions(trust)),
    ...(checksHost ? {} : { checkServerIdentity: () => undefined }),
  }
}

interface Store {
  readonly path: string
  readonly password: string | undefined
  readonly type: 'PEM' | 'PKCS12'
  readonly bytes: Buffer
}

function store(file: string, properties: ReadonlyMap<string, string>, name: string): Store | undefined {
  const path = properties.get(`zookeeper.ssl.${name}.location`)
  if (path === undefined) return undefined
  const passwordFile = properties.get(`zookeeper.ssl.${name}.passwordPath`)
  const password =
    passwordFile === undefined
      ? properties.get(`zookeeper.ssl.${name}.password`)
      : readText(passwordFile, file).trimEnd()
  const type = properties.get(`zookeeper.ssl.${name}.type`) ?? typeByName(path)
  if (type !== 'PEM' && type !== 'PKCS12') {
    throw new ShellError(
      `${file}: zookeeper.ssl.${name}.location is a store of type ${type}: the shell reads PEM and PKCS12, so convert ` +
        `it (keytool -importkeystore -srckeystore ${path} -destkeystore store.p12 -deststoretype PKCS12)`,
    )
  }
  return { path, password, type, bytes: readBytes(path, file) }
}

function typeByName(path: string): string {
  if (path.endsWith('.pem')) return 'PEM'
  return path.endsWith('.p12') || path.endsWith('.pfx') ? 'PKCS12' : 'JKS'
}

/** A PEM key store holds the key and its certificates in one file. */
function keyOptions({ type, bytes, password }: Store): TlsOptions {
  const passphrase = password === undefined ? {} : { passphrase: password }
  return type === 'PEM' ? { key: bytes, cert: bytes, ...passphrase } : { pfx: bytes, ...passphrase }
}

function trustOptions({ type, bytes, path }: Store): TlsOptions {
  if (type === 'PEM') return { ca: bytes }
  throw new ShellError(`${path}: the shell reads trusted certificates from PEM files only: export them to one`)
}

function readText(path: string, from: string): string {
  return readBytes(path, from).toString('utf8')
}

function readBytes(path: string, from: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new ShellError(`${from === path ? '' : `${from}: `}cannot read ${path}: ${(error as Error).message}`)
  }
}
