/** Which requests a load is made of. */
import { beginFrame, bytesOf, endFrame, OpCode, OPEN_ACL, type Bytes, type Output } from '@meerkat/protocol'
import { CreateRequest, DeleteRequest, PathWatchRequest, RequestHeader, SetDataRequest } from '@meerkat/protocol'

export const OPERATIONS = ['create', 'set', 'get', 'exists', 'children', 'mixed', 'create-delete'] as const
export type Operation = (typeof OPERATIONS)[number]

export interface Workload {
  /** `mixed` is nine gets to one set. */
  readonly op: Operation
  /** Bytes of data. */
  readonly size: number
  readonly keys: number
  /** The znode below which everything happens. */
  readonly root: string
}

let payload: Bytes = bytesOf('')

function payloadOf(size: number): Bytes {
  if (payload.length !== size) payload = bytesOf('x'.repeat(size))
  return payload
}

/** Writes the request number `sequence` of a client. The keys are spread, and the same at every run. */
export function requestFor(
  { op, size, keys, root }: Workload,
  { client, sequence }: { client: number; sequence: number },
  output: Output,
  xid: number,
): void {
  const path = `${root}/k${(sequence * 7919 + client * 104_729) % keys}`
  switch (op) {
    case 'create':
      return writeCreate(output, xid, `${root}/c${client}-${sequence}`, size)
    case 'create-delete': {
      const own = `${root}/c${client}-${sequence >> 1}`
      return sequence % 2 === 0 ? writeCreate(output, xid, own, size) : writeDelete(output, xid, own)
    }
    case 'set':
      return writeSet(output, xid, path, size)
    case 'get':
      return writeRead(output, xid, OpCode.getData, path)
    case 'exists':
      return writeRead(output, xid, OpCode.exists, path)
    case 'children':
      return writeRead(output, xid, OpCode.getChildren2, root)
    case 'mixed':
      return sequence % 10 === 0 ? writeSet(output, xid, path, size) : writeRead(output, xid, OpCode.getData, path)
  }
}

export function writeCreate(output: Output, xid: number, path: string, size: number): void {
  const request = { path, data: payloadOf(size), acl: OPEN_ACL, flags: 0 }
  writeFrame(output, xid, OpCode.create, () => CreateRequest.write(output, request))
}

export function writeDelete(output: Output, xid: number, path: string): void {
  writeFrame(output, xid, OpCode.delete, () => DeleteRequest.write(output, { path, version: -1 }))
}

function writeSet(output: Output, xid: number, path: string, size: number): void {
  const request = { path, data: payloadOf(size), version: -1 }
  writeFrame(output, xid, OpCode.setData, () => SetDataRequest.write(output, request))
}

function writeRead(output: Output, xid: number, type: number, path: string): void {
  writeFrame(output, xid, type, () => PathWatchRequest.write(output, { path, watch: false }))
}

export function writeFrame(output: Output, xid: number, type: number, writeRecord: () => void): void {
  const frame = beginFrame(output)
  RequestHeader.write(output, { xid, type })
  writeRecord()
  endFrame(output, frame)
}
