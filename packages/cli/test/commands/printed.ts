import type { FileReport, PrinterOptions } from '../../src/files/report.ts'

type Print = (path: string, options: PrinterOptions) => Promise<FileReport>

/** Runs a printer over a file, with nothing asked for but `options`; keeps its lines. */
export async function printed(
  print: Print,
  path: string,
  options: Partial<PrinterOptions> = {},
): Promise<{ lines: string[]; report: FileReport }> {
  const lines: string[] = []
  const out = (text: string): number => lines.push(text)
  const report = await print(path, { json: false, check: false, data: false, out, ...options })
  return { lines, report }
}
