import type { Bytes } from '@meerkat/protocol'
import { asBytes } from '@meerkat/protocol'
import { randomBytes } from 'node:crypto'

/** Chance. */
export interface Random {
  /** At least 0, below 1; for spreading things out, not for secrets. */
  fraction(): number
  /** `count` bytes that nobody can guess. */
  bytes(count: number): Bytes
}

export const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes: (count) => asBytes(randomBytes(count)),
}
