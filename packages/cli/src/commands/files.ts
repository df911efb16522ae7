/** What `log` and `snapshot` have in common: their options, their errors, their exit code. */
import { isUnreadable, tellReport, type FileReport, type PrinterOptions } from '../files/report.ts'

export interface FileCommandOptions {
  readonly json?: boolean
  readonly check?: boolean
  readonly data?: boolean
}

/** Runs a printer over a file: 0 sound, 1 damaged, 2 if it cannot be read at all. */
export async function runFileCommand(
  path: string,
  { json = false, check = false, data = false }: FileCommandOptions,
  print: (path: string, options: PrinterOptions) => Promise<FileReport>,
): Promise<number> {
  const out = (text: string): void => console.log(text)
  const err = (text: string): void => console.error(text)
  try {
    return tellReport(path, await print(path, { json, check, data, out }), { check, out, err })
  } catch (error) {
    if (!isUnreadable(error)) throw error
    err(`cannot read ${path}: ${error.message}`)
    return 2
  }
}
