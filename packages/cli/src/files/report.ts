/** What the check of a file found. `offset` is where the damage begins, in bytes of the file's (uncompressed) content. */
export type FileReport =
  | { readonly kind: 'sound'; readonly what: string }
  | { readonly kind: 'damaged'; readonly offset: number; readonly problem: string; readonly what: string }

/** Says what was found where it is asked for or needed, and gives the exit code: 0 sound, 1 damaged. */
export function tellReport(
  path: string,
  report: FileReport,
  { check, out, err }: { check: boolean; out: (text: string) => void; err: (text: string) => void },
): number {
  if (report.kind === 'sound') {
    if (check) out(`${path}: sound, ${report.what}`)
    return 0
  }
  err(`${path}: damaged at byte ${report.offset}: ${report.problem} (${report.what})`)
  return 1
}

/** Where a printer's lines go, and which it prints. */
export interface PrinterOptions {
  readonly json: boolean
  /** Prints nothing of what is sound. */
  readonly check: boolean
  readonly data: boolean
  readonly out: (text: string) => void
}

/** Whether the system would not give the file, which says nothing of what is in it. */
export function isUnreadable(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error
}
