/** Requests made of a seed: valid ones, and the same with some of their bytes changed. */
import {
  CreateFlag,
  type MultiRead,
  type MultiWrite,
  OPEN_ACL,
  OPERATIONS,
  OpCode,
  type OperationName,
  Output,
  RequestHeader,
  Xid,
  writeMulti,
} from '@meerkat/protocol'

/** Numbers from a seed (mulberry32): the same seed makes the same requests everywhere. */
export class Dice {
  private state: number

  constructor(seed: number) {
    this.state = seed
  }

  /** An integer from 0 to below `count`. */
  below(count: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % count
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }
}

const PATHS = ['/', '/a', '/b', '/a/c', '/a/d', '/b/e', '/a/c/f', '/q', '/none/x', '/zookeeper', '/zookeeper/quota']
const ACLS = [
  OPEN_ACL,
  [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }],
  [{ perms: 31, id: { scheme: 'ip', id: '127.0.0.1' } }],
  [{ perms: 31, id: { scheme: 'auth', id: '' } }],
  [],
]
const FLAGS = Object.values(CreateFlag)

type Body = (output: Output) => void

/** How each operation's body is made; the operations whose answers depend on the clock or on others are left out. */
const BODIES: Partial<Record<OperationName, (dice: Dice) => Body>> = {
  create: (dice) => bodyOf('create', createOf(dice)),
  create2: (dice) => bodyOf('create2', createOf(dice)),
  createContainer: (dice) => bodyOf('createContainer', { ...createOf(dice), flags: CreateFlag.container }),
  createTTL: (dice) =>
    bodyOf('createTTL', {
      ...createOf(dice),
      flags: dice.pick([5, 6, 0]),
      ttl: dice.pick([1_000_000, 0, 2 ** 41]),
    }),
  delete: (dice) => bodyOf('delete', { path: dice.pick(PATHS), version: versionOf(dice) }),
  exists: (dice) => bodyOf('exists', pathWatch(dice)),
  getData: (dice) => bodyOf('getData', pathWatch(dice)),
  setData: (dice) => bodyOf('setData', { path: dice.pick(PATHS), data: dataOf(dice), version: versionOf(dice) }),
  getACL: (dice) => bodyOf('getACL', { path: dice.pick(PATHS) }),
  setACL: (dice) => bodyOf('setACL', { path: dice.pick(PATHS), acl: dice.pick(ACLS), version: versionOf(dice) }),
  getChildren: (dice) => bodyOf('getChildren', pathWatch(dice)),
  getChildren2: (dice) => bodyOf('getChildren2', pathWatch(dice)),
  sync: (dice) => bodyOf('sync', { path: dice.pick(PATHS) }),
  ping: () => bodyOf('ping', {}),
  multi: (dice) => {
    const parts = Array.from({ length: dice.below(4) }, () => partOf(dice))
    return (output) => writeMulti(output, parts)
  },
  multiRead: (dice) => {
    const parts = Array.from({ length: dice.below(3) }, (): MultiRead => ({
      type: dice.pick([OpCode.getData, OpCode.getChildren]),
      request: pathWatch(dice),
    }))
    return (output) => writeMulti(output, parts)
  },
  checkWatches: (dice) => bodyOf('checkWatches', { path: dice.pick(PATHS), type: dice.below(5) }),
  removeWatches: (dice) => bodyOf('removeWatches', { path: dice.pick(PATHS), type: dice.below(5) }),
  addWatch: (dice) => bodyOf('addWatch', { path: dice.pick(PATHS), mode: dice.below(3) }),
  setWatches: (dice) =>
    bodyOf('setWatches', {
      relativeZxid: dice.below(100) as never,
      dataWatches: [dice.pick(PATHS)],
      existWatches: [dice.pick(PATHS)],
      childWatches: [],
    }),
  getEphemerals: (dice) => bodyOf('getEphemerals', { prefixPath: dice.pick(['', '/', '/a']) }),
  getAllChildrenNumber: (dice) => bodyOf('getAllChildrenNumber', { path: dice.pick(PATHS) }),
  whoAmI: () => bodyOf('whoAmI', {}),
}

function bodyOf<N extends OperationName>(
  name: N,
  body: Parameters<(typeof OPERATIONS)[N]['request']['write']>[1],
): Body {
  return (output) => (OPERATIONS[name].request.write as (output: Output, value: unknown) => void)(output, body)
}

const pathWatch = (dice: Dice) => ({ path: dice.pick(PATHS), watch: dice.below(2) === 0 })
const versionOf = (dice: Dice): number => dice.pick([-1, -1, -1, 0, 1, 2])
const dataOf = (dice: Dice) => dice.pick([null, Buffer.alloc(0), Buffer.from('x'), Buffer.alloc(20, 7)])

function createOf(dice: Dice) {
  return { path: dice.pick(PATHS), data: dataOf(dice), acl: dice.pick(ACLS), flags: dice.pick([0, 0, 0, ...FLAGS]) }
}

function partOf(dice: Dice): MultiWrite {
  const path = dice.pick(PATHS)
  return dice.pick<MultiWrite>([
    { type: OpCode.create, request: createOf(dice) },
    { type: OpCode.create2, request: createOf(dice) },
    { type: OpCode.setData, request: { path, data: dataOf(dice), version: versionOf(dice) } },
    { type: OpCode.delete, request: { path, version: versionOf(dice) } },
    { type: OpCode.check, request: { path, version: versionOf(dice) } },
  ])
}

const NAMES = Object.keys(BODIES) as OperationName[]

/** A frame with its length; about half of them are as a client would send them. */
export function someRequest(dice: Dice, xid: number): Buffer {
  const name = dice.pick(NAMES)
  const output = new Output()
  RequestHeader.write(output, { xid: name === 'ping' ? Xid.ping : xid, type: OPERATIONS[name].code })
  BODIES[name]?.(dice)(output)
  const valid = Buffer.from(output.written())
  // A createTTL whose flags are of another kind and whose ttl is negative ends Apache's server (3.9.4) for good.
  const mayChange = name !== 'createTTL' && dice.below(2) === 0
  return framed(mayChange ? mutated(dice, valid) : valid)
}

function framed(body: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length)
  return Buffer.concat([length, body])
}

/** The numbers at which readers and checks turn. */
const NUMBERS = [-1, 0, 1, 2, 3, 4, 5, 31, 255, 0x7fffffff, -0x80000000, -2]
const XID_SIZE = 4
const HEADER_SIZE = 8

/** One change behind the xid. */
function mutated(dice: Dice, valid: Buffer): Buffer {
  const body = Buffer.from(valid)
  const at = XID_SIZE + dice.below(body.length - XID_SIZE)
  switch (dice.below(5)) {
    case 0:
      body[at] = (body[at] ?? 0) ^ (1 << dice.below(8))
      return body
    case 1:
      body[at] = dice.below(256)
      return body
    case 2:
      return body.subarray(0, Math.max(at, HEADER_SIZE))
    case 3:
      return Buffer.concat([body, Buffer.alloc(1 + dice.below(9), dice.below(256))])
    default:
      if (at + 4 <= body.length) body.writeInt32BE(dice.pick(NUMBERS), at)
      return body
  }
}
