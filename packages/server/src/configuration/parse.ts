/**
 * The syntax of Java's properties files (java.util.Properties.load), which zoo.cfg has.
 *
 *   file      = { natural line, ended by LF, CR or CR LF }
 *   blank     = space | tab | form feed
 *   comment   = {blank} ("#" | "!") anything                            only where no line goes on
 *   logical   = natural lines of which each but the last ends in an odd number of backslashes;
 *               blanks at the beginning of each are dropped
 *   logical   = key [ {blank} ["=" | ":"] {blank} value ]               key ends at the first unescaped blank, = or :
 *   escape    = \t | \n | \r | \f | \uXXXX | \ any other character, which stands for itself
 */
export interface Property {
  readonly key: string
  readonly value: string
  /** The natural line on which the property begins, from 1. */
  readonly line: number
}

export interface SyntaxProblem {
  readonly line: number
  readonly text: string
}

/** All properties in the order of the file, duplicates included, and the lines that Java would refuse. */
export function parseProperties(text: string): { properties: Property[]; problems: SyntaxProblem[] } {
  const properties: Property[] = []
  const problems: SyntaxProblem[] = []
  for (const { content, line } of logicalLines(text)) {
    const { key, value } = splitProperty(content)
    const decodedKey = unescaped(key)
    const decodedValue = unescaped(value)
    if (decodedKey === undefined || decodedValue === undefined) {
      problems.push({ line, text: '\\u needs four hexadecimal digits after it; for a backslash itself write two' })
    } else {
      properties.push({ key: decodedKey, value: decodedValue, line })
    }
  }
  return { properties, problems }
}

interface LogicalLine {
  readonly content: string
  readonly line: number
}

function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = []
  let begun: { content: string; line: number } | undefined
  for (const [index, natural] of text.split(/\r\n|\r|\n/).entries()) {
    const content = natural.replace(/^[ \t\f]+/, '')
    // Java forgets a line that was nothing but its backslash, so that a comment may follow it.
    if (begun?.content === '') begun = undefined
    if (begun === undefined && (content === '' || content.startsWith('#') || content.startsWith('!'))) continue
    const continues = endsInOddBackslashes(content)
    begun ??= { content: '', line: index + 1 }
    begun.content += continues ? content.slice(0, -1) : content
    if (continues) continue
    lines.push(begun)
    begun = undefined
  }
  if (begun !== undefined && begun.content !== '') lines.push(begun)
  return lines
}

function endsInOddBackslashes(content: string): boolean {
  let count = 0
  while (count < content.length && content[content.length - 1 - count] === '\\') count++
  return count % 2 === 1
}

function splitProperty(content: string): { key: string; value: string } {
  let end = 0
  while (end < content.length && !/[ \t\f=:]/.test(content.charAt(end))) end += content[end] === '\\' ? 2 : 1
  const key = content.slice(0, end)
  const value = content.slice(end).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '')
  return { key, value }
}

const letters: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

/** The text without its escapes, or undefined where a \u is malformed. */
function unescaped(text: string): string | undefined {
  if (!text.includes('\\')) return text
  if (/(?<!\\)(?:\\\\)*\\u(?![0-9a-fA-F]{4})/.test(text)) return undefined
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([^]?))/g, (_, hex: string | undefined, letter: string | undefined) =>
    hex === undefined ? (letters[letter ?? ''] ?? letter ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
