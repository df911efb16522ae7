import type { LogLevel } from './levels.ts'
import { loggerOver } from './logger.ts'
import type { LogFields, Logger } from './logger.ts'

export interface RepeatLimit {
  /** Lines with one message in one second; further ones are counted and told at its end. */
  readonly perSecond: number
}

/** Different messages that are watched at once; those beyond share one allowance. */
const MAX_MESSAGES = 100

interface Repeats {
  written: number
  leftOut: number
  level: LogLevel
}

/**
 * A logger for lines that remote peers can cause at will: ten thousand bad connections make a few lines and one that
 * says how many were left out.
 */
export function limitRepeats(logger: Logger, { perSecond }: RepeatLimit): Logger {
  const byMessage = new Map<string, Repeats>()
  let timer: NodeJS.Timeout | undefined

  const endSecond = (): void => {
    timer = undefined
    for (const [message, { leftOut, level }] of byMessage) {
      if (leftOut > 0) logger[level](`${message} (and others like it)`, { leftOut })
    }
    byMessage.clear()
  }

  return loggerOver(
    (level: LogLevel, message: string, fields?: LogFields) => {
      if (!logger.isEnabled(level)) return
      timer ??= setTimeout(endSecond, 1000).unref()
      const key = byMessage.size < MAX_MESSAGES || byMessage.has(message) ? message : 'other lines'
      const repeats = byMessage.get(key) ?? { written: 0, leftOut: 0, level }
      byMessage.set(key, repeats)
      if (repeats.written < perSecond) {
        repeats.written++
        logger[level](message, fields)
      } else repeats.leftOut++
    },
    (level) => logger.isEnabled(level),
  )
}
