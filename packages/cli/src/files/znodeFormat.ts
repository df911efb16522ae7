/** A znode of a snapshot as text, close to Apache's SnapshotFormatter, and as JSON. */
import {
  decodeString,
  Input,
  OPEN_ACL,
  StatPersisted,
  toHex,
  type Acl,
  type Bytes,
  type ZnodeOffsets,
} from '@meerkat/protocol'
import { javaDate } from '../shell/format.ts'
import { dataJson } from './txnFormat.ts'

export interface SnapshotZnode {
  readonly path: string
  readonly data: Bytes | null
  readonly aclId: number
  readonly stat: StatPersisted
}

/** Reads one znode; its data shares memory with `bytes`. */
export function readZnode(bytes: Bytes, _view: DataView, at: ZnodeOffsets): SnapshotZnode {
  return {
    // The root's path is written as nothing.
    path: decodeString(bytes, at.pathStart, at.pathEnd) || '/',
    data: at.dataStart < 0 ? null : bytes.subarray(at.dataStart, at.dataEnd),
    aclId: at.aclId,
    stat: StatPersisted.read(new Input(bytes, at.stat)),
  }
}

export function znodeLines({ path, data, stat }: SnapshotZnode, showsData: boolean): string {
  return [
    path,
    `  cZxid = ${hex(stat.czxid)}`,
    `  ctime = ${javaDate(stat.ctime)}`,
    `  mZxid = ${hex(stat.mzxid)}`,
    `  mtime = ${javaDate(stat.mtime)}`,
    `  pZxid = ${hex(stat.pzxid)}`,
    `  cversion = ${stat.cversion}`,
    `  dataVersion = ${stat.version}`,
    `  aclVersion = ${stat.aversion}`,
    `  ephemeralOwner = ${hex(stat.ephemeralOwner)}`,
    showsData ? `  data = ${data?.toString('base64') ?? ''}` : `  dataLength = ${data?.length ?? 0}`,
  ].join('\n')
}

/** Sixteen characters, as Java's `%#016x`; zero has no prefix there. */
function hex(value: number | bigint): string {
  const digits = toHex(value)
  return digits === '0' ? '0'.padStart(16, '0') : `0x${digits.padStart(14, '0')}`
}

/** `acl` is undefined for the open ACL, which a snapshot does not hold. */
export function znodeJson(
  { path, data, stat }: SnapshotZnode,
  acl: readonly Acl[] | undefined,
  showsData: boolean,
): object {
  return {
    path,
    ...dataJson(data, showsData),
    czxid: `0x${toHex(stat.czxid)}`,
    mzxid: `0x${toHex(stat.mzxid)}`,
    pzxid: `0x${toHex(stat.pzxid)}`,
    ctime: new Date(stat.ctime).toISOString(),
    mtime: new Date(stat.mtime).toISOString(),
    version: stat.version,
    cversion: stat.cversion,
    aversion: stat.aversion,
    ephemeralOwner: `0x${toHex(stat.ephemeralOwner)}`,
    acl: acl ?? OPEN_ACL,
  }
}
