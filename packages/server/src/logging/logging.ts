import { formatLine } from './format.ts'
import type { LogFormat } from './format.ts'
import { rankOf } from './levels.ts'
import type { LogLevel } from './levels.ts'
import { loggerOver } from './logger.ts'
import type { LogFields, Logger } from './logger.ts'
import type { LogDestination } from './destination.ts'

/** Components that may have a level of their own; more are refused, since names come from requests. */
const MAX_COMPONENT_LEVELS = 100

export interface LoggingOptions {
  readonly level: LogLevel
  readonly format: LogFormat
  readonly destination: LogDestination
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}

/** The log of a process: makes the loggers of its components and holds their levels, which may change at any time. */
export class Logging {
  private readonly options: LoggingOptions
  private readonly levels = new Map<string, LogLevel>()
  private general: LogLevel
  /** The level before `toggleDebug`. */
  private before: LogLevel | undefined

  constructor(options: LoggingOptions) {
    this.options = options
    this.general = options.level
  }

  get level(): LogLevel {
    return this.general
  }

  get componentLevels(): ReadonlyMap<string, LogLevel> {
    return this.levels
  }

  setLevel(level: LogLevel): void {
    this.general = level
    this.before = undefined
  }

  /** False if too many components have a level of their own. */
  setComponentLevel(component: string, level: LogLevel): boolean {
    if (!this.levels.has(component) && this.levels.size >= MAX_COMPONENT_LEVELS) return false
    this.levels.set(component, level)
    return true
  }

  /** The component has the general level from here on. */
  forgetLevel(component: string): void {
    this.levels.delete(component)
  }

  /** Debug lines on, and at the next call off again: what SIGUSR2 does. */
  toggleDebug(): void {
    const before = this.before
    this.before = before === undefined ? this.general : undefined
    this.general = before ?? 'debug'
  }

  /** The logger of a component: `admin`, `session`, `snapshot`. */
  logger(component: string): Logger {
    const isEnabled = (level: LogLevel): boolean => rankOf(level) >= rankOf(this.levels.get(component) ?? this.general)
    return loggerOver((level, message, fields) => {
      if (isEnabled(level)) this.write(level, component, message, fields)
    }, isEnabled)
  }

  /** Lines that no destination took. */
  get dropped(): number {
    return this.options.destination.dropped
  }

  async close(): Promise<void> {
    await this.options.destination.close()
  }

  private write(level: LogLevel, component: string, message: string, fields: LogFields | undefined): void {
    const { destination, format, nowMs } = this.options
    const line = { level, atMs: nowMs(), component, message, ...(fields !== undefined && { fields }) }
    destination.write(formatLine(line, format))
    if (level === 'fatal') destination.flush()
  }
}
