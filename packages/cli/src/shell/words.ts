/** Cutting a line into words: separated by blanks, or within quotes of either kind. */

const WORD = /[^"'\s]\S*|"[^"]*"|'[^']*'/g
const QUOTED = /^(["'])(.*)\1$/s

/** The words of a line. A quote within a word that does not begin with one is a letter like others, as in zkCli. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(WORD)].map(([word]) => QUOTED.exec(word)?.[2] ?? word)
}
