import { keyGroups, propertiesOf } from '../../packages/server/src/configuration/keys.ts'
import type { Key, KeyType } from '../../packages/server/src/configuration/keys/key.ts'
import { formatValue } from '../../packages/server/src/configuration/entries.ts'
import { isLimitOfJava } from '../../packages/server/src/configuration/value.ts'

export const file = 'docs/reference/configuration.md'

const introduction = `# Configuration

<!-- Generated from packages/server/src/configuration/keys by tools/generate/configuration.ts: change it there. -->

A server reads a \`zoo.cfg\` in the syntax of Java's properties files: one \`key=value\` a line, \`#\` before a comment, a
backslash at the end of a line that goes on; of a key set twice the later line counts. A key that has a property may also be
given as \`-Dproperty=value\` in the environment variables \`SERVER_JVMFLAGS\` and \`JVMFLAGS\`, which Apache's scripts hand
to Java. Where both are there the file counts, except for properties without \`zookeeper.\` in front, which Apache's server
reads from flags alone and Meerkat from both. A key that the file has with \`zookeeper.\` in front means the same as without.

A malformed value, or values that contradict each other, keep the server from starting: it names every one of them with
file and line. A key that nobody knows has no effect and is named in a warning, with the nearest known one.

The status says what a key does here:

- **honoured**: the server acts on it.
- **ensemble**: it is checked, and has a meaning only among several servers.
- **Java**: it tunes Apache's Java process; the server names it in a warning, with the reason, and goes on.
`

const head = ['Key', 'Property', 'Type', 'Default', 'Status', 'What it does']

/** The reference page of all keys, in Markdown. */
export function make(): string {
  const sections = keyGroups.map(({ title, keys }) => {
    const rows = Object.entries<Key<unknown>>(keys).map(([name, key]) => row(name, key))
    return `## ${title}\n\n${table([head, ...rows])}\n`
  })
  return [introduction, ...sections].join('\n')
}

function table(rows: readonly (readonly string[])[]): string {
  const lines = rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
  return lines.toSpliced(1, 0, `|${' --- |'.repeat(head.length)}`).join('\n')
}

function row(name: string, key: Key<unknown>): readonly string[] {
  const suffix = key.type.kind === 'family' ? key.type.suffix : ''
  const properties = propertiesOf(name, key).map((property) => `\`${property}${suffix}\``)
  const status = key.status === 'java' ? 'Java' : key.status
  const doc = key.why === undefined ? key.doc : `${key.doc} No effect: ${key.why}.`
  return [`\`${name}${suffix}\``, properties.join(', ') || 'none', form(key.type), defaultOf(key), status, doc]
}

function defaultOf(key: Key<unknown>): string {
  if (key.defaultText !== undefined) return key.defaultText
  const text = formatValue(key.default, key)
  return text === '' ? 'none' : `\`${text}\``
}

function form(type: KeyType): string {
  switch (type.kind) {
    case 'int':
    case 'long':
    case 'port':
      return numberForm(type)
    case 'fraction':
      return Number.isFinite(type.min) ? `number, ${type.min} to ${type.max}` : 'number'
    case 'boolean':
      return '`true` or `false`'
    case 'yesNo':
      return '`yes` or `no`'
    case 'choice':
      return type.choices.map((choice) => (choice === '' ? 'empty' : `\`${choice}\``)).join(', ')
    case 'list':
      return 'list, by commas'
    case 'string':
    case 'family':
      return 'text'
    case 'secret':
      return 'text, secret'
    case 'path':
      return 'path'
    case 'unread':
      return type.form
  }
}

function numberForm({ kind, min, max, unit }: { kind: string; min: number; max: number; unit: string }): string {
  if (kind === 'port') return 'port'
  if (min === max) return `${min} alone`
  const low = isLimitOfJava(min) ? '' : `, ${min} or more`
  const bounds = isLimitOfJava(max) ? low : `, ${isLimitOfJava(min) ? 'up' : min} to ${max}`
  return `${unit === '' ? 'whole number' : `whole number of ${unit}`}${bounds}`
}
