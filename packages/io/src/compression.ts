/**
 * The compressions of snapshot files: none, gzip, or Snappy in the stream format of the xerial library:
 *
 *   82 "SNAPPY" 00, int version 1, int oldest version that reads it 1, then {int length, block of Snappy} each
 */
import type { Bytes, SnapshotCompression } from '@meerkat/protocol'
import { allocate, asBytes, bytesOf, copyOf, NO_BYTES } from '@meerkat/protocol'
import { compressBlock, decompressBlock, MAX_BLOCK, MAX_COMPRESSED, SnappyError } from './snappy.ts'

export const GZIP_MAGIC = bytesOf('1f8b', 'hex')
export const SNAPPY_MAGIC = bytesOf('82534e4150505900', 'hex')
const SNAPPY_HEADER = bytesOf('82534e41505059000000000100000001', 'hex')
/** A block's bytes once decompressed; the library's own limit on its block size is 512 MiB, its default 32 KiB. */
const MAX_DECOMPRESSED = 64 * 1024 * 1024

/** A chunk's memory may be used again for the next one. */
export function compress(chunks: AsyncIterable<Bytes>, compression: SnapshotCompression): AsyncIterable<Bytes> {
  switch (compression) {
    case '':
      return chunks
    case 'gz':
      return through(chunks, 'createGzip')
    case 'snappy':
      return toSnappy(chunks)
  }
}

/** Throws SnappyError, or zlib's error, where the bytes are damaged or cut. */
export function decompress(chunks: AsyncIterable<Bytes>, compression: SnapshotCompression): AsyncIterable<Bytes> {
  switch (compression) {
    case '':
      return chunks
    case 'gz':
      return through(chunks, 'createGunzip')
    case 'snappy':
      return fromSnappy(chunks)
  }
}

/** zlib works on other threads and keeps a chunk for a while, so it gets copies. Most servers never load it. */
async function* through(chunks: AsyncIterable<Bytes>, make: 'createGzip' | 'createGunzip'): AsyncGenerator<Bytes> {
  const [zlib, { pipeline }] = await Promise.all([import('node:zlib'), import('node:stream/promises')])
  const stream = zlib[make]()
  const feeding = pipeline(copies(chunks), stream)
  // Its failure ends the loop below, which throws it.
  feeding.catch(() => {})
  for await (const piece of stream as AsyncIterable<Uint8Array>) yield asBytes(piece)
  await feeding
}

async function* copies(chunks: AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
  for await (const chunk of chunks) yield copyOf(chunk)
}

async function* toSnappy(chunks: AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
  yield SNAPPY_HEADER
  const framed = allocate(4 + MAX_COMPRESSED)
  const view = new DataView(framed.buffer, framed.byteOffset)
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += MAX_BLOCK) {
      const end = compressBlock(chunk.subarray(at, Math.min(at + MAX_BLOCK, chunk.length)), framed, 4)
      view.setInt32(0, end - 4)
      yield framed.subarray(0, end)
    }
  }
}

async function* fromSnappy(chunks: AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
  let rest = NO_BYTES
  let at = 0
  let started = false
  for await (const chunk of chunks) {
    rest = joined(rest.subarray(at), chunk)
    at = 0
    if (!started && rest.length < SNAPPY_HEADER.length) continue
    if (!started) {
      if (!rest.subarray(0, SNAPPY_MAGIC.length).equals(SNAPPY_MAGIC)) throw new SnappyError('not a stream of Snappy')
      at = SNAPPY_HEADER.length
      started = true
    }
    for (let end = blockEnd(rest, at); end <= rest.length; end = blockEnd(rest, at)) {
      yield decompressBlock(rest.subarray(at + 4, end), MAX_DECOMPRESSED)
      at = end
    }
  }
  if (!started || at < rest.length) throw new SnappyError('the stream is cut')
}

function joined(rest: Bytes, chunk: Bytes): Bytes {
  const bytes = allocate(rest.length + chunk.length)
  rest.copy(bytes, 0)
  chunk.copy(bytes, rest.length)
  return bytes
}

/** Where the block at `at` ends; beyond the bytes if even its length is cut. */
function blockEnd(bytes: Bytes, at: number): number {
  if (bytes.length - at < 4) return Number.POSITIVE_INFINITY
  const length = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getInt32(0)
  if (length <= 0 || length > MAX_DECOMPRESSED) throw new SnappyError(`an impossible length of a block, ${length}`)
  return at + 4 + length
}
