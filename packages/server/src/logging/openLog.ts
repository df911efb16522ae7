import { StreamDestination } from './destination.ts'
import { FileDestination } from './fileDestination.ts'
import { formatLine } from './format.ts'
import type { LogFormat } from './format.ts'
import { Logging } from './logging.ts'
import type { LogLevel } from './levels.ts'

/** The keys meerkat.log.*. */
export interface LogSettings {
  readonly level: LogLevel
  /** Undefined is standard output. */
  readonly file: string | undefined
  readonly maxSizeMb: number
  readonly maxFiles: number
  readonly format: 'json' | 'pretty'
}

/** Opens the log of the process; throws if its file cannot be opened. */
export function openLog(settings: LogSettings): Logging {
  const format = formatOf(settings)
  const describeDrops = dropLine(format)
  const destination =
    settings.file === undefined
      ? new StreamDestination(process.stdout, describeDrops)
      : new FileDestination(
          {
            file: settings.file,
            maxSizeBytes: settings.maxSizeMb * 1024 * 1024,
            maxFiles: settings.maxFiles,
            onFailure: complain(settings.file),
          },
          describeDrops,
        )
  return new Logging({ level: settings.level, format, destination, nowMs: Date.now })
}

/** Colours are for terminals that want them. */
function formatOf({ format, file }: LogSettings): LogFormat {
  const coloured = file === undefined && process.stdout.isTTY && process.env['NO_COLOR'] === undefined
  return format === 'pretty' && coloured ? 'pretty in colour' : format
}

/** The line that tells of lost ones. */
export function dropLine(format: LogFormat): (count: number) => string {
  return (count) =>
    formatLine(
      {
        level: 'warn',
        atMs: Date.now(),
        component: 'log',
        message: 'log lines were lost since they could not be written in time',
        fields: { count },
      },
      format,
    )
}

export function complain(file: string): (error: Error) => void {
  return (error) => process.stderr.write(`the log file ${file} cannot be written: ${error.message}\n`)
}
