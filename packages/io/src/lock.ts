/**
 * Two servers never share a directory.
 *
 * The lock is the kernel's own, on `meerkat.lock`: it goes when its process does, however that ends, so nothing is left to
 * clean up; it holds between containers that share a volume, where neither process numbers nor host names nor sockets say
 * anything, and on network file systems that carry POSIX locks. Node.js takes such locks only through SQLite, which is
 * part of it: an exclusive transaction on an empty database that never holds anything.
 *
 * `meerkat.owner` beside it names the owner to people. It decides nothing.
 */
import { readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Another process holds the lock, or there can be none. */
export class DirectoryLockError extends Error {
  readonly code = 'DIRECTORY_LOCK'
  readonly directory: string

  constructor(directory: string, message: string, cause: unknown) {
    super(message, { cause })
    this.directory = directory
  }
}

export interface DirectoryLock {
  release(): void
}

const SQLITE_BUSY = 5

/** Every lock in use: one that nobody refers to would be collected, and let go, although its owner is at work. */
const inUse = new Set<DatabaseSync>()

/** Locks directories that exist; the same one twice, also under two names, is locked once. Throws DirectoryLockError. */
export function lockDirectories(directories: readonly string[]): DirectoryLock {
  const held: DatabaseSync[] = []
  const release = (): void => {
    for (const database of held.splice(0)) {
      inUse.delete(database)
      database.close()
    }
  }
  try {
    for (const directory of new Set(directories.map((name) => realpathSync(name)))) held.push(lockDirectory(directory))
  } catch (error) {
    release()
    throw error
  }
  return { release }
}

function lockDirectory(directory: string): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(join(directory, 'meerkat.lock'), { timeout: 0 })
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    writeFileSync(ownerFile(directory), `process ${process.pid} on ${hostname()}, since ${new Date().toISOString()}\n`)
    inUse.add(database)
    return database
  } catch (error) {
    database?.close()
    throw lockError(directory, error)
  }
}

function ownerFile(directory: string): string {
  return join(directory, 'meerkat.owner')
}

function lockError(directory: string, cause: unknown): DirectoryLockError {
  const isBusy = cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY
  if (isBusy) {
    const message = `another server uses ${directory}: ${owner(directory)}. Stop it, or give this one a directory of its own.`
    return new DirectoryLockError(directory, message, cause)
  }
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `cannot lock ${directory}: ${reason}. The server must be allowed to create files there, on a file system with locks.`
  return new DirectoryLockError(directory, message, cause)
}

function owner(directory: string): string {
  try {
    return readFileSync(ownerFile(directory), 'utf8').trim()
  } catch {
    return 'an unknown process'
  }
}
