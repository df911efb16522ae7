/**
 * Where znodes are kept: fixed records (znodeRecords.ts), names and data (arena.ts), an index by path, and the links that
 * make a tree of them. What a change of a znode means for its stat and the digest is the tree's matter (tree.ts).
 */
import type { Bytes, Output } from '@meerkat/protocol'
import { crc32, encodeString, encodedLength, parentOf } from '@meerkat/protocol'
import { Arena } from './arena.ts'
import { charactersIn } from './characters.ts'
import { copyBytes, copySlice, memory, type Memory, type Slice } from './copy.ts'
import { hashPath } from './pathHash.ts'
import { PathIndex } from './pathIndex.ts'
import { Flag, IntField, LinkField, ZnodeRecords, type RecordId } from './znodeRecords.ts'

export const ROOT: RecordId = 1
/** No such znode. */
export const NONE: RecordId = 0

const SLASH = 0x2f

/** A path as bytes somewhere. */
export interface PathBytes {
  readonly source: Memory
  readonly start: number
  readonly end: number
}

/** Where the last name of a path begins. */
export function nameStart({ source, start, end }: PathBytes): number {
  let at = end
  while (at > start && source.bytes[at - 1] !== SLASH) at--
  if (at === start) throw new Error(`a znode's path does not begin with a slash: ${textOf({ source, start, end })}`)
  return at
}

export function textOf({ source, start, end }: PathBytes): string {
  return source.bytes.toString('utf8', start, end)
}

function lengthOf(data: Slice | null): number {
  return data === null ? 0 : data.end - data.start
}

export class ZnodeStore {
  readonly records = new ZnodeRecords()
  /** Znodes, the root included. */
  count = 0
  /** Characters of all paths and bytes of all data, each path in full (DataTree.getNodeSize). The root's is empty. */
  dataSize = 0
  private readonly arena = new Arena()
  private readonly index = new PathIndex()
  private readonly seed: number

  /** What `find` looks for. */
  private query: Memory
  private queryStart = 0
  private queryEnd = 0
  protected scratch = memory(4096)
  private scratchPath = ''
  private scratchEnd = 0
  private foundPath = ''
  private foundRecord: RecordId = NONE
  private lastParentPath = ''
  private lastParent: RecordId = NONE
  private readonly isQuery = (record: RecordId): boolean => this.hasQueriedPath(record)

  /** `seed`: chance, so that nobody can make paths collide in the index. */
  constructor(seed: number) {
    this.seed = seed
    this.query = this.scratch
  }

  // --- finding ---

  /** The last one is kept: a change is followed by its reply. */
  find(path: string): RecordId {
    if (this.foundRecord !== NONE && path === this.foundPath) return this.foundRecord
    const end = this.encode(path)
    const record = this.findIn(this.scratch, 0, end)
    this.found(path, record)
    return record
  }

  /** For who knows where a znode is: `find` will answer it. */
  found(path: string, record: RecordId): void {
    this.foundPath = path
    this.foundRecord = record
  }

  /** The parent of a path. Znodes are often made side by side, so the last one is kept. */
  findParent(path: string): RecordId {
    const parent = parentOf(path) ?? ''
    if (parent !== this.lastParentPath || this.lastParent === NONE) {
      this.lastParent = this.find(parent)
      this.lastParentPath = parent
    }
    return this.lastParent
  }

  /** The znode whose path is `bytes[start, end)`, or NONE. An empty path is the root, as in Apache's tree. */
  findIn(source: Memory, start: number, end: number): RecordId {
    if (end - start <= 1 && (end === start || source.bytes[start] === SLASH)) return ROOT
    this.query = source
    this.queryStart = start
    this.queryEnd = end
    return this.index.find(hashPath(source.bytes, source.view, start, end, this.seed), this.isQuery)
  }

  /** Puts a path into `scratch` and returns its length in bytes; who looks for a path and then creates it does so once. */
  protected encode(path: string): number {
    if (path === this.scratchPath) return this.scratchEnd
    const length = encodedLength(path)
    if (length > this.scratch.bytes.length) this.scratch = memory(length * 2)
    this.scratchPath = path
    this.scratchEnd = encodeString(path, this.scratch.bytes, 0)
    return this.scratchEnd
  }

  /** Compares from the last name to the root. */
  private hasQueriedPath(record: RecordId): boolean {
    const { bytes } = this.query
    let end = this.queryEnd
    for (let at = record; at !== ROOT; at = this.records.link(at, LinkField.parent)) {
      const start = end - this.records.link(at, LinkField.nameLength)
      if (start <= this.queryStart || bytes[start - 1] !== SLASH || !this.hasName(at, bytes, start, end)) return false
      end = start - 1
    }
    return end === this.queryStart
  }

