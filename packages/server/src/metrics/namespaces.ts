/** What is written below each top-level znode, in characters of paths and bytes of data (server.DataTree.updateWriteStat). */
import { OpCode, type Txn } from '@meerkat/protocol'
import type { Summary, SummarySet } from './summary.ts'

export class WrittenNamespaces {
  private readonly set: SummarySet
  /** The namespace of the last path: the next one's, mostly. */
  private lastStart = '/'
  private last: Summary | undefined

  constructor(set: SummarySet) {
    this.set = set
  }

  count(txn: Txn): void {
    switch (txn.type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTTL:
      case OpCode.setData:
        return this.add(txn.path, txn.data?.length ?? 0)
      case OpCode.delete:
      case OpCode.deleteContainer:
        return this.add(txn.path, 0)
      case OpCode.multi:
        if (txn.txns.some(({ type }) => type === OpCode.error)) return
        for (const part of txn.txns) this.count(part)
        return
      case OpCode.closeSession:
        for (const path of txn.paths ?? []) this.add(path, 0)
        return
      default:
    }
  }

  private add(path: string, dataBytes: number): void {
    if (this.last === undefined || !path.startsWith(this.lastStart)) {
      const namespace = namespaceOf(path)
      this.lastStart = `/${namespace}/`
      this.last = namespace === '' ? undefined : this.set.of(namespace)
    }
    this.last?.add(path.length + dataBytes)
  }
}

/** The first name of a path; the root is in no namespace, which is the empty name. */
export function namespaceOf(path: string): string {
  const end = path.indexOf('/', 1)
  return end === -1 ? path.slice(1) : path.slice(1, end)
}
