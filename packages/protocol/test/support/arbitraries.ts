/** Values of every record, for fast-check: what a writer can be given and a reader must give back. */
import fc from 'fast-check'
import type { Bytes } from '../../src/bytes.ts'
import { asBytes } from '../../src/bytes.ts'
import type { SessionId, Zxid } from '../../src/identifiers.ts'
import type { Codec, Infer } from '../../src/jute.ts'
import * as records from '../../src/records.ts'

/**
 * Text without supplementary characters and lone surrogates: these are written as Java writes them and do not come
 * back (see jute.test.ts).
 */
export const text: fc.Arbitrary<string> = fc.string({
  unit: fc
    .oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 0x7f }) },
      fc.integer({ min: 0x80, max: 0x7ff }),
      fc.integer({ min: 0x800, max: 0xd7ff }),
      fc.integer({ min: 0xe000, max: 0xffff }),
    )
    .map((unit) => String.fromCharCode(unit)),
  maxLength: 20,
})

export const int = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 1, 0x7fffffff, -0x80000000))
const bytes: fc.Arbitrary<Bytes> = fc.uint8Array({ maxLength: 40 }).map(asBytes)
export const nullableBytes = fc.option(bytes)
const nullableText = fc.option(text)
/** Longs that are exact as numbers. */
export const exactLong = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -1, 1, 0xffffffff, 0x100000000))
export const zxid = exactLong.map((value) => value as Zxid)
export const long = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })
export const sessionId = long.map((value) => value as SessionId)

/** A record as the reader makes it: an ordinary object. */
const row = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(fields, { noNullPrototype: true })
const list = <T>(element: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(element, { maxLength: 4 })
const texts = list(text)

const Id = row({ scheme: nullableText, id: nullableText })
const Acl = row({ perms: int, id: Id })
const acl = list(Acl)
const nullableAcl = fc.option(acl)
const statPersisted = {
  czxid: zxid,
  mzxid: zxid,
  ctime: exactLong,
  mtime: exactLong,
  version: int,
  cversion: int,
  aversion: int,
  ephemeralOwner: long,
  pzxid: zxid,
}
const Stat = row({ ...statPersisted, dataLength: int, numChildren: int })
const create = { path: text, data: nullableBytes, acl: nullableAcl, flags: int }
const pathAndVersion = row({ path: text, version: int })
const onlyPath = row({ path: text })
const token = row({ token: nullableBytes })
const ClientInfo = row({ authScheme: nullableText, user: nullableText })
const setWatches = { relativeZxid: zxid, dataWatches: texts, existWatches: texts, childWatches: texts }
const connect = { protocolVersion: int, timeOut: int, sessionId, passwd: nullableBytes }

type Records = typeof records
/** The names of all exports of records.ts that are codecs. */
export type RecordName = { [K in keyof Records]: Records[K] extends Codec<unknown> ? K : never }[keyof Records]

/** One for every record that there is: a record that is missing here does not compile. */
export const arbitraries: { readonly [K in RecordName]: fc.Arbitrary<Infer<Records[K]>> } = {
  Id,
  Acl,
  AclList: nullableAcl,
  Stat,
  StatPersisted: row(statPersisted),
  RequestHeader: row({ xid: int, type: int }),
  ReplyHeader: row({ xid: int, zxid, err: int }),
  CreateRequest: row(create),
  CreateTtlRequest: row({ ...create, ttl: exactLong }),
  CreateResponse: onlyPath,
  Create2Response: row({ path: text, stat: Stat }),
  DeleteRequest: pathAndVersion,
  DeleteContainerRequest: row({ path: nullableBytes }),
  PathWatchRequest: row({ path: text, watch: fc.boolean() }),
  PathRequest: onlyPath,
  StatResponse: row({ stat: Stat }),
  GetDataResponse: row({ data: nullableBytes, stat: Stat }),
  SetDataRequest: row({ path: text, data: nullableBytes, version: int }),
  GetAclResponse: row({ acl, stat: Stat }),
  SetAclRequest: row({ path: text, acl: nullableAcl, version: int }),
  GetChildrenResponse: row({ children: texts }),
  GetChildren2Response: row({ children: texts, stat: Stat }),
  SyncResponse: onlyPath,
  CheckVersionRequest: pathAndVersion,
  ReconfigRequest: row({
    joiningServers: nullableText,
    leavingServers: nullableText,
    newMembers: nullableText,
    curConfigId: exactLong,
  }),
  SetWatchesRequest: row(setWatches),
  SetWatches2Request: row({ ...setWatches, persistentWatches: texts, persistentRecursiveWatches: texts }),
  AddWatchRequest: row({ path: text, mode: int }),
  WatcherRequest: row({ path: text, type: int }),
  GetEphemeralsRequest: row({ prefixPath: nullableText }),
  GetEphemeralsResponse: row({ ephemerals: texts }),
  GetAllChildrenNumberResponse: row({ totalNumber: int }),
  ClientInfo,
  WhoAmIResponse: row({ clientInfo: list(ClientInfo) }),
  AuthPacket: row({ type: int, scheme: nullableText, auth: nullableBytes }),
  SaslToken: token,
  WatcherEvent: row({ type: int, state: int, path: text }),
  ErrorResponse: row({ err: int }),
  Empty: row({}),
  MultiHeader: row({ type: int, done: fc.boolean(), err: int }),
  CreateSessionRequest: row({ timeOut: int }),
  ConnectRequest: row({ ...connect, lastZxidSeen: zxid }),
  ConnectResponse: row(connect),
}

const codecs = { ...records }
const byCodec = new Map<Codec<unknown>, fc.Arbitrary<unknown>>(
  (Object.keys(arbitraries) as RecordName[]).map((name) => [codecs[name], arbitraries[name]]),
)

/** The values of a codec of records.ts. */
export function arbitraryOf(codec: Codec<unknown>): fc.Arbitrary<unknown> {
  const arbitrary = byCodec.get(codec)
  if (arbitrary === undefined) throw new Error('the codec is not one of records.ts')
  return arbitrary
}
