import { WORDS } from './words.ts'
import type { FourLetterWord, WordContext } from './words.ts'

export type { FourLetterWord, WordContext } from './words.ts'

/** What a telnet client sends at Ctrl-C; Apache counts it among the words and answers it with a closed connection. */
export const TELNET_CLOSE = 'telnet close'
export type KnownWord = FourLetterWord | typeof TELNET_CLOSE

/** `stmk` has an argument of this many bytes, the mask as a big-endian long. */
export const STMK_ARGUMENT_BYTES = 8

const byCode: ReadonlyMap<number, KnownWord> = new Map<number, KnownWord>([
  ...(Object.keys(WORDS) as FourLetterWord[]).map((name) => [codeOf(Buffer.from(name)), name] as const),
  [codeOf([0xff, 0xf4, 0xff, 0xfd]), TELNET_CLOSE],
])

/**
 * The word that a connection begins with, or undefined if its first four bytes are a frame's length. Whether there are
 * four bytes is for the caller to check; further ones are not looked at.
 */
export function fourLetterWordOf(bytes: ArrayLike<number>): KnownWord | undefined {
  return byCode.get(codeOf(bytes))
}

function codeOf(bytes: ArrayLike<number>): number {
  const at = (index: number): number => bytes[index] ?? 0
  return ((at(0) << 24) | (at(1) << 16) | (at(2) << 8) | at(3)) >>> 0
}

/** The words that the configuration allows: all of them, or the known ones of its list. */
export function allowedWords(configured: {
  readonly all: boolean
  readonly whitelist: readonly string[]
}): ReadonlySet<KnownWord> {
  return new Set([...byCode.values()].filter((name) => configured.all || configured.whitelist.includes(name)))
}

/** The text to send before the connection is closed. */
export function answerFourLetterWord(
  name: KnownWord,
  context: WordContext & { readonly allowed: ReadonlySet<KnownWord> },
): string {
  if (!context.allowed.has(name)) return `${name} is not executed because it is not in the whitelist.\n`
  if (name === TELNET_CLOSE) return ''
  const word = WORDS[name]
  if (word.notServing !== undefined && !context.status.isServing()) return word.notServing
  return word.answer(context)
}