  private hasName(record: RecordId, bytes: Bytes, start: number, end: number): boolean {
    const address = this.records.link(record, LinkField.address)
    const name = this.arena.chunkOf(address).bytes
    const shift = this.arena.offsetOf(address) - start
    for (let i = start; i < end; i++) if (bytes[i] !== name[i + shift]) return false
    return true
  }

  parentOf(record: RecordId): RecordId {
    return this.records.link(record, LinkField.parent)
  }

  nameOf(record: RecordId): string {
    const address = this.records.link(record, LinkField.address)
    const start = this.arena.offsetOf(address)
    return this.arena
      .chunkOf(address)
      .bytes.toString('utf8', start, start + this.records.link(record, LinkField.nameLength))
  }

  pathOf(record: RecordId): string {
    if (record === ROOT) return '/'
    let path = ''
    for (let at = record; at !== ROOT; at = this.parentOf(at)) path = `/${this.nameOf(at)}${path}`
    return path
  }

  *children(record: RecordId): Iterable<RecordId> {
    for (
      let child = this.records.link(record, LinkField.firstChild);
      child !== NONE;
      child = this.records.link(child, LinkField.next)
    ) {
      yield child
    }
  }

  /** Appends the children's names as a vector. */
  writeChildren(record: RecordId, output: Output): void {
    const { records } = this
    output.int(records.int(record, IntField.numChildren))
    for (
      let child = records.link(record, LinkField.firstChild);
      child !== NONE;
      child = records.link(child, LinkField.next)
    ) {
      const length = records.link(child, LinkField.nameLength)
      const address = records.link(child, LinkField.address)
      const at = output.reserve(4 + length)
      output.view.setInt32(at, length)
      copyBytes(this.arena.chunkOf(address), this.arena.offsetOf(address), output, at + 4, length)
    }
  }

  /** Descendants of a znode, itself not counted. */
  descendants(record: RecordId): number {
    let count = 0
    for (let at = this.following(record, record); at !== NONE; at = this.following(at, record)) count++
    return count
  }

  /** The znode after `record` in the order parent, children, siblings; NONE behind the last one below `top`. */
  following(record: RecordId, top: RecordId = ROOT): RecordId {
    const { records } = this
    const child = records.link(record, LinkField.firstChild)
    if (child !== NONE) return child
    for (let at = record; at !== top; at = records.link(at, LinkField.parent)) {
      const next = records.link(at, LinkField.next)
      if (next !== NONE) return next
    }
    return NONE
  }

  // --- reading ---

  /** Appends the data as a buffer. */
  writeData(record: RecordId, output: Output): void {
    const { records } = this
    if (records.has(record, Flag.nullData)) return output.int(-1)
    const length = records.int(record, IntField.dataLength)
    const address = records.link(record, LinkField.address)
    const source = this.arena.offsetOf(address) + records.link(record, LinkField.nameLength)
    const at = output.reserve(4 + length)
    output.view.setInt32(at, length)
    copyBytes(this.arena.chunkOf(address), source, output, at + 4, length)
  }

  /** The data, sharing memory with the tree: valid until the next change. */
  dataOf(record: RecordId): Bytes | null {
    if (this.records.has(record, Flag.nullData)) return null
    const address = this.records.link(record, LinkField.address)
    const start = this.arena.offsetOf(address) + this.records.link(record, LinkField.nameLength)
    return this.arena.chunkOf(address).bytes.subarray(start, start + this.records.int(record, IntField.dataLength))
  }

  // --- changing ---

  /** Gives a record its name, data, place among its siblings and in the index. */
  protected place(record: RecordId, parent: RecordId, path: PathBytes, data: Slice | null): void {
    const { records } = this
    const { source, end } = path
    const start = nameStart(path)
    const nameLength = end - start
    const address = this.arena.allocate(nameLength + lengthOf(data))
    copyBytes(source, start, this.arena.chunkOf(address), this.arena.offsetOf(address), nameLength)
    records.setLink(record, LinkField.address, address)
    records.setLink(record, LinkField.nameLength, nameLength)
    records.setLink(record, LinkField.parent, parent)
    // "/" is the empty path in the checksum, so every path continues its parent's with a slash and a name.
    records.setLink(
      record,
      LinkField.pathCrc,
      crc32(source.bytes, start - 1, end, records.link(parent, LinkField.pathCrc) | 0) >>> 0,
    )
    const hash = hashPath(source.bytes, source.view, path.start, end, this.seed)
    records.setLink(record, LinkField.hash, hash)
    if (this.isReservedUnder(parent)) records.setFlag(record, Flag.reserved, true)
    else if (parent === ROOT && this.nameOf(record) === 'zookeeper') records.setFlag(record, Flag.reservedBelow, true)
    this.putData(record, data)
    this.index.add(hash, record)
    this.append(parent, record)
    this.count++
    this.dataSize += charactersIn(source, path.start, end)
  }

  /** Whether the children of `parent` are outside the digest. */
  isReservedUnder(parent: RecordId): boolean {
    return this.records.has(parent, Flag.reserved | Flag.reservedBelow)
  }

