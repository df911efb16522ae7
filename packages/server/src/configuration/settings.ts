import { readJvmFlags } from './flags.ts'
import type { Key } from './keys/key.ts'
import type { FoundKey } from './keys.ts'
import { keyInFile, keyNames, keyOfProperty } from './keys.ts'
import { nearestName } from './nearest.ts'
import { parseProperties } from './parse.ts'
import type { Notice, Place, Problem } from './problems.ts'

/** One key that the user set. */
export interface Setting extends FoundKey {
  /** As written, without the white space around it. */
  readonly value: string
  readonly place: Place
}

/** A key that nobody knows. Apache makes a system property of it, so it shows among those. */
export interface UnknownSetting {
  readonly property: string
  readonly value: string
  readonly place: Place
}

/** Names as they stand in files: of a family its first member. */
const writtenNames = keyNames.map((name) => (name.endsWith('.') ? `${name}1` : name))

/** What was found wrong (`problems`) or worth saying (`notices`) so far. */
export interface Findings {
  readonly problems: Problem[]
  readonly notices: Notice[]
}

export interface Settings {
  /** By key and suffix: one setting each, that which counts. */
  readonly known: ReadonlyMap<string, Setting>
  readonly unknown: readonly UnknownSetting[]
}

/**
 * The settings of a configuration file and of the flags for Java beside it. Where both set a key, the file counts, as
 * Apache sets its system properties from the file after Java did from the flags; except for the keys that Apache reads
 * under a plain property (`jute.maxbuffer`), which it would not find in the file at all.
 */
export function collectSettings(
  source: { file: string; text: string; environment: Readonly<Record<string, string | undefined>> },
  findings: Findings,
): Settings {
  const known = new Map<string, Setting>()
  const unknown: UnknownSetting[] = []
  collectFlags(source.environment, known, unknown, findings)
  collectFile(source, known, unknown, findings)
  return { known, unknown }
}

/** Whether Apache reads the key from a flag for Java alone. */
export function isFlagOnly(key: Key<unknown>): boolean {
  return typeof key.property === 'string' && !key.property.startsWith('zookeeper.')
}

function collectFlags(
  environment: Readonly<Record<string, string | undefined>>,
  known: Map<string, Setting>,
  unknown: UnknownSetting[],
  findings: Findings,
): void {
  const flags = readJvmFlags(environment)
  findings.problems.push(...flags.problems)
  findings.notices.push(...flags.notices)
  for (const { property, value, place } of flags.properties) {
    const found = keyOfProperty(property)
    if (found !== undefined) {
      known.set(found.name + found.suffix, { ...found, value, place })
      continue
    }
    unknown.push({ property, value, place })
    findings.notices.push({ level: 'warning', place, key: `-D${property}`, text: unknownPropertyText(property) })
  }
}

function collectFile(
  { file, text }: { file: string; text: string },
  known: Map<string, Setting>,
  unknown: UnknownSetting[],
  { notices, problems }: Findings,
): void {
  const { properties, problems: malformed } = parseProperties(text)
  for (const { line, text: wrong } of malformed) problems.push({ place: { kind: 'file', file, line }, text: wrong })
  for (const property of properties) {
    const [written, value] = [trimAsJava(property.key), trimAsJava(property.value)]
    const place: Place = { kind: 'file', file, line: property.line }
    const found = keyInFile(written)
    if (found === undefined) {
      unknown.push({ property: `zookeeper.${written}`, value, place })
      notices.push({ level: 'warning', place, key: written, text: unknownText(written) })
      continue
    }
    const note = (noteText: string) => notices.push({ level: 'info', place, key: written, text: noteText })
    if (written.startsWith('zookeeper.'))
      note(`Apache’s server ignores it with \`zookeeper.\` in front in a file; taken as ${found.name}${found.suffix}`)
    const before = known.get(found.name + found.suffix)
    if (before?.place.kind === 'file') note(`set before on line ${before.place.line ?? '?'}; this later line counts`)
    if (isFlagOnly(found.key)) {
      if (before?.place.kind === 'environment') {
        note(`-D${written} in ${before.place.variable} counts, not this line`)
        continue
      }
      note(`Apache’s server takes it from a flag for Java only, -D${written}; here this line counts`)
    }
    known.set(found.name + found.suffix, { ...found, value, place })
  }
}

function unknownPropertyText(property: string): string {
  const found = keyInFile(property)
  if (found === undefined) return unknownText(property)
  const instead = isFlagOnly(found.key)
    ? `its property is ${found.name}`
    : `write ${found.name}${found.suffix} into the configuration file`
  return `no such property, it has no effect, nor has it in Apache’s server; ${instead}`
}

function unknownText(written: string): string {
  const prefix = written.startsWith('zookeeper.') ? 'zookeeper.' : ''
  const near = nearestName(written.slice(prefix.length), writtenNames)
  const hint = near === undefined ? 'take it out if nothing else reads it' : `did you mean ${prefix}${near}?`
  return `no such key, it has no effect; ${hint}`
}

/** Java's String.trim: everything up to the blank is white space, nothing beyond it. */
function trimAsJava(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && text.charCodeAt(start) <= 0x20) start++
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--
  return text.slice(start, end)
}
