import type { KeyType } from './keys/key.ts'

export type Converted = { readonly value: unknown } | { readonly problem: string }

/**
 * The value that a text stands for. Whole numbers are read as Java's Integer.decode does: a sign, then digits, or
 * hexadecimal ones after `0x` or `#`; a leading 0 does not mean octal here.
 */
export function convert(text: string, type: KeyType): Converted {
  switch (type.kind) {
    case 'int':
    case 'long':
    case 'port':
      return wholeNumber(text, type)
    case 'fraction':
      return fraction(text, type)
    case 'boolean':
      return word(text.toLowerCase(), { true: true, false: false })
    case 'yesNo':
      return word(text, { yes: true, no: false })
    case 'choice':
      return chosen(text, type.choices)
    case 'list':
      return { value: listOf(text) }
    case 'path':
      return text === '' ? { problem: 'empty; write a path or take the line out' } : { value: text }
    case 'string':
    case 'secret':
      return { value: text }
    case 'family':
    case 'unread':
      return { value: undefined }
  }
}

/** The parts between commas, without blanks around them and without empty ones. */
function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function wholeNumber(text: string, type: { kind: string; min: number; max: number; unit: string }): Converted {
  const wanted = `write a whole number${type.unit === '' ? '' : ` of ${type.unit}`}${range(type)}`
  const match = /^([+-]?)(?:(?:0x|#)([0-9a-f]+)|([0-9]+))$/i.exec(text)
  if (match === null) return { problem: `not a whole number; ${wanted}` }
  const [, sign, hex, decimal] = match
  const magnitude = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  const value = sign === '-' && magnitude !== 0 ? -magnitude : magnitude
  if (value < type.min) return { problem: `too small; ${wanted}` }
  if (value > type.max) return { problem: `too large; ${wanted}` }
  return { value }
}

function fraction(text: string, type: { min: number; max: number }): Converted {
  const wanted = `write a number such as 0.5${range(type)}`
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return { problem: `not a number; ${wanted}` }
  const value = Number(text)
  return value < type.min || value > type.max ? { problem: `out of range; ${wanted}` } : { value }
}

function range({ min, max }: { min: number; max: number }): string {
  const low = isLimitOfJava(min) ? '' : String(min)
  const high = isLimitOfJava(max) ? '' : String(max)
  if (low !== '' && low === high) return `, ${low} alone`
  if (low !== '' && high !== '') return ` from ${low} to ${high}`
  if (low !== '') return `, ${low} or more`
  return high === '' ? '' : `, ${high} or less`
}

/** Whether a bound is merely that of the Java type: no person needs to be told of it. */
export function isLimitOfJava(bound: number): boolean {
  return Math.abs(bound) >= 2 ** 31 - 1
}

function word(text: string, words: Readonly<Record<string, boolean>>): Converted {
  const value = Object.hasOwn(words, text) ? words[text] : undefined
  if (value !== undefined) return { value }
  return { problem: text === '' ? `empty; ${either(Object.keys(words))}` : either(Object.keys(words)) }
}

function chosen(text: string, choices: readonly string[]): Converted {
  const value = choices.find((choice) => choice.toLowerCase() === text.toLowerCase())
  return value === undefined ? { problem: either(choices.filter((choice) => choice !== '')) } : { value }
}

function either(words: readonly string[]): string {
  return `not one of the words known here; write ${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
}
