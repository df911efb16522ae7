/** People that clients prove to be, by password. */
import { createHash } from 'node:crypto'

export interface User {
  readonly name: string
  readonly password: string
  /** What the server makes of name and password. */
  readonly digestId: string
}

function user(name: string): User {
  const password = `${name}'s secret`
  const digest = createHash('sha1').update(`${name}:${password}`).digest('base64')
  return { name, password, digestId: `${name}:${digest}` }
}

export const ANN = user('ann')
export const BOB = user('bob')
export const EVERYBODY: readonly User[] = [ANN, BOB]

/** Who a client may be; most are somebody. */
export const COMPANIES: readonly (readonly User[])[] = [[], [ANN], [BOB], EVERYBODY]

/** The digest id that stands for what an addAuth packet says, as Apache's DigestAuthenticationProvider makes it. */
export function digestIdOf(credentials: string): string | undefined {
  return EVERYBODY.find(({ name, password }) => `${name}:${password}` === credentials)?.digestId
}
