/** A file's bytes: what is read, what a loss of power leaves for sure, and the changes between them. */
import { allocate, copyOf, NO_BYTES, type Bytes } from '@meerkat/protocol'
import type { Chance } from './chance.ts'

const SECTOR = 512

export type Change = (
  | { readonly kind: 'write'; readonly position: number; bytes: Bytes }
  | { readonly kind: 'truncate'; readonly length: number }
) & {
  /**
   * `running`: the call has not returned. `cached`: the next sync makes it durable. `lost track`: a write or a sync
   * failed, so no later sync says anything of it. `durable`: a crash keeps it.
   */
  state: 'running' | 'cached' | 'lost track' | 'durable'
}

/** Bytes that grow. */
class Buffered {
  private memory: Bytes = NO_BYTES
  length = 0

  get bytes(): Bytes {
    return this.memory.subarray(0, this.length)
  }

  apply(change: Change): void {
    if (change.kind === 'truncate') return this.resize(change.length)
    const { bytes, position } = change
    if (bytes.length === 0) return
    if (position + bytes.length > this.length) this.resize(position + bytes.length)
    this.memory.set(bytes, position)
  }

  private resize(length: number): void {
    if (length > this.memory.length) {
      const grown = allocate(Math.max(length, 2 * this.memory.length))
      grown.fill(0)
      grown.set(this.bytes)
      this.memory = grown
    }
    if (length < this.length) this.memory.fill(0, length, this.length)
    this.length = length
  }

  set(bytes: Bytes): void {
    this.memory = copyOf(bytes)
    this.length = bytes.length
  }
}

export class Inode {
  private readonly seen = new Buffered()
  private readonly kept = new Buffered()
  private changes: Change[] = []

  /** As a read sees it. */
  get bytes(): Bytes {
    return this.seen.bytes
  }

  begin(change: Change): void {
    this.seen.apply(change)
    this.changes.push(change)
  }

  /** A change became durable, or lost track of; the oldest durable ones need not be kept apart. */
  settle(change: Change, state: 'durable' | 'cached' | 'lost track'): void {
    change.state = state
    this.compact()
  }

  /** What a sync that begins now will make durable. */
  cached(): Change[] {
    return this.changes.filter(({ state }) => state === 'cached')
  }

  private compact(): void {
    let count = 0
    for (const change of this.changes) {
      if (change.state !== 'durable') break
      this.kept.apply(change)
      count++
    }
    if (count > 0) this.changes.splice(0, count)
  }

  /** The process is killed: what it was doing happened in part, the rest is still there to be read. */
  killed(chance: Chance): void {
    this.changes = this.changes.flatMap((change) => {
      if (change.state !== 'running') return [change]
      const left = shortened(change, chance)
      if (left !== undefined) left.state = 'cached'
      return left === undefined ? [] : [left]
    })
    this.look()
  }

  /** The power is gone: each change that was not durable is there in whole, in some sectors, or not at all. */
  powerLost(chance: Chance): void {
    const left = this.changes.flatMap((change) => (change.state === 'durable' ? [change] : sectorsOf(change, chance)))
    for (const change of left) this.kept.apply(change)
    this.changes = []
    this.seen.set(this.kept.bytes)
  }

  private look(): void {
    this.seen.set(this.kept.bytes)
    for (const change of this.changes) this.seen.apply(change)
  }

  /** Damages one bit, as it lies on the medium. */
  flip(position: number, bit: number): void {
    for (const buffer of [this.seen, this.kept]) {
      const { bytes } = buffer
      if (position < bytes.length) bytes[position] = (bytes[position] ?? 0) ^ (1 << bit)
    }
  }
}

/** All, a first part or nothing of a change. */
function shortened(change: Change, chance: Chance): Change | undefined {
  const kind = chance.below(3)
  if (kind === 0) return undefined
  if (kind === 1 && change.kind === 'write') change.bytes = change.bytes.subarray(0, chance.below(change.bytes.length))
  return change
}

/** All, nothing, or any of the sectors that a change touches. */
function sectorsOf(change: Change, chance: Chance): Change[] {
  const kind = chance.below(3)
  if (kind === 0) return []
  if (kind === 1 || change.kind === 'truncate') return [change]
  const parts: Change[] = []
  const end = change.position + change.bytes.length
  for (let at = change.position; at < end;) {
    const next = Math.min(end, at + SECTOR - (at % SECTOR))
    const bytes = change.bytes.subarray(at - change.position, next - change.position)
    if (chance.happens(0.5)) parts.push({ kind: 'write', position: at, bytes, state: 'durable' })
    at = next
  }
  return parts
}
