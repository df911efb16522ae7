/** The operations of the client protocol (org.apache.zookeeper.ZooDefs.OpCode): one table. */
import type { Codec } from './jute.ts'
import * as records from './records.ts'

/** What an operation needs of the ensemble: `write` goes through the log, `inline` belongs to the connection. */
export type OperationKind = 'write' | 'read' | 'inline' | 'internal'

export interface OperationDescription {
  readonly code: number
  readonly kind: OperationKind
  /** Its name in `cons` and `stat` (org.apache.zookeeper.server.Request.op2String's four letters). */
  readonly shortName: string
  readonly request: Codec<unknown>
  readonly response: Codec<unknown>
}

function describe<C extends number, Q, R>(
  code: C,
  kind: OperationKind,
  shortName: string,
  request: Codec<Q>,
  response: Codec<R>,
): {
  readonly code: C
  readonly kind: OperationKind
  readonly shortName: string
  request: Codec<Q>
  response: Codec<R>
} {
  return { code, kind, shortName, request, response }
}

const r = records

export const OPERATIONS = {
  create: describe(1, 'write', 'CREA', r.CreateRequest, r.CreateResponse),
  delete: describe(2, 'write', 'DELE', r.DeleteRequest, r.Empty),
  exists: describe(3, 'read', 'EXIS', r.PathWatchRequest, r.StatResponse),
  getData: describe(4, 'read', 'GETD', r.PathWatchRequest, r.GetDataResponse),
  setData: describe(5, 'write', 'SETD', r.SetDataRequest, r.StatResponse),
  getACL: describe(6, 'read', 'GETA', r.PathRequest, r.GetAclResponse),
  setACL: describe(7, 'write', 'SETA', r.SetAclRequest, r.StatResponse),
  getChildren: describe(8, 'read', 'GETC', r.PathWatchRequest, r.GetChildrenResponse),
  sync: describe(9, 'read', 'SYNC', r.PathRequest, r.SyncResponse),
  ping: describe(11, 'inline', 'PING', r.Empty, r.Empty),
  getChildren2: describe(12, 'read', 'GETC', r.PathWatchRequest, r.GetChildren2Response),
  check: describe(13, 'internal', 'CHEC', r.CheckVersionRequest, r.Empty),
  multi: describe(14, 'write', 'MULT', r.Empty, r.Empty),
  create2: describe(15, 'write', 'CREA', r.CreateRequest, r.Create2Response),
  reconfig: describe(16, 'write', 'RECO', r.ReconfigRequest, r.GetDataResponse),
  checkWatches: describe(17, 'read', 'CHKW', r.WatcherRequest, r.Empty),
  removeWatches: describe(18, 'read', 'REMW', r.WatcherRequest, r.Empty),
  createContainer: describe(19, 'write', 'CREA', r.CreateRequest, r.Create2Response),
  deleteContainer: describe(20, 'write', 'DELE', r.DeleteContainerRequest, r.Empty),
  createTTL: describe(21, 'write', 'CREA', r.CreateTtlRequest, r.Create2Response),
  multiRead: describe(22, 'read', 'MLTR', r.Empty, r.Empty),
  auth: describe(100, 'inline', 'NA', r.AuthPacket, r.Empty),
  setWatches: describe(101, 'read', 'SETW', r.SetWatchesRequest, r.Empty),
  sasl: describe(102, 'inline', 'NA', r.SaslToken, r.SaslToken),
  getEphemerals: describe(103, 'read', 'GETE', r.GetEphemeralsRequest, r.GetEphemeralsResponse),
  getAllChildrenNumber: describe(104, 'read', 'GETACN', r.PathRequest, r.GetAllChildrenNumberResponse),
  setWatches2: describe(105, 'read', 'STW2', r.SetWatches2Request, r.Empty),
  addWatch: describe(106, 'read', 'ADDW', r.AddWatchRequest, r.ErrorResponse),
  whoAmI: describe(107, 'read', 'HOMI', r.Empty, r.WhoAmIResponse),
  createSession: describe(-10, 'internal', 'SESS', r.CreateSessionRequest, r.Empty),
  closeSession: describe(-11, 'write', 'CLOS', r.Empty, r.Empty),
  error: describe(-1, 'internal', 'NA', r.ErrorResponse, r.ErrorResponse),
} as const satisfies Record<string, OperationDescription>

export type OperationName = keyof typeof OPERATIONS

/** The number of each operation, also the type of the transaction that it makes. */
export const OpCode = Object.fromEntries(Object.entries(OPERATIONS).map(([name, { code }]) => [name, code])) as {
  readonly [K in OperationName]: (typeof OPERATIONS)[K]['code']
}
export type OpCode = (typeof OpCode)[OperationName]

const byCode = new Map<number, OperationName>(
  Object.entries(OPERATIONS).map(([name, { code }]) => [code, name as OperationName]),
)

export function operationName(code: number): OperationName | undefined {
  return byCode.get(code)
}

/** xids with a meaning of their own; a client's requests have positive ones. */
export const Xid = { notification: -1, ping: -2, auth: -4, setWatches: -8 } as const

export const CreateFlag = {
  persistent: 0,
  ephemeral: 1,
  persistentSequential: 2,
  ephemeralSequential: 3,
  container: 4,
  persistentWithTtl: 5,
  persistentSequentialWithTtl: 6,
} as const

export const Permission = { read: 1, write: 2, create: 4, delete: 8, admin: 16, all: 31 } as const

export const EventType = {
  none: -1,
  nodeCreated: 1,
  nodeDeleted: 2,
  nodeDataChanged: 3,
  nodeChildrenChanged: 4,
} as const
export type EventType = (typeof EventType)[keyof typeof EventType]

/** The state in every event that a server sends. */
export const SYNC_CONNECTED = 3

export const AddWatchMode = { persistent: 0, persistentRecursive: 1 } as const

export const WatcherType = { children: 1, data: 2, any: 3, persistent: 4, persistentRecursive: 5 } as const

/** jute.maxbuffer, in bytes: the longest frame, unless configured. */
export const DEFAULT_MAX_BUFFER = 0xfffff
