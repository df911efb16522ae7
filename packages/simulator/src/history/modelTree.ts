/**
 * The tree as the programmer's guide describes it, as plainly as can be: the judge of what servers say. It shares nothing
 * with the engine.
 */
import {
  CONTAINER_OWNER,
  ErrorCode,
  MAX_TTL_MS,
  bytesOf,
  crc32,
  type Acl,
  type Digest,
  type Stat,
  zxidOf,
} from '@meerkat/protocol'
import { mayDo, OPEN, type Identities } from './modelAcl.ts'

export interface Znode {
  data: string
  czxid: number
  mzxid: number
  pzxid: number
  ctime: number
  mtime: number
  version: number
  /** How many children were ever created. */
  created: number
  owner: bigint
  acl: readonly Acl[]
  /** Those that it had before. */
  formerAcls: readonly (readonly Acl[])[]
  /** How often the ACL was set. */
  aversion: number
  readonly children: Set<string>
}

export interface When {
  readonly zxid: number
  readonly time: number
}

export interface NewZnode extends When {
  readonly data: string
  readonly owner: bigint
  readonly acl: readonly Acl[]
}

export class ModelTree {
  readonly znodes = new Map<string, Znode>()
  private sum = 0n
  /** While something is tried: what it changed, as it was. */
  private before: Map<string, Znode | undefined> | undefined

  /** The znodes of a new server. */
  constructor() {
    for (const path of ['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config']) {
      this.add(path, { data: '', owner: 0n, acl: OPEN, zxid: 0, time: 0 })
    }
    // Only children that clients make are counted.
    this.edit('/', (root) => (root.created = 0))
    this.edit('/zookeeper', (reserved) => (reserved.created = 0))
  }

  /** Does something whole or not at all. */
  attempt(action: () => boolean): boolean {
    const { sum } = this
    const before = new Map<string, Znode | undefined>()
    this.before = before
    const isDone = action()
    this.before = undefined
    if (isDone) return true
    for (const [path, znode] of before) {
      if (znode === undefined) this.znodes.delete(path)
      else this.znodes.set(path, znode)
    }
    this.sum = sum
    return false
  }

  private save(path: string): void {
    if (this.before === undefined || this.before.has(path)) return
    const znode = this.znodes.get(path)
    this.before.set(path, znode === undefined ? undefined : { ...znode, children: new Set(znode.children) })
  }

  get(path: string): Znode | undefined {
    return this.znodes.get(path)
  }

  /** The digest of all znodes outside /zookeeper/. */
  get digest(): Digest {
    const wrapped = BigInt.asUintN(64, this.sum)
    return { high: Number(wrapped >> 32n), low: Number(wrapped & 0xffffffffn) }
  }

  add(path: string, { data, owner, acl, zxid, time }: NewZnode): void {
    const [parent, name] = splitPath(path)
    if (path !== '/') {
      this.edit(parent, (above) => {
        above.children.add(name)
        above.created++
        above.pzxid = zxid
      })
    }
    this.save(path)
    this.znodes.set(path, {
      data,
      czxid: zxid,
      mzxid: zxid,
      pzxid: zxid,
      ctime: time,
      mtime: time,
      version: 0,
      created: 0,
      owner,
      acl,
      formerAcls: [],
      aversion: 0,
      children: new Set(),
    })
    this.sum += this.digestOf(path)
  }

  remove(path: string, zxid: number): void {
    const [parent, name] = splitPath(path)
    this.save(path)
    this.sum -= this.digestOf(path)
    this.znodes.delete(path)
    this.edit(parent, (above) => {
      above.children.delete(name)
      above.pzxid = zxid
    })
  }

  edit(path: string, change: (znode: Znode) => void): void {
    const znode = this.znodes.get(path)
    if (znode === undefined) throw new Error(`the model has no ${path}`)
    this.save(path)
    this.sum -= this.digestOf(path)
    change(znode)
    this.sum += this.digestOf(path)
  }

  private digestOf(path: string): bigint {
    const znode = this.znodes.get(path)
    if (znode === undefined || path.startsWith('/zookeeper/')) return 0n
    const { data, czxid, mzxid, pzxid, ctime, mtime, version, created, aversion, owner } = znode
    const name = bytesOf(path === '/' ? '' : path)
    const stat = new DataView(new ArrayBuffer(60))
    for (const [index, long] of [czxid, mzxid, pzxid, ctime, mtime].entries()) stat.setBigInt64(8 * index, BigInt(long))
    for (const [index, int] of [version, created, aversion].entries()) stat.setInt32(40 + 4 * index, int)
    stat.setBigInt64(52, owner)
    const parts = [name, bytesOf(data, 'latin1'), new Uint8Array(stat.buffer)]
    return BigInt(parts.reduce((crc, part) => crc32(part, 0, part.length, crc), 0) >>> 0)
  }

  stat(path: string): Stat | undefined {
    const znode = this.znodes.get(path)
    if (znode === undefined) return undefined
    const { data, czxid, mzxid, pzxid, ctime, mtime, version, created, aversion, owner, children } = znode
    return {
      czxid: zxidOf(czxid),
      mzxid: zxidOf(mzxid),
      ctime,
      mtime,
      version,
      cversion: 2 * created - children.size,
      aversion,
      ephemeralOwner: this.isEphemeral(path) ? owner : 0n,
      dataLength: data.length,
      numChildren: children.size,
      pzxid: zxidOf(pzxid),
    }
  }

  children(path: string): string[] {
    return [...(this.znodes.get(path)?.children ?? [])].sort()
  }

  ephemeralsOf(session: bigint): string[] {
    return [...this.znodes].flatMap(([path, { owner }]) => (owner === session ? [path] : [])).sort()
  }

  isEphemeral(path: string): boolean {
    const owner = this.znodes.get(path)?.owner ?? 0n
    return owner !== 0n && owner !== CONTAINER_OWNER && !isTtl(owner)
  }

  permits(path: string, permission: number, identities: Identities): boolean {
    return mayDo(this.get(path)?.acl ?? [], permission, identities)
  }

  versionProblem(path: string, version: number): ErrorCode {
    const isOther = version !== -1 && version !== this.get(path)?.version
    return isOther ? ErrorCode.BADVERSION : ErrorCode.OK
  }
}

/** A time to live is marked by the owner's first byte; the time itself is in the last five. */
export function isTtl(owner: bigint): boolean {
  return BigInt.asUintN(64, owner) >> 56n === 0xffn
}

export function ttlOf(owner: bigint): number {
  return Number(owner & BigInt(MAX_TTL_MS))
}

/** Parent and name. */
export function splitPath(path: string): [string, string] {
  const slash = path.lastIndexOf('/')
  return [slash <= 0 ? '/' : path.slice(0, slash), path.slice(slash + 1)]
}
