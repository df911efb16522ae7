import { adjust } from './adjust.ts'
import { check } from './checks.ts'
import type { Reporter } from './checks.ts'
import { assemble } from './configuration.ts'
import type { ServerConfiguration } from './configuration.ts'
import { isMembershipKey, readDynamicFile } from './dynamic-file.ts'
import { entriesOf, formatValue } from './entries.ts'
import { defaults, keyInFile } from './keys.ts'
import type { Values } from './keys.ts'
import { parseMembership } from './membership.ts'
import { ConfigurationError } from './problems.ts'
import type { Notice, Place, Problem } from './problems.ts'
import { collectSettings } from './settings.ts'
import type { Findings, Setting, Settings } from './settings.ts'
import { convert } from './value.ts'

export interface ConfigurationInput {
  /** The name of the file, for messages. */
  readonly file: string
  readonly text: string
  /** SERVER_JVMFLAGS and JVMFLAGS are read of it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Reads the file of `dynamicConfigFile`, and no other; throws if it cannot. */
  readonly readFile: (path: string) => string
}

export interface LoadedConfiguration {
  readonly configuration: ServerConfiguration
  readonly notices: readonly Notice[]
}

/**
 * What a zoo.cfg and the flags for Java beside it tell a server (Apache's QuorumPeerConfig).
 *
 * 1. Collect the settings: flags, then the file, then the members of the dynamic file.
 * 2. Convert each by the type of its key.
 * 3. Correct what Apache corrects, then check what several keys must fulfil together.
 * 4. With no problem found, group the values for those who need them.
 *
 * Throws ConfigurationError with every problem, not only the first.
 */
export function loadConfiguration(input: ConfigurationInput): LoadedConfiguration {
  const findings: Findings = { problems: [], notices: [] }
  const collected = collectSettings(input, findings)
  const settings = { ...collected, known: withDynamicFile(collected.known, input, findings) }
  noticeWithoutEffect(input.file, settings, findings)
  return finish(input, settings, findings)
}

/** The values of a server that needs no file: any key, by its name in zoo.cfg. */
export type StandaloneOptions = Partial<Values> & { readonly dataDir: string }

/** A configuration without a file, for `npm start` and tests. Throws ConfigurationError as loadConfiguration does. */
export function standaloneConfiguration(options: StandaloneOptions): ServerConfiguration {
  const known = new Map<string, Setting>()
  for (const [name, value] of Object.entries(options)) {
    const found = keyInFile(name)
    if (found === undefined || value === undefined) continue
    known.set(name, { ...found, value: formatValue(value, found.key), place: { kind: 'program' } })
  }
  return finish({ file: '', text: '' }, { known, unknown: [] }, { problems: [], notices: [] }).configuration
}

function withDynamicFile(
  known: ReadonlyMap<string, Setting>,
  input: ConfigurationInput,
  findings: Findings,
): ReadonlyMap<string, Setting> {
  const pointer = known.get('dynamicConfigFile')
  if (pointer === undefined) return known
  for (const { name, suffix, place } of known.values()) {
    if (!isMembershipKey(name)) continue
    findings.problems.push({
      place,
      key: name + suffix,
      text: `must stand in the dynamic file; move the line to ${pointer.value}`,
    })
  }
  const members = readDynamicFile(pointer, input.readFile, findings)
  return new Map([...known, ...members.map((member) => [member.name + member.suffix, member] as const)])
}

function noticeWithoutEffect(file: string, { known }: Settings, { notices }: Findings): void {
  const forEnsembles: string[] = []
  for (const { name, suffix, key, place } of known.values()) {
    if (key.status === 'java') {
      notices.push({ level: 'warning', place, key: name + suffix, text: `has no effect, ${key.why ?? ''}` })
    } else if (key.status === 'ensemble' && key.ordinary !== true) {
      forEnsembles.push(name + suffix)
    }
  }
  if (forEnsembles.length === 0) return
  const text = `without effect on a server that runs alone: ${forEnsembles.join(', ')}`
  notices.push({ level: 'info', place: { kind: 'file', file }, text })
}

function finish(source: { file: string; text: string }, settings: Settings, findings: Findings): LoadedConfiguration {
  const { known } = settings
  const report = reporter(source.file, known, findings)
  const values = adjust(valuesOf(known.values(), findings), report)
  const family = (...names: string[]) => [...known.values()].filter(({ name }) => names.includes(name))
  const membership = parseMembership(
    family('server.', 'group.', 'weight.'),
    { multiAddress: values['multiAddress.enabled'] },
    ({ name, suffix, value, place }, text) => findings.problems.push({ place, key: name + suffix, value, text }),
  )
  const checked = { values, membership, providers: family('authProvider.') }
  check(checked, report)
  if (findings.problems.length > 0) throw new ConfigurationError(findings.problems.sort(byLine))
  const superUsers = family('superUser', 'superUser.').map(({ value }) => value)
  const configuration = assemble(checked, { ...source, entries: entriesOf(settings), superUsers })
  return { configuration, notices: findings.notices }
}

/** In the order of the file, after what stands in no line. */
function byLine(a: Problem, b: Problem): number {
  return lineOf(a) - lineOf(b)
}

function lineOf({ place }: Problem): number {
  return place.kind === 'file' ? (place.line ?? 0) : 0
}

/** The defaults and over them what was set; what is malformed is reported and leaves the default. */
function valuesOf(settings: Iterable<Setting>, { problems }: Findings): Values {
  const converted: Record<string, unknown> = {}
  for (const { name, key, value, place } of settings) {
    if (key.type.kind === 'family') continue
    const result = convert(value, key.type)
    if ('value' in result) converted[name] = result.value
    else problems.push({ place, key: name, ...(key.type.kind !== 'secret' && { value }), text: result.problem })
  }
  return { ...defaults, ...converted }
}

/** Reports at the place where a key is set; a key that is malformed already gets no second problem. */
function reporter(file: string, known: ReadonlyMap<string, Setting>, { problems, notices }: Findings): Reporter {
  const whole: Place = file === '' ? { kind: 'program' } : { kind: 'file', file }
  const at = (key: string) => ({ place: known.get(key)?.place ?? whole, key })
  return {
    problem: (key, text) => {
      if (!problems.some((problem) => problem.key === key)) problems.push({ ...at(key), text })
    },
    notice: (level, key, text) => notices.push({ level, ...at(key), text }),
  }
}