  private append(parent: RecordId, record: RecordId): void {
    const { records } = this
    const first = records.link(parent, LinkField.firstChild)
    if (first === NONE) {
      records.setLink(parent, LinkField.firstChild, record)
      records.setLink(record, LinkField.previous, record)
    } else {
      const last = records.link(first, LinkField.previous)
      records.setLink(last, LinkField.next, record)
      records.setLink(record, LinkField.previous, last)
      records.setLink(first, LinkField.previous, record)
    }
    records.setLink(record, LinkField.next, NONE)
  }

  /** The root's name is empty, and nobody looks it up in the index. */
  protected placeRoot(record: RecordId, data: Slice | null): void {
    this.records.setLink(record, LinkField.address, this.arena.allocate(lengthOf(data)))
    this.putData(record, data)
    this.count++
  }

  /** Takes a record without children out of the tree and gives its memory back. */
  protected remove(record: RecordId): void {
    const { records } = this
    this.dataSize -= this.pathCharacters(record) + records.int(record, IntField.dataLength)
    this.index.remove(records.link(record, LinkField.hash), record)
    this.unlink(this.parentOf(record), record)
    const size = records.link(record, LinkField.nameLength) + records.int(record, IntField.dataLength)
    this.arena.release(records.link(record, LinkField.address), size)
    this.count--
    if (record === this.lastParent) this.lastParent = NONE
    if (record === this.foundRecord) this.foundRecord = NONE
    records.release(record)
  }

  private pathCharacters(record: RecordId): number {
    const { arena, records } = this
    let count = 0
    for (let at = record; at !== ROOT; at = records.link(at, LinkField.parent)) {
      const address = records.link(at, LinkField.address)
      const start = arena.offsetOf(address)
      count += 1 + charactersIn(arena.chunkOf(address), start, start + records.link(at, LinkField.nameLength))
    }
    return count
  }

  private unlink(parent: RecordId, record: RecordId): void {
    const { records } = this
    const first = records.link(parent, LinkField.firstChild)
    const next = records.link(record, LinkField.next)
    const previous = records.link(record, LinkField.previous)
    if (first === record) records.setLink(parent, LinkField.firstChild, next)
    else records.setLink(previous, LinkField.next, next)
    if (next !== NONE) records.setLink(next, LinkField.previous, previous)
    else if (first !== record) records.setLink(first, LinkField.previous, previous)
  }

  /** Puts other data in the place of a znode's. */
  protected swapData(record: RecordId, data: Slice | null): void {
    const { records } = this
    const nameLength = records.link(record, LinkField.nameLength)
    const before = nameLength + records.int(record, IntField.dataLength)
    const after = nameLength + lengthOf(data)
    if (!this.arena.fits(before, after)) this.moveBlock(record, { nameLength, before, after })
    this.dataSize -= before - nameLength
    this.putData(record, data)
  }

  private moveBlock(
    record: RecordId,
    { nameLength, before, after }: { nameLength: number; before: number; after: number },
  ): void {
    const { arena, records } = this
    const old = records.link(record, LinkField.address)
    const address = arena.allocate(after)
    copyBytes(arena.chunkOf(old), arena.offsetOf(old), arena.chunkOf(address), arena.offsetOf(address), nameLength)
    arena.release(old, before)
    records.setLink(record, LinkField.address, address)
  }

  /** Writes the data behind the name; the block must have room. */
  private putData(record: RecordId, data: Slice | null): void {
    const { records } = this
    const length = lengthOf(data)
    records.setFlag(record, Flag.nullData, data === null)
    records.setInt(record, IntField.dataLength, length)
    let crc = records.link(record, LinkField.pathCrc) | 0
    if (data !== null && length > 0) {
      const address = records.link(record, LinkField.address)
      const at = this.arena.offsetOf(address) + records.link(record, LinkField.nameLength)
      copySlice(data, this.arena.chunkOf(address), at)
      crc = crc32(data.bytes, data.start, data.end, crc)
    }
    records.setLink(record, LinkField.dataCrc, crc >>> 0)
    this.dataSize += length
  }

  /** Appends the path as a snapshot stores it: the root's is empty. */
  protected writePath(record: RecordId, output: Output): void {
    const { records, arena } = this
    let length = 0
    for (let at = record; at !== ROOT; at = records.link(at, LinkField.parent))
      length += 1 + records.link(at, LinkField.nameLength)
    let end = output.reserve(4 + length) + 4 + length
    output.view.setInt32(end - length - 4, length)
    for (let at = record; at !== ROOT; at = records.link(at, LinkField.parent)) {
      const nameLength = records.link(at, LinkField.nameLength)
      const address = records.link(at, LinkField.address)
      end -= nameLength
      copyBytes(arena.chunkOf(address), arena.offsetOf(address), output, end, nameLength)
      output.bytes[--end] = SLASH
    }
  }
}
