import type { Entry } from './configuration.ts'
import { allKeys, propertiesOf } from './keys.ts'
import type { Key } from './keys/key.ts'
import type { Settings } from './settings.ts'

/** Every key that counts, by name: what was set, unknown and Java-only keys included, and the defaults of the rest. */
export function entriesOf({ known, unknown }: Settings): readonly Entry[] {
  const set = [...known.values()].map(({ name, suffix, key, value, place }): Entry => {
    const property = propertiesOf(name, key)[0]
    return {
      key: name + suffix,
      property: property === undefined ? null : property + suffix,
      value,
      origin: place,
      secret: key.type.kind === 'secret',
    }
  })
  const others = unknown.map(({ property, value, place }): Entry => {
    return { key: property, property, value, origin: place, secret: false }
  })
  const byDefault = [...allKeys]
    .filter(([name, key]) => hasDefault(key) && !known.has(name))
    .map(([name, key]): Entry => {
      return {
        key: name,
        property: propertiesOf(name, key)[0] ?? null,
        value: formatValue(key.default, key),
        origin: { kind: 'default' },
        secret: key.type.kind === 'secret',
      }
    })
  return [...set, ...others, ...byDefault].sort((a, b) => (a.key < b.key ? -1 : 1))
}

function hasDefault(key: Key<unknown>): boolean {
  return key.type.kind !== 'family' && key.type.kind !== 'unread'
}

/** A value as it would be written into a file; empty where there is none. */
export function formatValue(value: unknown, { type }: Key<unknown>): string {
  if (Array.isArray(value)) return value.join(',')
  switch (typeof value) {
    case 'boolean':
      return type.kind === 'yesNo' ? (value ? 'yes' : 'no') : String(value)
    case 'number':
    case 'string':
      return String(value)
    default:
      return ''
  }
}
