/**
 * The fixed part of every znode, 120 bytes in pages outside the garbage-collected heap.
 *
 *     0  Stat as a client sees it, in wire form (68 bytes): a reply copies it as it stands
 *    68  int   cversion as stored (the visible one is 2 x stored - numChildren)
 *    72  uint  CRC-32 of the path
 *    76  uint  CRC-32 of path and data
 *    80  uint  CRC-32 of path, data and stored stat: the znode's digest
 *    84  uint  hash of the path, for the index
 *    88  uint  parent          92  uint  first child
 *    96  uint  previous sibling (of a first child: the last)
 *   100  uint  next sibling
 *   104  uint  address of name and data
 *   108  uint  length of the name in bytes
 *   112  int   ACL
 *   116  int   flags
 *
 * A record number is all that names a znode in memory; 0 is none. Outstanding changes of a leader are records too.
 */
import type { Output, Zxid } from '@meerkat/protocol'
import { STAT_SIZE, crc32 } from '@meerkat/protocol'
import { copyBytes, memory, type Memory } from './copy.ts'

export type RecordId = number

const RECORD_SIZE = 120
const PAGE_BITS = 12
const PAGE_RECORDS = 1 << PAGE_BITS
const PAGE_MASK = PAGE_RECORDS - 1
const TWO_TO_32 = 0x1_0000_0000

const At = {
  czxid: 0,
  mzxid: 8,
  ctime: 16,
  mtime: 24,
  version: 32,
  cversion: 36,
  aversion: 40,
  ephemeralOwner: 44,
  dataLength: 52,
  numChildren: 56,
  pzxid: 60,
  storedCversion: 68,
  pathCrc: 72,
  dataCrc: 76,
  digest: 80,
  hash: 84,
  parent: 88,
  firstChild: 92,
  previous: 96,
  next: 100,
  address: 104,
  nameLength: 108,
  acl: 112,
  flags: 116,
} as const

/** 64-bit fields that hold zxids and times. */
export const LongField = { czxid: 0, mzxid: 8, ctime: 16, mtime: 24, pzxid: 60 } as const
export type LongField = (typeof LongField)[keyof typeof LongField]

/** 32-bit fields. */
export const IntField = {
  version: At.version,
  aversion: At.aversion,
  dataLength: At.dataLength,
  numChildren: At.numChildren,
  storedCversion: At.storedCversion,
  acl: At.acl,
  flags: At.flags,
} as const
export type IntField = (typeof IntField)[keyof typeof IntField]

/** Unsigned 32-bit fields: checksums, links, addresses. */
export const LinkField = {
  pathCrc: At.pathCrc,
  dataCrc: At.dataCrc,
  digest: At.digest,
  hash: At.hash,
  parent: At.parent,
  firstChild: At.firstChild,
  previous: At.previous,
  next: At.next,
  address: At.address,
  nameLength: At.nameLength,
} as const
export type LinkField = (typeof LinkField)[keyof typeof LinkField]

export const Flag = {
  /** The data is null, not empty. */
  nullData: 1,
  /** Below /zookeeper: not part of the tree's digest. */
  reserved: 2,
  /** This is /zookeeper itself. */
  reservedBelow: 8,
  /** ephemeralOwner is a container's or TTL mark, kept in `owners` and not shown in the Stat. */
  special: 4,
} as const

/** The 60 bytes that a znode's digest covers after path and data, in the order of the digest. */
const digested = memory(60)

export class ZnodeRecords {
  private readonly pages: Memory[] = []
  private freeHead: RecordId = 0
  private next: RecordId = 1
  /** Owners that the Stat does not show: containers and TTL. */
  readonly owners = new Map<RecordId, bigint>()

  /** A record whose bytes are not set. */
  allocate(): RecordId {
    if (this.freeHead !== 0) {
      const id = this.freeHead
      this.freeHead = this.link(id, LinkField.next)
      return id
    }
    if (this.next >>> PAGE_BITS >= this.pages.length) {
      this.pages.push(memory(PAGE_RECORDS * RECORD_SIZE))
    }
    return this.next++
  }

  release(id: RecordId): void {
    if ((this.int(id, IntField.flags) & Flag.special) !== 0) this.owners.delete(id)
    this.setLink(id, LinkField.next, this.freeHead)
    this.freeHead = id
  }

  /** A new record with the same contents. */
  duplicate(source: RecordId): RecordId {
    const id = this.allocate()
    this.copy(source, id)
    return id
  }

  copy(source: RecordId, target: RecordId): void {
    const at = (source & PAGE_MASK) * RECORD_SIZE
    this.page(source).bytes.copy(this.page(target).bytes, (target & PAGE_MASK) * RECORD_SIZE, at, at + RECORD_SIZE)
    if ((this.int(source, IntField.flags) & Flag.special) !== 0) this.owners.set(target, this.owner(source))
  }

  clear(id: RecordId): void {
    const at = (id & PAGE_MASK) * RECORD_SIZE
    const { view } = this.page(id)
    for (let i = 0; i < RECORD_SIZE; i += 8) view.setFloat64(at + i, 0)
  }

  private page(id: RecordId): Memory {
    return this.pages[id >>> PAGE_BITS] as Memory
  }

  int(id: RecordId, field: IntField): number {
    return this.page(id).view.getInt32((id & PAGE_MASK) * RECORD_SIZE + field)
  }

