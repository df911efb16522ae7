/**
 * Multi and multiRead (org.apache.zookeeper.MultiOperationRecord and MultiResponse).
 *
 *   request:  for each operation MultiHeader{type, done=false, err=-1}, its request; then MultiHeader{-1, true, -1}
 *   response: for each result    MultiHeader{type, done=false, err}, its body;      then MultiHeader{-1, true, -1}
 */
import { JuteError, type Codec, type Infer, type Input, type Output } from './jute.ts'
import { CreateFlag, OpCode } from './operations.ts'
import * as r from './records.ts'

const WRITES = {
  [OpCode.create]: r.CreateRequest,
  [OpCode.create2]: r.CreateRequest,
  [OpCode.createContainer]: r.CreateRequest,
  [OpCode.createTTL]: r.CreateTtlRequest,
  [OpCode.delete]: r.DeleteRequest,
  [OpCode.setData]: r.SetDataRequest,
  [OpCode.check]: r.CheckVersionRequest,
} as const

const READS = { [OpCode.getChildren]: r.PathWatchRequest, [OpCode.getData]: r.PathWatchRequest } as const

type Operations<T extends Record<number, Codec<unknown>>> = {
  [K in keyof T]: { type: K; request: Infer<T[K]> }
}[keyof T]
export type MultiWrite = Operations<typeof WRITES>
export type MultiRead = Operations<typeof READS>

/** Reads up to the end what each header announces, and makes of it what is asked for. */
function readParts<T>(
  input: Input,
  codecs: Record<number, Codec<unknown>>,
  make: (type: number, record: unknown) => unknown,
): T[] {
  const parts: T[] = []
  for (;;) {
    const { type, done } = r.MultiHeader.read(input)
    if (done) return parts
    const codec = codecs[type]
    if (codec === undefined) throw new JuteError(`operation ${type} cannot be part of this multi`)
    parts.push(make(type, codec.read(input)) as T)
  }
}

function readOperations<T extends MultiWrite | MultiRead>(input: Input, codecs: Record<number, Codec<unknown>>): T[] {
  return readParts(input, codecs, (type, request) => ({ type, request }))
}

export function readMultiWrites(input: Input): MultiWrite[] {
  const writes = readOperations<MultiWrite>(input, WRITES)
  for (const write of writes) checkFlags(write)
  return writes
}

/** Apache's reader fails on the whole multi if a create without a time to live has flags of one, or none that there are. */
function checkFlags({ type, request }: MultiWrite): void {
  if (type !== OpCode.create && type !== OpCode.create2 && type !== OpCode.createContainer) return
  const { flags } = request
  if (flags < CreateFlag.persistent || flags > CreateFlag.container) {
    throw new JuteError(`operation ${type} of a multi cannot have the flags ${flags}`)
  }
}

export const readMultiReads = (input: Input): MultiRead[] => readOperations<MultiRead>(input, READS)

export function writeMulti(output: Output, operations: readonly (MultiWrite | MultiRead)[]): void {
  const codecs: Record<number, Codec<unknown>> = { ...WRITES, ...READS }
  for (const { type, request } of operations) {
    r.MultiHeader.write(output, { type, done: false, err: -1 })
    codecs[type]?.write(output, request)
  }
  writeMultiEnd(output)
}

export function writeMultiEnd(output: Output): void {
  r.MultiHeader.write(output, { type: -1, done: true, err: -1 })
}

const RESULTS = {
  [OpCode.create]: r.CreateResponse,
  [OpCode.create2]: r.Create2Response,
  [OpCode.delete]: r.Empty,
  [OpCode.setData]: r.StatResponse,
  [OpCode.check]: r.Empty,
  [OpCode.getChildren]: r.GetChildrenResponse,
  [OpCode.getData]: r.GetDataResponse,
  [OpCode.error]: r.ErrorResponse,
} as const

export type MultiResult = {
  [K in keyof typeof RESULTS]: { type: K; body: Infer<(typeof RESULTS)[K]> }
}[keyof typeof RESULTS]

export function writeMultiResult(output: Output, result: MultiResult): void {
  const err = result.type === OpCode.error ? result.body.err : 0
  r.MultiHeader.write(output, { type: result.type, done: false, err })
  const codec: Codec<unknown> = RESULTS[result.type]
  codec.write(output, result.body)
}

export function readMultiResults(input: Input): MultiResult[] {
  return readParts(input, RESULTS, (type, body) => ({ type, body }))
}
