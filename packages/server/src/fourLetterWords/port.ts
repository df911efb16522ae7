/** Four-letter words at a client port: what the first bytes of a connection are, and what is answered. */
import {
  allowedWords,
  answerFourLetterWord,
  fourLetterWordOf,
  STMK_ARGUMENT_BYTES,
  type WordContext,
} from './answer.ts'

/** Text to send before the connection is closed; undefined if the bytes, at least four, are a frame's. */
export function fourLetterWordPort(
  configured: Parameters<typeof allowedWords>[0],
  context: Omit<WordContext, 'secure' | 'argument'>,
): (bytes: Buffer, secure: boolean) => { text: string } | 'more bytes' | undefined {
  const allowed = allowedWords(configured)
  const { statistics } = context.status
  return (bytes, secure) => {
    const word = fourLetterWordOf(bytes)
    if (word === undefined) return undefined
    if (word === 'stmk' && bytes.length < 4 + STMK_ARGUMENT_BYTES) return 'more bytes'
    const argument = word === 'stmk' ? { argument: bytes.readBigInt64BE(4) } : {}
    // As Apache counts: a word is a packet each way, and its own answer shows it half done.
    statistics.received++
    context.metrics.bytes_received_count.add(4)
    const text = answerFourLetterWord(word, { ...context, allowed, secure, ...argument })
    statistics.sent++
    return { text }
  }
}