  setInt(id: RecordId, field: IntField, value: number): void {
    this.page(id).view.setInt32((id & PAGE_MASK) * RECORD_SIZE + field, value)
  }

  link(id: RecordId, field: LinkField): number {
    return this.page(id).view.getUint32((id & PAGE_MASK) * RECORD_SIZE + field)
  }

  setLink(id: RecordId, field: LinkField, value: number): void {
    this.page(id).view.setUint32((id & PAGE_MASK) * RECORD_SIZE + field, value)
  }

  long(id: RecordId, field: LongField): number {
    const view = this.page(id).view
    const at = (id & PAGE_MASK) * RECORD_SIZE + field
    return view.getInt32(at) * TWO_TO_32 + view.getUint32(at + 4)
  }

  setLong(id: RecordId, field: LongField, value: number): void {
    const view = this.page(id).view
    const at = (id & PAGE_MASK) * RECORD_SIZE + field
    view.setInt32(at, Math.floor(value / TWO_TO_32))
    view.setInt32(at + 4, value | 0)
  }

  zxid(id: RecordId, field: 0 | 8 | 60): Zxid {
    return this.long(id, field) as Zxid
  }

  has(id: RecordId, flag: number): boolean {
    return (this.int(id, IntField.flags) & flag) !== 0
  }

  setFlag(id: RecordId, flag: number, on: boolean): void {
    const flags = this.int(id, IntField.flags)
    this.setInt(id, IntField.flags, on ? flags | flag : flags & ~flag)
  }

  /** The owner as stored: a session, a container's or TTL mark, or 0. */
  owner(id: RecordId): bigint {
    if (this.has(id, Flag.special)) return this.owners.get(id) ?? 0n
    return this.page(id).view.getBigInt64((id & PAGE_MASK) * RECORD_SIZE + At.ephemeralOwner)
  }

  /** Whether a session owns it. */
  isEphemeral(id: RecordId): boolean {
    const view = this.page(id).view
    const at = (id & PAGE_MASK) * RECORD_SIZE + At.ephemeralOwner
    return view.getInt32(at) !== 0 || view.getInt32(at + 4) !== 0
  }

  /** `special` owners (containers, TTL) are not shown in the Stat. */
  setOwner(id: RecordId, owner: bigint, special: boolean): void {
    const at = (id & PAGE_MASK) * RECORD_SIZE + At.ephemeralOwner
    this.page(id).view.setBigInt64(at, special ? 0n : owner)
    this.setFlag(id, Flag.special, special)
    if (special) this.owners.set(id, owner)
  }

  /** Sets what the visible cversion and numChildren come from. */
  setChildren(id: RecordId, storedCversion: number, numChildren: number): void {
    const view = this.page(id).view
    const at = (id & PAGE_MASK) * RECORD_SIZE
    view.setInt32(at + At.storedCversion, storedCversion)
    view.setInt32(at + At.numChildren, numChildren)
    view.setInt32(at + At.cversion, 2 * storedCversion - numChildren)
  }

  /** Appends the Stat as a client sees it. */
  writeStat(id: RecordId, output: Output): void {
    const target = output.reserve(STAT_SIZE)
    copyBytes(this.page(id), (id & PAGE_MASK) * RECORD_SIZE, output, target, STAT_SIZE)
  }

  /** Copies the 60 bytes of StatPersisted into `output`, as a snapshot stores them. */
  writeStatPersisted(id: RecordId, output: Output): void {
    const { bytes, view } = this.page(id)
    const at = (id & PAGE_MASK) * RECORD_SIZE
    const target = output.reserve(60)
    bytes.copy(output.bytes, target, at, at + 44)
    output.view.setInt32(target + 36, view.getInt32(at + At.storedCversion))
    output.view.setBigInt64(target + 44, this.owner(id))
    bytes.copy(output.bytes, target + 52, at + At.pzxid, at + At.pzxid + 8)
  }

  /**
   * Takes over the 60 bytes of StatPersisted at `at` of a snapshot, but not the owner: tells whether there is one.
   * numChildren is 0 until children come.
   */
  readStatPersisted(id: RecordId, source: Memory, at: number): boolean {
    const page = this.page(id)
    const target = (id & PAGE_MASK) * RECORD_SIZE
    copyBytes(source, at, page, target, 44)
    copyBytes(source, at + 52, page, target + At.pzxid, 8)
    this.setChildren(id, page.view.getInt32(target + At.cversion), 0)
    return source.view.getInt32(at + 44) !== 0 || source.view.getInt32(at + 48) !== 0
  }

  /**
   * Computes the digest again after a change of the stat (server.DigestCalculator): CRC-32 over path, data, czxid, mzxid,
   * pzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner.
   */
  refreshDigest(id: RecordId): number {
    const page = this.page(id)
    const at = (id & PAGE_MASK) * RECORD_SIZE
    copyBytes(page, at, digested, 0, 16)
    copyBytes(page, at + At.pzxid, digested, 16, 8)
    copyBytes(page, at + At.ctime, digested, 24, 28)
    copyBytes(page, at + At.ephemeralOwner, digested, 52, 8)
    digested.view.setInt32(44, page.view.getInt32(at + At.storedCversion))
    if (this.has(id, Flag.special)) digested.view.setBigInt64(52, this.owner(id))
    const digest = crc32(digested.bytes, 0, 60, page.view.getInt32(at + At.dataCrc)) >>> 0
    page.view.setUint32(at + At.digest, digest)
    return digest
  }
}
