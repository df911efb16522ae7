import type { LogLevel } from './levels.ts'

/** What belongs to a line beside its message. An Error shows its message, code and causes. */
export type LogFields = Readonly<Record<string, unknown>>

/** Where parts of the server log to. A message is a constant sentence; what varies goes into the fields. */
export interface Logger {
  trace(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  fatal(message: string, fields?: LogFields): void
  /** Whether a line of this level would be written: asked before fields are made that cost something. */
  isEnabled(level: LogLevel): boolean
}

/** A logger over one function that takes every line. */
export function loggerOver(
  log: (level: LogLevel, message: string, fields?: LogFields) => void,
  isEnabled: (level: LogLevel) => boolean,
): Logger {
  return {
    trace: (message, fields) => log('trace', message, fields),
    debug: (message, fields) => log('debug', message, fields),
    info: (message, fields) => log('info', message, fields),
    warn: (message, fields) => log('warn', message, fields),
    error: (message, fields) => log('error', message, fields),
    fatal: (message, fields) => log('fatal', message, fields),
    isEnabled,
  }
}
