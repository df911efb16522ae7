/**
 * Snapshot files (server.persistence.FileSnap, SnapStream).
 *
 * A snapshot is written a slice at a time while requests go on, under a name that no server takes for a snapshot; it gets
 * its name once it is whole and durable.
 */
import type { Bytes, Digest, SnapshotCompression, SnapshotTail, SnapshotVisitor, Zxid } from '@meerkat/protocol'
import {
  adler32,
  allocate,
  bytesOf,
  Output,
  parseSnapshotName,
  SNAPSHOT_MAGIC,
  SnapshotReader,
  snapshotName,
  writeFileHeader,
  writeSeal,
  writeZxidDigest,
} from '@meerkat/protocol'
import { basename, join } from 'node:path'
import { compress, decompress, GZIP_MAGIC, SNAPPY_MAGIC } from './compression.ts'
import type { Disk, DiskFile } from './disk.ts'
import { readRange } from './disk.ts'

/** What a snapshot is made from; the engine's tree. */
export interface SnapshotSource {
  /**
   * Writes the next part of sessions, ACLs, znodes and the mark of their end (`writeTreeEnd`), 64 to 256 KiB that take
   * about a millisecond. False when all is written.
   */
  writeSlice(output: Output): boolean
  /** Asked once all is written. */
  tail(): SnapshotSourceTail
}

export interface SnapshotSourceTail {
  readonly lastZxid: Zxid
  readonly digestZxid: Zxid
  /** Undefined if digests are off; there is no section for it then. */
  readonly digest: Digest | undefined
  /** zookeeper.serializeLastProcessedZxid.enabled. */
  readonly serializeLastZxid: boolean
}

export interface WriteSnapshotOptions {
  readonly disk: Disk
  /** `<dataDir>/version-2`; it exists. */
  readonly directory: string
  /** The last zxid applied when the snapshot began. */
  readonly zxid: Zxid
  readonly source: SnapshotSource
  readonly compression?: SnapshotCompression
  /** Awaited between slices: how long the disk and the processor are left to others. */
  readonly pause?: () => Promise<void>
}

const SLICE_CAPACITY = 320 * 1024
const READ_CHUNK = 1024 * 1024
/** A sync from time to time keeps the log's own syncs from waiting for all of a large snapshot. */
const SYNC_EVERY = 2 * 1024 * 1024
/** The last bytes of each snapshot: the mark after a seal. */
const END_MARK = bytesOf('000000012f', 'hex')
const MIN_SNAPSHOT = 10
const TEMPORARY = 'writing.'

/** Writes a snapshot, durably, and returns its name and size in bytes. If it fails, no file is left. */
export async function writeSnapshot(options: WriteSnapshotOptions): Promise<{ name: string; bytes: number }> {
  const { disk, directory, zxid, source, compression = '', pause } = options
  const name = snapshotName(zxid, compression)
  const temporary = join(directory, TEMPORARY + name)
  try {
    const bytes = await writeWhole(disk, temporary, { chunks: compress(snapshotBytes(source), compression), pause })
    await disk.rename(temporary, join(directory, name))
    await disk.syncDirectory(directory)
    return { name, bytes }
  } catch (error) {
    await disk.remove(temporary).catch(() => {})
    throw error
  }
}

interface Paced {
  readonly chunks: AsyncIterable<Bytes>
  readonly pause: (() => Promise<void>) | undefined
}

async function writeWhole(disk: Disk, path: string, { chunks, pause }: Paced): Promise<number> {
  const file = await disk.open(path, 'create')
  try {
    let position = 0
    let synced = 0
    for await (const chunk of chunks) {
      await file.write(chunk, position)
      position += chunk.length
      if (position - synced >= SYNC_EVERY) {
        await file.sync()
        synced = position
      }
      await pause?.()
    }
    await file.sync()
    return position
  } finally {
    await file.close()
  }
}

/**
 * The bytes of a snapshot file, slice by slice, uncompressed. A chunk's memory is used again for the next one. Between
 * slices the caller must let others run, as awaiting a write does.
 */
