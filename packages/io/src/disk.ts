/**
 * Files as the server needs them, and when what is done to them survives a loss of power:
 *
 *   - A write is seen by every later read at once. It is durable, with the length that it gave the file, once a `sync`
 *     that began after it has returned, or, in a file opened with `synced`, once the write itself has returned.
 *   - A write that was not made durable may be there after a crash in whole, in part (any of its 512-byte sectors, in any
 *     order; what is missing of a new part of the file reads as zeros), or not at all. So may a truncation.
 *   - A name that was created, renamed or removed is durable once `syncDirectory` of its directory has returned. A rename
 *     is all or nothing, and never uncovers a half-written file if that file was synced before.
 *   - After a write or a sync has failed, nothing is known of the bytes that were not durable before, and a later sync
 *     that succeeds says nothing of them: they must be written again.
 *
 * The simulator's disk has the same rules and makes use of all of them. Errors are those of node:fs, with `code`.
 */
import { allocate, asBytes, type Bytes } from '@meerkat/protocol'
import * as fs from 'node:fs'
import { dirname } from 'node:path'

export interface Disk {
  /** The names in a directory, in no order; empty if there is no such directory. */
  list(directory: string): Promise<string[]>
  /** A file's length in bytes, or undefined if there is no such file. */
  size(path: string): Promise<number | undefined>
  /** The whole of a small file, or undefined if there is no such file. */
  read(path: string): Promise<Bytes | undefined>
  open(path: string, mode: OpenMode): Promise<DiskFile>
  rename(from: string, to: string): Promise<void>
  /** Nothing happens if there is no such file. */
  remove(path: string): Promise<void>
  /** Makes a directory and those above it that are missing, durably. */
  makeDirectory(path: string): Promise<void>
  syncDirectory(path: string): Promise<void>
  /** How many bytes may still be written to the file system of `path`. */
  freeBytes(path: string): Promise<number>
}

/**
 * `read`: an existing file. `write`: an existing file, also read. `create`: a new file, also read; one of that name is
 * emptied first. `createSynced`: the same, and each write is durable when it returns.
 */
export type OpenMode = 'read' | 'write' | 'create' | 'createSynced'

export interface DiskFile {
  size(): Promise<number>
  /** Fills `target` from `position` on and returns how many bytes were read: fewer only at the end of the file. */
  read(target: Bytes, position: number): Promise<number>
  /** Writes all of `bytes`, which must not change until it returns. Beyond the end, the file grows; a gap reads as zeros. */
  write(bytes: Bytes, position: number): Promise<void>
  sync(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

const { O_CREAT, O_DSYNC, O_RDONLY, O_RDWR, O_TRUNC } = fs.constants
const FLAGS: Record<OpenMode, number> = {
  read: O_RDONLY,
  write: O_RDWR,
  create: O_RDWR | O_CREAT | O_TRUNC,
  createSynced: O_RDWR | O_CREAT | O_TRUNC | O_DSYNC,
}

export const systemDisk: Disk = {
  list: async (directory) => (await unlessMissing(fs.promises.readdir(directory))) ?? [],
  size: async (path) => (await unlessMissing(fs.promises.stat(path)))?.size,
  read: async (path) => {
    const bytes = await unlessMissing(fs.promises.readFile(path))
    return bytes === undefined ? undefined : asBytes(bytes)
  },
  open: async (path, mode) => {
    const descriptor = await promised<number>((done) => fs.open(path, FLAGS[mode], 0o644, done))
    return new SystemFile(descriptor)
  },
  rename: (from, to) => fs.promises.rename(from, to),
  remove: async (path) => {
    await unlessMissing(fs.promises.unlink(path))
  },
  makeDirectory: async (path) => {
    const first = await fs.promises.mkdir(path, { recursive: true })
    if (first === undefined) return
    for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made))
  },
  syncDirectory,
  freeBytes: async (path) => {
    const { bavail, bsize } = await fs.promises.statfs(path)
    return bavail * bsize
  },
}

/** A file by its descriptor: one hop to the thread pool for each call, and no more. */
class SystemFile implements DiskFile {
  private readonly descriptor: number

  constructor(descriptor: number) {
    this.descriptor = descriptor
  }

  async size(): Promise<number> {
    return (await promised<fs.Stats>((done) => fs.fstat(this.descriptor, done))).size
  }

  async read(target: Bytes, position: number): Promise<number> {
    let count = 0
    while (count < target.length) {
      const more = await this.readSome(target, count, position + count)
      if (more === 0) break
      count += more
    }
    return count
  }

  private readSome(target: Bytes, from: number, position: number): Promise<number> {
    return promised((done) => fs.read(this.descriptor, target, from, target.length - from, position, done))
  }

  write(bytes: Bytes, position: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const rest = (from: number): void => {
        fs.write(this.descriptor, bytes, from, bytes.length - from, position + from, (error, written) => {
          if (error !== null) reject(error)
          else if (from + written < bytes.length) rest(from + written)
          else resolve()
        })
      }
      rest(0)
    })
  }

  sync(): Promise<void> {
    return promised((done) => fs.fdatasync(this.descriptor, done))
  }

  truncate(length: number): Promise<void> {
    return promised((done) => fs.ftruncate(this.descriptor, length, done))
  }

  close(): Promise<void> {
    return promised((done) => fs.close(this.descriptor, done))
  }
}

/** A callback of node:fs as a promise. */
function promised<T>(call: (done: (error: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error === null ? resolve(value as T) : reject(error)))
  })
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await fs.promises.open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

async function unlessMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The code of an error of node:fs, as `ENOSPC`; undefined for any other. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Reads `length` bytes at `position`; fewer if the file ends before. */
export async function readRange(file: DiskFile, position: number, length: number): Promise<Bytes> {
  const bytes = allocate(length)
  return bytes.subarray(0, await file.read(bytes, position))
}

/** Cuts a file, durably. */
export async function truncateFile(disk: Disk, path: string, length: number): Promise<void> {
  const file = await disk.open(path, 'write')
  try {
    await file.truncate(length)
    await file.sync()
  } finally {
    await file.close()
  }
}
