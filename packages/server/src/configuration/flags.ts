import type { Notice, Place, Problem } from './problems.ts'

export interface SystemProperty {
  readonly property: string
  readonly value: string
  readonly place: Place
}

export interface JvmFlags {
  /** Properties that may be ours, in the order in which Java would see them: a later one wins. */
  readonly properties: SystemProperty[]
  readonly notices: Notice[]
  readonly problems: Problem[]
}

/** Properties without `zookeeper.` in front that Apache's server reads. */
const plainProperties: ReadonlySet<string> = new Set([
  'readonlymode.enabled',
  'jute.maxbuffer',
  'java.security.auth.login.config',
  'fsync.warningthresholdms',
  'follower.nodelay',
  'leader.nodelay',
  'znode.container.checkIntervalMs',
  'znode.container.maxPerMinute',
  'znode.container.maxNeverUsedIntervalMs',
])

const groups = [
  {
    flags: /^-(Xm[sxn]|Xss|XX:(Max|Min|Initial)?(RAM|Heap))/,
    what: 'memory of a JVM; Node.js takes NODE_OPTIONS=--max-old-space-size=MB',
  },
  { flags: /^-D/, what: 'properties that are not ZooKeeper’s' },
  { flags: /^/, what: 'options of a JVM' },
] as const

/**
 * What Apache's start script hands to Java in SERVER_JVMFLAGS and then JVMFLAGS. Words are split at blanks, quotes and
 * backslashes keep blanks as in a shell.
 */
export function readJvmFlags(environment: Readonly<Record<string, string | undefined>>): JvmFlags {
  const flags: JvmFlags = { properties: [], notices: [], problems: [] }
  for (const variable of ['SERVER_JVMFLAGS', 'JVMFLAGS']) {
    const place: Place = { kind: 'environment', variable }
    const words = splitWords(environment[variable] ?? '')
    if (words === undefined) {
      flags.problems.push({ place, text: 'a quote is not closed; close it or put a backslash before it' })
    } else {
      readWords(words, place, flags)
    }
  }
  return flags
}

function readWords(words: readonly string[], place: Place, flags: JvmFlags): void {
  const ignored = new Map<string, string[]>()
  for (const word of words) {
    const [, property, value] = /^-D([^=]+)=?([^]*)$/.exec(word) ?? []
    if (property !== undefined && (property.startsWith('zookeeper.') || plainProperties.has(property))) {
      flags.properties.push({ property, value: (value ?? '').trim(), place })
    } else {
      const what = groups.find((group) => group.flags.test(word))?.what ?? ''
      ignored.set(what, [...(ignored.get(what) ?? []), property === undefined ? word : `-D${property}`])
    }
  }
  for (const [what, ignoredWords] of ignored) {
    flags.notices.push({ level: 'info', place, text: `ignored, ${what}: ${ignoredWords.join(' ')}` })
  }
}

/** The words of a shell command without its expansions, or undefined where a quote is left open. */
function splitWords(text: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index)
    if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (character === quote) {
      quote = ''
    } else if (quote === '' && (character === '"' || character === "'")) {
      quote = character
      word ??= ''
    } else if (character === '\\' && quote !== "'" && index + 1 < text.length) {
      word = (word ?? '') + text.charAt(++index)
    } else {
      word = (word ?? '') + character
    }
  }
  if (word !== undefined) words.push(word)
  return quote === '' ? words : undefined
}
