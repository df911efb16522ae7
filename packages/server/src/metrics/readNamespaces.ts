/**
 * What is read below each top-level znode: characters of the path, bytes of data or of children's names, and a Stat
 * (server.DataTree.updateReadStat). Only a read that finds its znode counts.
 *
 * Every read comes by here, so nothing is made of its bytes: the first name of the path is found again in a small cache.
 */
import { charactersIn } from '@meerkat/engine'
import {
  Input,
  NO_BYTES,
  OpCode,
  STAT_SIZE,
  bytesOf,
  copyOf,
  decodeString,
  readMultiReads,
  readMultiResults,
  type Bytes,
  type Output,
} from '@meerkat/protocol'
import type { Summary, SummarySet } from './summary.ts'

/** A name that was seen. */
interface Slot {
  readonly name: Bytes
  readonly summary: Summary | undefined
}

const SLOTS = 256
const SLASH = 0x2f
/** Length, xid, zxid and error of a reply. */
const REPLY_HEADER = 20

export class ReadNamespaces {
  private readonly set: SummarySet
  private last: Slot = { name: NO_BYTES, summary: undefined }
  private readonly slots: Slot[] = Array.from({ length: SLOTS }, () => ({ name: NO_BYTES, summary: undefined }))

  constructor(set: SummarySet) {
    this.set = set
  }

  /** A read that was answered OK: its request, whose body begins at `body`, and its reply, the last of `reply`. */
  count(opcode: number, request: Input, body: number, reply: Output, frame: number): void {
    const results = frame + REPLY_HEADER
    const bytes = reply.length - results
    switch (opcode) {
      case OpCode.getData:
        return this.add(request, body, bytes - 4)
      case OpCode.exists:
        return this.add(request, body, bytes)
      case OpCode.getChildren:
        return this.add(request, body, bytes - 4 - 4 * reply.view.getInt32(results) + STAT_SIZE)
      case OpCode.getChildren2:
        return this.add(request, body, bytes - 4 - 4 * reply.view.getInt32(results))
      case OpCode.multiRead:
        return this.addParts(request, body, reply.bytes.subarray(results, reply.length))
      default:
    }
  }

  /** `body` is where a path begins, with its length. */
  private add(request: Input, body: number, bytes: number): void {
    const start = body + 4
    const end = start + request.view.getInt32(body)
    const summary = this.summaryOf(request.bytes, start + 1, end)
    if (summary !== undefined) summary.add(charactersIn(request, start, end) + bytes)
  }

  /** Of the first name in a path whose slash is before `start`. The root is in no namespace. */
  private summaryOf(bytes: Bytes, start: number, end: number): Summary | undefined {
    const { name, summary } = this.last
    const after = start + name.length
    if ((after === end || (after < end && bytes[after] === SLASH)) && isSame(name, bytes, start, after)) return summary
    return this.find(bytes, start, end)
  }

  private find(bytes: Bytes, start: number, end: number): Summary | undefined {
    let hash = 0
    let nameEnd = start
    for (; nameEnd < end; nameEnd++) {
      const byte = bytes[nameEnd] as number
      if (byte === SLASH) break
      hash = (Math.imul(hash, 31) + byte) | 0
    }
    if (nameEnd <= start) return undefined
    const slot = this.slots[hash & (SLOTS - 1)] as Slot
    if (slot.name.length === nameEnd - start && isSame(slot.name, bytes, start, nameEnd)) this.last = slot
    else this.last = this.fill(hash, bytes, start, nameEnd)
    return this.last.summary
  }

  private fill(hash: number, bytes: Bytes, start: number, end: number): Slot {
    const slot = { name: copyOf(bytes.subarray(start, end)), summary: this.set.of(decodeString(bytes, start, end)) }
    this.slots[hash & (SLOTS - 1)] = slot
    return slot
  }

  private addParts(request: Input, body: number, reply: Bytes): void {
    const results = readMultiResults(new Input(reply))
    for (const [index, { request: part }] of readMultiReads(new Input(request.bytes, body, request.end)).entries()) {
      const result = results[index]
      const path = bytesOf(part.path)
      if (result?.type === OpCode.getData) this.addPart(path, result.body.data?.length ?? 0)
      else if (result?.type === OpCode.getChildren) this.addPart(path, charactersOf(result.body.children))
    }
  }

  private addPart(path: Bytes, bytes: number): void {
    const summary = this.summaryOf(path, 1, path.length)
    summary?.add(path.toString().length + bytes + STAT_SIZE)
  }
}

function isSame(name: Bytes, bytes: Bytes, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== name[at - start]) return false
  return true
}

function charactersOf(names: readonly (string | null)[]): number {
  return names.reduce((sum, name) => sum + (name?.length ?? 0), 0)
}
