import { admin } from './keys/admin.ts'
import { basics } from './keys/basics.ts'
import { behaviour } from './keys/behaviour.ts'
import { javaProcess } from './keys/java.ts'
import type { Key, ValuesOf } from './keys/key.ts'
import { meerkat } from './keys/meerkat.ts'
import { security } from './keys/security.ts'
import { throttles } from './keys/throttles.ts'

/** Every configuration key there is, by group, in the order of the reference page. */
export const keyGroups = [
  { title: 'Basics', keys: basics },
  { title: 'Security', keys: security },
  { title: 'Behaviour', keys: behaviour },
  { title: 'Throttles', keys: throttles },
  { title: 'Admin server and metrics', keys: admin },
  { title: 'The Java process', keys: javaProcess },
  { title: 'Meerkat', keys: meerkat },
] as const

const table = { ...basics, ...security, ...behaviour, ...throttles, ...admin, ...javaProcess, ...meerkat }

/** The value of every key, the defaults where nothing is set. */
export type Values = ValuesOf<typeof table>
export type KeyName = keyof Values

/** Every key by its name in a file, the common beginning of a family. */
export const allKeys: ReadonlyMap<string, Key<unknown>> = new Map(Object.entries(table))
const namesByProperty: ReadonlyMap<string, string> = new Map(
  [...allKeys].flatMap(([name, key]) => propertiesOf(name, key).map((property) => [property, name] as const)),
)

export const keyNames: readonly string[] = [...allKeys.keys()]
const familyNames = keyNames.filter((name) => allKeys.get(name)?.type.kind === 'family')

export const defaults: Values = Object.fromEntries([...allKeys].map(([name, key]) => [name, key.default])) as Values

/** The Java system properties that set a key, the usual one first. */
export function propertiesOf(name: string, key: Key<unknown>): readonly string[] {
  if (key.property === null) return []
  return [key.property ?? `zookeeper.${name}`, ...(key.alsoProperties ?? [])]
}

export interface FoundKey {
  /** The key in the table; of a family its common beginning, `server.`. */
  readonly name: string
  /** What follows that beginning in the file, `1` of `server.1`; empty for a key that is no family. */
  readonly suffix: string
  readonly key: Key<unknown>
}

/**
 * The key that a line of zoo.cfg sets. Apache makes property `zookeeper.x` of a key x that it does not know itself, so
 * both a key's own name and what its property has after `zookeeper.` will do, and that prefix is taken as written too.
 */
export function keyInFile(written: string): FoundKey | undefined {
  const name = written.startsWith('zookeeper.') ? written.slice('zookeeper.'.length) : written
  return keyNamed(name) ?? keyOfProperty(`zookeeper.${name}`)
}

/** The key that a Java system property sets. */
export function keyOfProperty(property: string): FoundKey | undefined {
  const name = namesByProperty.get(property)
  if (name !== undefined) return keyNamed(name)
  for (const [prefix, familyName] of namesByProperty) {
    if (prefix.endsWith('.') && property.startsWith(prefix)) return keyNamed(familyName + property.slice(prefix.length))
  }
  return undefined
}

function keyNamed(name: string): FoundKey | undefined {
  const key = allKeys.get(name)
  if (key !== undefined && key.type.kind !== 'family') return { name, suffix: '', key }
  for (const prefix of familyNames) {
    const familyKey = allKeys.get(prefix)
    if (familyKey !== undefined && name.startsWith(prefix) && name.length > prefix.length) {
      return { name: prefix, suffix: name.slice(prefix.length), key: familyKey }
    }
  }
  return undefined
}
