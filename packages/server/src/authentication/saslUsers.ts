/**
 * Who may log in by SASL: users and passwords from a file, read again whenever it changes.
 *
 * Either the section of a JAAS file (`user_NAME="password"` of org.apache.zookeeper.server.auth.DigestLoginModule, as for
 * Apache's server), or a users file of lines `user:password` or `user = password`, where the first : or = separates, space
 * around either side does not count, and empty lines and lines that begin with # are skipped.
 */
import { readFile } from 'node:fs/promises'
import { watchFiles } from '../tls/watchFiles.ts'
import { JaasError, parseJaas } from './jaasFile.ts'

export type SaslUsersSource =
  | {
      readonly kind: 'jaas'
      readonly file: string
      /** `sasl.serverconfig`, `Server` by default. */
      readonly section: string
      readonly properties?: ReadonlyMap<string, string>
    }
  | { readonly kind: 'users'; readonly file: string }

export type SaslUserMap = ReadonlyMap<string, string>

export interface SaslUsers {
  passwordOf(username: string): string | undefined
  /** Stops looking at the file. */
  close(): void
}

export interface SaslUsersOptions {
  readonly source: SaslUsersSource
  /** One line each: that the users were read again, or why a changed file was not taken (the users stay as they were). */
  readonly log: { info(message: string): void; error(message: string): void }
  /** How often the file is looked at; 2000 by default. */
  readonly intervalMs?: number
}

/**
 * @returns null if the JAAS file has no such section: then the server has no SASL, as with Apache
 * @throws Error that names file and line
 */
export async function openSaslUsers({ source, log, intervalMs }: SaslUsersOptions): Promise<SaslUsers | null> {
  let users: SaslUserMap = new Map()
  const reload = async (): Promise<void> => {
    try {
      const renewed = await readSaslUsers(source)
      if (renewed === null) throw new Error(`${source.file} has lost its section of users`)
      users = renewed
      log.info(`SASL users were read again from ${source.file}: ${String(users.size)} users`)
    } catch (error) {
      log.error(`SASL users stay as they were, since the changed file cannot be used: ${messageOf(error)}`)
    }
  }
  const watch = watchFiles({
    files: [source.file],
    onChange: reload,
    ...(intervalMs === undefined ? {} : { intervalMs }),
  })
  const close = (): void => {
    watch.close()
  }
  try {
    const initial = await readSaslUsers(source)
    if (initial === null) {
      close()
      return null
    }
    users = initial
  } catch (error) {
    close()
    throw error
  }
  return { passwordOf: (username) => users.get(username), close }
}

async function readSaslUsers(source: SaslUsersSource): Promise<SaslUserMap | null> {
  const text = await readFile(source.file, 'utf8').catch((cause: unknown) => {
    throw new Error(`the file of SASL users cannot be read: ${messageOf(cause)}`, { cause })
  })
  return source.kind === 'users' ? parseUsersFile(text, source.file) : jaasUsers(text, source)
}

const DIGEST_MODULE = 'org.apache.zookeeper.server.auth.DigestLoginModule'
const USER_PREFIX = 'user_'

function jaasUsers(text: string, source: Extract<SaslUsersSource, { kind: 'jaas' }>): SaslUserMap | null {
  const { file, section, properties } = source
  const modules = parseJaas({ file, text, ...(properties === undefined ? {} : { properties }) }).get(section)
  if (modules === undefined) return null
  const users = new Map<string, string>()
  for (const { className, options, line } of modules) {
    if (className !== DIGEST_MODULE) {
      throw new JaasError(
        `${file}:${String(line)}: login module ${className} is not supported (Kerberos is not); ` +
          `section ${section} can have ${DIGEST_MODULE} with user_NAME="password"`,
      )
    }
    for (const [key, value] of options) {
      if (key.startsWith(USER_PREFIX)) users.set(key.slice(USER_PREFIX.length), value)
    }
  }
  return users
}

/** @throws Error that names file and line, never the password */
export function parseUsersFile(text: string, file: string): SaslUserMap {
  const users = new Map<string, string>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const separator = line.search(/[:=]/)
    const user = line.slice(0, separator).trim()
    const password = line.slice(separator + 1).trim()
    const place = `${file}:${String(index + 1)}`
    if (separator < 0) throw new Error(`${place}: expected user:password or user = password, found neither : nor =`)
    if (user === '' || password === '')
      throw new Error(`${place}: ${user === '' ? 'the user' : 'the password'} is empty`)
    if (users.has(user)) throw new Error(`${place}: user ${user} stands twice in the file`)
    users.set(user, password)
  }
  return users
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
