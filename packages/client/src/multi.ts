/** The operations of a multi and their results, as callers write and read them. */
import { ErrorCode, OpCode, type Bytes, type MultiResult, type MultiWrite, type Stat } from '@meerkat/protocol'
import { createRequest, toBytes, type CreateOptions, type Data } from './create.ts'
import { ZooKeeperError } from './errors.ts'

export type MultiOperation =
  | ({ readonly op: 'create'; readonly path: string; readonly data?: Data } & CreateOptions)
  | { readonly op: 'delete'; readonly path: string; readonly version?: number }
  | { readonly op: 'setData'; readonly path: string; readonly data: Data; readonly version?: number }
  | { readonly op: 'check'; readonly path: string; readonly version?: number }

export type MultiOutcome =
  /** `stat` is told for containers and for znodes with a time to live only. */
  | { readonly op: 'create'; readonly path: string; readonly stat?: Stat }
  | { readonly op: 'delete' }
  | { readonly op: 'setData'; readonly stat: Stat }
  | { readonly op: 'check' }

export interface MultiReadOperation {
  readonly op: 'getData' | 'getChildren'
  readonly path: string
}

export type MultiReadOutcome =
  | { readonly op: 'getData'; readonly data: Bytes | null; readonly stat: Stat }
  | { readonly op: 'getChildren'; readonly children: readonly string[] }
  | { readonly op: 'error'; readonly error: ZooKeeperError }

/** `full` puts the chroot before a path. */
export function multiWrite(operation: MultiOperation, full: (path: string) => string): MultiWrite {
  const path = full(operation.path)
  switch (operation.op) {
    case 'create':
      return createRequest(path, operation.data ?? null, operation, false)
    case 'delete':
      return { type: OpCode.delete, request: { path, version: operation.version ?? -1 } }
    case 'setData':
      return {
        type: OpCode.setData,
        request: { path, data: toBytes(operation.data), version: operation.version ?? -1 },
      }
    case 'check':
      return { type: OpCode.check, request: { path, version: operation.version ?? -1 } }
  }
}

/**
 * The results of a multi. Throws the error of the operation that failed, with the codes of all; `stripped` takes the
 * chroot off a path.
 */
export function multiOutcomes(
  results: readonly MultiResult[],
  operations: readonly MultiOperation[],
  stripped: (path: string) => string,
): MultiOutcome[] {
  const codes = results.map((result) => (result.type === OpCode.error ? result.body.err : 0))
  // The operations after the one that failed say RUNTIMEINCONSISTENCY, which is not why.
  const failed = codes.findIndex((code) => code !== 0)
  if (failed >= 0) {
    throw new ZooKeeperError(codes[failed] as number, operations[failed]?.path, { results: codes })
  }
  return results.map((result) => outcome(result, stripped))
}

function outcome(result: MultiResult, stripped: (path: string) => string): MultiOutcome {
  switch (result.type) {
    case OpCode.create:
      return { op: 'create', path: stripped(result.body.path) }
    case OpCode.create2:
      return { op: 'create', path: stripped(result.body.path), stat: result.body.stat }
    case OpCode.delete:
      return { op: 'delete' }
    case OpCode.setData:
      return { op: 'setData', stat: result.body.stat }
    case OpCode.check:
      return { op: 'check' }
    default:
      throw new ZooKeeperError(ErrorCode.MARSHALLINGERROR)
  }
}

export function multiReadOutcome(result: MultiResult, operation: MultiReadOperation | undefined): MultiReadOutcome {
  switch (result.type) {
    case OpCode.getData:
      return { op: 'getData', ...result.body }
    case OpCode.getChildren:
      return { op: 'getChildren', children: result.body.children }
    case OpCode.error:
      return { op: 'error', error: new ZooKeeperError(result.body.err, operation?.path) }
    default:
      throw new ZooKeeperError(ErrorCode.MARSHALLINGERROR, operation?.path)
  }
}
