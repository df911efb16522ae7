/** Requests, replies and the records inside them, in wire order (zookeeper.jute of Apache ZooKeeper 3.9). */
import {
  boolean,
  buffer,
  encode,
  int,
  long,
  nullableString,
  nullableVector,
  record,
  safeLong,
  sessionId,
  ustring,
  vector,
  zxid,
  type Codec,
  type Infer,
  type Input,
} from './jute.ts'

export const Id = record({ scheme: nullableString, id: nullableString })
export type Id = Infer<typeof Id>

export const Acl = record({ perms: int, id: Id })
export type Acl = Infer<typeof Acl>

/** world:anyone with all permissions, which nearly every znode has. */
export const OPEN_ACL: readonly Acl[] = Object.freeze([{ perms: 31, id: { scheme: 'world', id: 'anyone' } }])

const acls: Codec<readonly Acl[] | null> = nullableVector(Acl)
const openBytes = encode(acls, OPEN_ACL)
const openView = new DataView(openBytes.buffer, openBytes.byteOffset, openBytes.length)

/** A list of ACL entries. The open ACL is read as `OPEN_ACL` itself, and written, without making its parts. */
export const AclList: Codec<readonly Acl[] | null> = {
  read: (input) => {
    if (!isOpenNext(input)) return acls.read(input)
    input.take(openBytes.length)
    return OPEN_ACL
  },
  write: (output, value) => {
    if (value === OPEN_ACL) output.raw(openBytes, 0, openBytes.length)
    else acls.write(output, value)
  },
  size: 4,
}

function isOpenNext({ view, offset, remaining }: Input): boolean {
  const { length } = openBytes
  if (remaining < length) return false
  let at = 0
  for (; at + 4 <= length; at += 4) if (view.getInt32(offset + at) !== openView.getInt32(at)) return false
  for (; at < length; at++) if (view.getInt8(offset + at) !== openView.getInt8(at)) return false
  return true
}

/** What Stat and StatPersisted begin with. */
const statHead = {
  czxid: zxid,
  mzxid: zxid,
  ctime: safeLong,
  mtime: safeLong,
  version: int,
  cversion: int,
  aversion: int,
  ephemeralOwner: long,
}

/** What a client sees of a znode (68 bytes). */
export const Stat = record({ ...statHead, dataLength: int, numChildren: int, pzxid: zxid })
export type Stat = Infer<typeof Stat>
export const STAT_SIZE = 68

/** What is stored of a znode (60 bytes). */
export const StatPersisted = record({ ...statHead, pzxid: zxid })
export type StatPersisted = Infer<typeof StatPersisted>

export const RequestHeader = record({ xid: int, type: int })
export type RequestHeader = Infer<typeof RequestHeader>
export const ReplyHeader = record({ xid: int, zxid, err: int })
export type ReplyHeader = Infer<typeof ReplyHeader>
export const REPLY_HEADER_SIZE = 16

export const CreateRequest = record({ path: ustring, data: buffer, acl: AclList, flags: int })
export const CreateTtlRequest = record({
  path: ustring,
  data: buffer,
  acl: AclList,
  flags: int,
  ttl: safeLong,
})
export const CreateResponse = record({ path: ustring })
export const Create2Response = record({ path: ustring, stat: Stat })
export const DeleteRequest = record({ path: ustring, version: int })
export const DeleteContainerRequest = record({ path: buffer })
export const PathWatchRequest = record({ path: ustring, watch: boolean })
export const PathRequest = record({ path: ustring })
export const StatResponse = record({ stat: Stat })
export const GetDataResponse = record({ data: buffer, stat: Stat })
export const SetDataRequest = record({ path: ustring, data: buffer, version: int })
export const GetAclResponse = record({ acl: vector(Acl), stat: Stat })
export const SetAclRequest = record({ path: ustring, acl: AclList, version: int })
export const GetChildrenResponse = record({ children: vector(ustring) })
export const GetChildren2Response = record({ children: vector(ustring), stat: Stat })
export const SyncResponse = record({ path: ustring })
export const CheckVersionRequest = record({ path: ustring, version: int })
export const ReconfigRequest = record({
  joiningServers: nullableString,
  leavingServers: nullableString,
  newMembers: nullableString,
  curConfigId: safeLong,
})
export const SetWatchesRequest = record({
  relativeZxid: zxid,
  dataWatches: vector(ustring),
  existWatches: vector(ustring),
  childWatches: vector(ustring),
})
export const SetWatches2Request = record({
  relativeZxid: zxid,
  dataWatches: vector(ustring),
  existWatches: vector(ustring),
  childWatches: vector(ustring),
  persistentWatches: vector(ustring),
  persistentRecursiveWatches: vector(ustring),
})
export const AddWatchRequest = record({ path: ustring, mode: int })
export const WatcherRequest = record({ path: ustring, type: int })
export const GetEphemeralsRequest = record({ prefixPath: nullableString })
export const GetEphemeralsResponse = record({ ephemerals: vector(ustring) })
export const GetAllChildrenNumberResponse = record({ totalNumber: int })
export const ClientInfo = record({ authScheme: nullableString, user: nullableString })
export const WhoAmIResponse = record({ clientInfo: vector(ClientInfo) })
export const AuthPacket = record({ type: int, scheme: nullableString, auth: buffer })
export const SaslToken = record({ token: buffer })
export const WatcherEvent = record({ type: int, state: int, path: ustring })
export type WatcherEvent = Infer<typeof WatcherEvent>
export const ErrorResponse = record({ err: int })
export const Empty = record({})

/** Before each operation and result of a multi, and once at its end with `done` set. */
export const MultiHeader = record({ type: int, done: boolean, err: int })

export const CreateSessionRequest = record({ timeOut: int })

/** The first frame of a connection; a `readOnly` byte may follow (clients from 3.4 on send it). */
export const ConnectRequest = record({
  protocolVersion: int,
  lastZxidSeen: zxid,
  timeOut: int,
  sessionId,
  passwd: buffer,
})
export type ConnectRequest = Infer<typeof ConnectRequest>

/** The answer to it; a `readOnly` byte follows if the request had one. */
export const ConnectResponse = record({ protocolVersion: int, timeOut: int, sessionId, passwd: buffer })
export type ConnectResponse = Infer<typeof ConnectResponse>
