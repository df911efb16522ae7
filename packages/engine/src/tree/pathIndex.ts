/**
 * From the hash of a path to the record of its znode.
 *
 * An open-addressing table in 256 parts that grow one by one, so that no request waits for millions of entries to be
 * moved. An entry is {hash, record}; whether the path is really that of the record is the caller's to check.
 */
import type { RecordId } from './znodeRecords.ts'

const PARTS = 256
const FIRST_CAPACITY = 64

interface Part {
  /** hash and record, in turn; record 0 is an empty place. */
  table: Uint32Array
  mask: number
  count: number
}

export class PathIndex {
  private readonly parts: Part[] = Array.from({ length: PARTS }, () => emptyPart(FIRST_CAPACITY))

  /** The records with this hash, one after another: start with `at` -1; -1 is the end. The record is `recordAt`. */
  find(hash: number, matches: (record: RecordId) => boolean): RecordId {
    const { table, mask } = this.partOf(hash)
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const record = table[2 * at + 1] as number
      if (record === 0) return 0
      if (table[2 * at] === hash && matches(record)) return record
    }
  }

  add(hash: number, record: RecordId): void {
    const part = this.partOf(hash)
    if (part.count * 3 >= (part.mask + 1) * 2) grow(part)
    insert(part, hash, record)
    part.count++
  }

  remove(hash: number, record: RecordId): void {
    const part = this.partOf(hash)
    const { table, mask } = part
    let at = hash & mask
    while (table[2 * at + 1] !== record) at = (at + 1) & mask
    part.count--
    closeGap(table, mask, at)
  }

  private partOf(hash: number): Part {
    return this.parts[hash >>> 24] as Part
  }
}

function emptyPart(capacity: number): Part {
  return { table: new Uint32Array(2 * capacity), mask: capacity - 1, count: 0 }
}

function insert({ table, mask }: Part, hash: number, record: RecordId): void {
  let at = hash & mask
  while (table[2 * at + 1] !== 0) at = (at + 1) & mask
  table[2 * at] = hash
  table[2 * at + 1] = record
}

function grow(part: Part): void {
  const old = part.table
  const larger = emptyPart((part.mask + 1) * 2)
  for (let i = 0; i < old.length; i += 2) {
    if (old[i + 1] !== 0) insert(larger, old[i] as number, old[i + 1] as number)
  }
  part.table = larger.table
  part.mask = larger.mask
}

/** Moves entries back into the gap, so that a search never stops early at it. */
function closeGap(table: Uint32Array, mask: number, gap: number): void {
  for (let at = (gap + 1) & mask; table[2 * at + 1] !== 0; at = (at + 1) & mask) {
    const home = (table[2 * at] as number) & mask
    if (((at - home) & mask) < ((at - gap) & mask)) continue
    table[2 * gap] = table[2 * at] as number
    table[2 * gap + 1] = table[2 * at + 1] as number
    gap = at
  }
  table[2 * gap + 1] = 0
}
