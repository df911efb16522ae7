/** What is written below each top-level znode, in characters of paths and bytes of data (server.DataTree.updateWriteStat). */
import { OpCode, type Txn } from '@meerkat/protocol'
import type { Metrics } from './metrics.ts'

export function countWritten(metrics: Pick<Metrics, 'write_per_namespace'>, txn: Txn): void {
  switch (txn.type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
    case OpCode.setData:
      return add(metrics, txn.path, txn.data?.length ?? 0)
    case OpCode.delete:
    case OpCode.deleteContainer:
      return add(metrics, txn.path, 0)
    case OpCode.multi:
      if (txn.txns.some(({ type }) => type === OpCode.error)) return
      for (const part of txn.txns) countWritten(metrics, part)
      return
    case OpCode.closeSession:
      for (const path of txn.paths ?? []) add(metrics, path, 0)
      return
    default:
  }
}

/** The first name of a path; the root is in no namespace, which is the empty name. */
export function namespaceOf(path: string): string {
  const end = path.indexOf('/', 1)
  return end === -1 ? path.slice(1) : path.slice(1, end)
}

function add({ write_per_namespace }: Pick<Metrics, 'write_per_namespace'>, path: string, dataBytes: number): void {
  const namespace = namespaceOf(path)
  if (namespace !== '') write_per_namespace.add(namespace, path.length + dataBytes)
}
