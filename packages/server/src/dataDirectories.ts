/** The directories of snapshots and of the log: made where they are missing, and held by a lock. */
import { lockDirectories, type DirectoryLock } from '@meerkat/io'
import { accessSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ServerConfiguration } from './configuration/configuration.ts'

/** Throws a DirectoryLockError where another server holds one of them, or what the system says of one that cannot be used. */
export function openDataDirectories({ dataDir, dataLogDir, createDataDir }: ServerConfiguration): DirectoryLock {
  const directories = [dataDir, dataLogDir]
  for (const directory of directories) {
    if (createDataDir) makeDirectory(directory)
    // Without datadir.autocreate they must be there, as must what they hold of Apache's server.
    else accessSync(join(directory, 'version-2'))
  }
  return lockDirectories(directories)
}

/** With those above it. Node.js's own `recursive` never returns where a directory exists but takes no new ones (/proc). */
function makeDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return
  const parent = dirname(path)
  if (parent !== path && !existsSync(parent)) makeDirectory(parent)
  mkdirSync(path)
}