export async function* snapshotBytes(source: SnapshotSource): AsyncGenerator<Bytes> {
  const output = new Output(SLICE_CAPACITY)
  let checksum = 1
  writeFileHeader(output, SNAPSHOT_MAGIC)
  for (let more = true; more;) {
    more = source.writeSlice(output)
    checksum = adler32(output.bytes, 0, output.length, checksum)
    yield output.written()
    output.length = 0
  }
  writeTail(output, source.tail(), checksum)
  yield output.written()
}

function writeTail(
  output: Output,
  { lastZxid, digestZxid, digest, serializeLastZxid }: SnapshotSourceTail,
  sum: number,
): void {
  let checksum = sum
  let summed = 0
  const seal = (): void => {
    checksum = adler32(output.bytes, summed, output.length, checksum)
    summed = output.length
    writeSeal(output, checksum)
  }
  seal()
  if (digest !== undefined) {
    writeZxidDigest(output, { zxid: digestZxid, digest })
    seal()
  }
  if (serializeLastZxid) {
    output.number(lastZxid)
    seal()
  }
}

export interface ReadSnapshotOptions {
  readonly disk: Disk
  readonly path: string
  readonly visitor: SnapshotVisitor
  /** The longest path, data or ACL, in bytes. */
  readonly maxLength?: number
}

/** Reads a snapshot file of any compression. Throws SnapshotError, or the error of the decompression, if it is damaged. */
export async function readSnapshot({ disk, path, visitor, maxLength }: ReadSnapshotOptions): Promise<SnapshotTail> {
  const compression = parseSnapshotName(basename(path))?.compression ?? ''
  const reader = new SnapshotReader(visitor, maxLength === undefined ? {} : { maxLength })
  const file = await disk.open(path, 'read')
  try {
    for await (const chunk of decompress(fileChunks(file), compression)) reader.read(chunk)
    return reader.finish()
  } finally {
    await file.close()
  }
}

/** A file in large chunks; while one is in use, the next is read. A chunk's memory is used again for the next but one. */
async function* fileChunks(file: DiskFile): AsyncGenerator<Bytes> {
  let spare = allocate(READ_CHUNK)
  let pending = readAt(file, allocate(READ_CHUNK), 0)
  let position = 0
  try {
    for (let chunk = await pending; chunk.length > 0; chunk = await pending) {
      position += chunk.length
      pending = readAt(file, spare, position)
      yield chunk
      spare = chunk
    }
  } finally {
    // Whoever stops early closes the file next.
    await pending.catch(() => {})
  }
}

async function readAt(file: DiskFile, target: Bytes, position: number): Promise<Bytes> {
  return target.subarray(0, await file.read(target, position))
}

export interface SnapshotFile {
  readonly name: string
  /** The zxid in the name: the last one applied when the snapshot began. */
  readonly zxid: Zxid
}

/** The snapshots of a directory, newest first, valid or not. */
export async function snapshotFiles(disk: Disk, directory: string): Promise<SnapshotFile[]> {
  const files: SnapshotFile[] = []
  for (const name of await disk.list(directory)) {
    const parsed = parseSnapshotName(name)
    if (parsed !== undefined) files.push({ name, zxid: parsed.zxid })
  }
  return files.sort((a, b) => b.zxid - a.zxid)
}

/** Whether a snapshot file looks whole at a glance: its end if it is not compressed, else its beginning. */
export async function looksValid(disk: Disk, path: string): Promise<boolean> {
  const file = await disk.open(path, 'read')
  try {
    const compression = parseSnapshotName(basename(path))?.compression
    const magic = compression === 'gz' ? GZIP_MAGIC : compression === 'snappy' ? SNAPPY_MAGIC : undefined
    if (magic !== undefined) return (await readRange(file, 0, magic.length)).equals(magic)
    const size = await file.size()
    return size >= MIN_SNAPSHOT && (await readRange(file, size - END_MARK.length, END_MARK.length)).equals(END_MARK)
  } finally {
    await file.close()
  }
}

/** Removes what an interrupted `writeSnapshot` left. */
export async function removeUnfinishedSnapshots(disk: Disk, directory: string): Promise<void> {
  for (const name of await disk.list(directory)) {
    if (name.startsWith(TEMPORARY)) await disk.remove(join(directory, name))
  }
}
