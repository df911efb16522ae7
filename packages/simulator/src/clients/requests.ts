/** What a client asks for next. */
import { CreateFlag } from '@meerkat/protocol'
import type { CreateRequest, MultiPart, Request } from '../history/history.ts'
import type { Chance } from '../world/chance.ts'
import { drawAcl, drawGoverned } from './acls.ts'
import { drawQuotaRequest } from './quotas.ts'

/** How often each kind of request is made; a run draws its own, so that each run stresses something else. */
export interface Weights {
  readonly kinds: Readonly<Record<(typeof KINDS)[number], number>>
  /** How likely a znode is created with an ACL that is not open. */
  readonly guarded: number
}
const KINDS = [
  'create',
  'delete',
  'setData',
  'setACL',
  'multi',
  'quota',
  'getData',
  'getACL',
  'exists',
  'getChildren',
  'getEphemerals',
  'sync',
  'addWatch',
  'closeSession',
] as const

export function drawWeights(chance: Chance): Weights {
  const weight = (usual: number): number => (chance.happens(0.2) ? 0 : usual * chance.between(0.2, 2))
  return {
    kinds: {
      create: 1 + weight(5),
      delete: weight(3),
      setData: weight(3),
      setACL: weight(0.5),
      multi: weight(2),
      quota: weight(0.5),
      getData: weight(3),
      getACL: weight(0.5),
      exists: weight(2),
      getChildren: weight(2),
      getEphemerals: weight(0.5),
      sync: weight(0.5),
      addWatch: weight(0.3),
      closeSession: weight(0.1),
    },
    guarded: chance.happens(0.3) ? 0 : chance.between(0, 0.4),
  }
}

const MODES: Readonly<Record<string, number>> = CreateFlag
const MODE_WEIGHTS = {
  persistent: 6,
  ephemeral: 4,
  persistentSequential: 1,
  ephemeralSequential: 1,
  container: 1,
  persistentWithTtl: 1,
  persistentSequentialWithTtl: 0.3,
}
const NAMES = ['a', 'b', 'c']

export interface RequestsOptions {
  readonly chance: Chance
  readonly weights: Weights
  /** The longest data, in bytes; most are short. */
  readonly dataLimit: number
}

export class Requests {
  private readonly options: RequestsOptions
  /** Counts what is written, so that no two writes are alike. */
  private serial = 0

  constructor(options: RequestsOptions) {
    this.options = options
  }

  next(): Request {
    const { chance, weights } = this.options
    const op = chance.weighted(weights.kinds)
    const path = this.path()
    switch (op) {
      case 'create':
      case 'delete':
      case 'setData':
        return this.part(op)
      case 'setACL':
        return { op, path, acl: drawGoverned(chance), version: this.version() }
      case 'multi':
        return { op, parts: Array.from({ length: 1 + chance.below(4) }, () => this.part(this.partKind())) }
      case 'quota':
        return drawQuotaRequest(chance, `/${chance.pick(NAMES)}`)
      case 'getData':
      case 'exists':
      case 'getChildren':
        return { op, path, watch: chance.happens(0.5) }
      case 'getEphemerals':
      case 'closeSession':
        return { op }
      case 'sync':
      case 'getACL':
        return { op, path }
      case 'addWatch':
        return { op, path, mode: chance.happens(0.5) ? 'persistent' : 'recursive' }
    }
  }

  private partKind(): MultiPart['op'] {
    return this.options.chance.weighted({ create: 3, delete: 1, setData: 2, check: 1 })
  }

  private part<O extends MultiPart['op']>(op: O): MultiPart & { op: O }
  private part(op: MultiPart['op']): MultiPart {
    const path = this.path()
    switch (op) {
      case 'create':
        return this.create(path)
      case 'delete':
        return { op, path, version: this.version() }
      case 'setData':
        return { op, path, data: this.data(), version: this.version() }
      case 'check':
        return { op, path, version: this.version() }
    }
  }

  private create(path: string): CreateRequest {
    const { chance, weights } = this.options
    const mode = MODES[chance.weighted(MODE_WEIGHTS)] ?? 0
    const isTimed = mode === CreateFlag.persistentWithTtl || mode === CreateFlag.persistentSequentialWithTtl
    const ttlMs = isTimed ? 1 + chance.below(5000) : -1
    const acl = chance.happens(weights.guarded) ? { acl: drawAcl(chance) } : {}
    return { op: 'create', path, data: this.data(), mode, ttlMs, ...acl }
  }

  private path(): string {
    const { chance } = this.options
    const depth = 1 + Math.min(chance.below(3), chance.below(3))
    return Array.from({ length: depth }, () => `/${chance.pick(NAMES)}`).join('')
  }

  private version(): number {
    return this.options.chance.happens(0.7) ? -1 : this.options.chance.below(3)
  }

  private data(): string {
    const { chance } = this.options
    const limit = chance.happens(0.1) ? this.options.dataLimit : 40
    return `${this.serial++}.`.padEnd(chance.below(limit), 'x')
  }
}
