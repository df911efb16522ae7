import { WORDS } from '../../packages/server/src/fourLetterWords/words.ts'
import type { Word } from '../../packages/server/src/fourLetterWords/words.ts'
import { code, table } from './markdown.ts'

export const file = 'docs/reference/four-letter-words.md'

const introduction = `# Four-letter words

<!-- Generated from packages/server/src/fourLetterWords/words.ts by tools/generate/four-letter-words.ts: change it there. -->

Send one of these words as the first four bytes of a connection to a client port; the server answers with text and closes
the connection: \`echo srvr | nc localhost 2181\`. The answers have the form of Apache ZooKeeper 3.9.

\`4lw.commands.whitelist\` names the words that are allowed, \`*\` all of them. \`srvr\` always is, \`isro\` where read-only mode
is on. Another word is answered \`<word> is not executed because it is not in the whitelist.\`

While the server does not serve, most words are answered \`This ZooKeeper instance is not currently serving requests\`.

The [admin server](admin-commands.md) tells the same as JSON.
`

export function make(): string {
  const rows = Object.entries<Word>(WORDS).map(([name, { help, notServing }]) => [
    code(name),
    help,
    notServing === undefined ? 'the same' : notServing === 'null' ? code('null') : 'that it does not serve',
  ])
  return `${introduction}\n${table(['Word', 'Answer', 'While not serving'], rows)}\n`
}
