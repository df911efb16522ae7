/**
 * Memory for many small blocks of bytes: names and data of znodes.
 *
 * Blocks live in chunks of 1 MiB outside the garbage-collected heap. An address is one unsigned 32-bit number in units of
 * 16 bytes (64 GiB in all), so a million znodes are no million objects. Freed blocks wait in a list for their size, whose
 * links are in the blocks themselves.
 */
import { memory, type Memory } from './copy.ts'

const UNIT_BITS = 4
const UNIT = 1 << UNIT_BITS
const CHUNK_BITS = 20
const CHUNK_SIZE = 1 << CHUNK_BITS
const UNITS_BITS = CHUNK_BITS - UNIT_BITS
const UNITS_MASK = (1 << UNITS_BITS) - 1

/** Up to this size, blocks are multiples of 16 bytes; above, of an eighth of the power of two below. */
const FINE_LIMIT = 512
const FINE_CLASSES = FINE_LIMIT / UNIT

/** An address: 0 is none. */
export type Address = number

export class Arena {
  private readonly chunks: (Memory | undefined)[] = []
  /** Chunk slots whose large block was freed. */
  private readonly vacant: number[] = []
  private readonly free: number[] = []
  /** The next unused unit of the current chunk, and the first beyond it. */
  private next = 0
  private limit = 0
  /** Bytes taken by blocks, rounded up to their sizes. */
  used = 0

  constructor() {
    // Address 0 means none, so the first chunk's first unit is given to nobody.
    this.addChunk()
    this.next++
  }

  allocate(size: number): Address {
    const sizeClass = classOf(size)
    const rounded = sizeOf(sizeClass)
    this.used += rounded
    if (rounded > CHUNK_SIZE) return this.allocateLarge(rounded)
    const freed = this.free[sizeClass]
    if (freed !== undefined && freed !== 0) {
      this.free[sizeClass] = this.chunkOf(freed).view.getUint32(this.offsetOf(freed))
      return freed
    }
    const units = rounded >>> UNIT_BITS
    if (this.next + units > this.limit) this.startChunk()
    const address = this.next
    this.next += units
    return address
  }

  /** `size` is what the block was allocated with. */
  release(address: Address, size: number): void {
    const sizeClass = classOf(size)
    const rounded = sizeOf(sizeClass)
    this.used -= rounded
    if (rounded > CHUNK_SIZE) return this.releaseLarge(address)
    this.link(address, sizeClass)
  }

  private link(address: Address, sizeClass: number): void {
    this.chunkOf(address).view.setUint32(this.offsetOf(address), this.free[sizeClass] ?? 0)
    this.free[sizeClass] = address
  }

  /** Whether a block for `before` bytes serves `after` bytes as well. */
  fits(before: number, after: number): boolean {
    return classOf(before) === classOf(after)
  }

  /** The memory that holds the block. */
  chunkOf(address: Address): Memory {
    return this.chunks[address >>> UNITS_BITS] as Memory
  }

  /** Where the block begins in its chunk. */
  offsetOf(address: Address): number {
    return (address & UNITS_MASK) << UNIT_BITS
  }

  private startChunk(): void {
    this.spendRest()
    this.addChunk()
  }

  /** What is left of the current chunk becomes free blocks. */
  private spendRest(): void {
    for (let units = this.limit - this.next; units > 0;) {
      const take = Math.min(units, FINE_CLASSES)
      this.link(this.next, classOf(take << UNIT_BITS))
      this.next += take
      units -= take
    }
  }

  private addChunk(): void {
    this.next = this.place(CHUNK_SIZE) * (UNITS_MASK + 1)
    this.limit = this.next + (CHUNK_SIZE >>> UNIT_BITS)
  }

  private place(size: number): number {
    const slot = this.vacant.pop() ?? this.chunks.length
    if (slot >= 1 << (32 - UNITS_BITS)) throw new Error('the znodes need more than 64 GiB of memory')
    this.chunks[slot] = memory(size)
    return slot
  }

  private allocateLarge(size: number): Address {
    return this.place(size) * (UNITS_MASK + 1)
  }

  private releaseLarge(address: Address): void {
    const slot = address >>> UNITS_BITS
    this.chunks[slot] = undefined
    this.vacant.push(slot)
  }
}

function classOf(size: number): number {
  if (size <= FINE_LIMIT) return Math.max(1, (size + UNIT - 1) >>> UNIT_BITS)
  // Eight classes to each power of two.
  const shift = 31 - Math.clz32(size - 1) - 3
  return FINE_CLASSES + (shift - 6) * 8 + ((size - 1) >>> shift) - 7
}

function sizeOf(sizeClass: number): number {
  if (sizeClass <= FINE_CLASSES) return sizeClass << UNIT_BITS
  const above = sizeClass - FINE_CLASSES - 1
  const shift = (above >>> 3) + 6
  return ((above & 7) + 9) << shift
}
