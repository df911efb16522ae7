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
