/** JSON as Apache's admin server writes it: `"key" : value`, two blanks an object, arrays on one line, longs in full. */
import { JavaDouble } from '../metrics/javaDouble.ts'

export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | JavaDouble
  | readonly Json[]
  | ReadonlyMap<string, Json>
  | { readonly [key: string]: Json }

export function prettyJson(value: Json, indent = ''): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'object') return String(value)
  if (value instanceof JavaDouble) return Number.isFinite(value.value) ? value.toString() : `"${value.toString()}"`
  if (isArray(value)) return arrayText(value, indent)
  return objectText(value instanceof Map ? [...value] : Object.entries(value), indent)
}

function arrayText(values: readonly Json[], indent: string): string {
  return values.length === 0 ? '[ ]' : `[ ${values.map((value) => prettyJson(value, indent)).join(', ')} ]`
}

function objectText(entries: readonly (readonly [string, Json])[], indent: string): string {
  if (entries.length === 0) return '{ }'
  const inner = `${indent}  `
  const lines = entries.map(([key, value]) => `${inner}${JSON.stringify(key)} : ${prettyJson(value, inner)}`)
  return `{\n${lines.join(',\n')}\n${indent}}`
}

/** Array.isArray does not tell a readonly array from the rest. */
function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
