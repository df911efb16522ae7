import type { LogFields } from './logger.ts'
import type { LogLevel } from './levels.ts'

export interface LogLine {
  readonly level: LogLevel
  readonly atMs: number
  readonly component: string
  readonly message: string
  readonly fields?: LogFields
}

export type LogFormat = 'json' | 'pretty' | 'pretty in colour'

/** Characters of one text within a line; what a client sends must not make lines of any length. */
const MAX_TEXT = 2000
/** Causes of an error that are shown. */
const MAX_CAUSES = 4

/** The line as it is written, its end included. */
export function formatLine(line: LogLine, format: LogFormat): string {
  return format === 'json' ? jsonLine(line) : prettyLine(line, format === 'pretty in colour')
}

/** One JSON object; a field cannot take the place of level, time, component or message. */
function jsonLine({ level, atMs, component, message, fields }: LogLine): string {
  const fixed = { level, time: new Date(atMs).toISOString(), component, message: cut(message) }
  return `${JSON.stringify({ ...fixed, ...plainFields(fields), ...fixed })}\n`
}

function prettyLine({ level, atMs, component, message, fields }: LogLine, coloured: boolean): string {
  const name = level.toUpperCase().padEnd(5)
  const time = new Date(atMs).toISOString().slice(11, 23)
  const values = Object.entries(plainFields(fields)).map(([key, value]) => ` ${key}=${prettyValue(value)}`)
  const head = coloured ? `\u001b[2m${time}\u001b[0m \u001b[${COLOURS[level]}m${name}\u001b[0m` : `${time} ${name}`
  return `${head} ${component}: ${withoutControls(cut(message))}${values.join('')}\n`
}

const COLOURS: Readonly<Record<LogLevel, number>> = { trace: 2, debug: 36, info: 32, warn: 33, error: 31, fatal: 35 }

function prettyValue(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"\p{Cc}]+$/u.test(value)) return value
  return withoutControls(JSON.stringify(value))
}

/** A terminal must not take orders from a log line. */
function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ')
}

/** Fields as JSON can hold them. A field that cannot be shown says so; logging never throws. */
function plainFields(fields: LogFields | undefined): Record<string, unknown> {
  if (fields === undefined) return {}
  try {
    return JSON.parse(JSON.stringify(fields, (_, value: unknown) => plain(value))) as Record<string, unknown>
  } catch (error) {
    return { fields: `cannot be shown: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function plain(value: unknown): unknown {
  if (typeof value === 'string') return cut(value)
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Error) return describeError(value, MAX_CAUSES)
  if (value instanceof Map) return Object.fromEntries(value)
  return value
}

function describeError(error: Error, causes: number): Record<string, unknown> {
  return {
    name: error.name,
    message: error.message,
    ...('code' in error && { code: error.code }),
    stack: error.stack,
    ...(error.cause instanceof Error && causes > 0 && { cause: describeError(error.cause, causes - 1) }),
  }
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}… (${text.length} characters)`
}
