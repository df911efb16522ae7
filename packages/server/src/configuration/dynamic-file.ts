import { keyInFile } from './keys.ts'
import { parseProperties } from './parse.ts'
import type { Place } from './problems.ts'
import type { Findings, Setting } from './settings.ts'

const membershipKeys: ReadonlySet<string> = new Set(['server.', 'group.', 'weight.'])

export function isMembershipKey(name: string): boolean {
  return membershipKeys.has(name)
}

/**
 * The members that a dynamic file names. It holds `server.N`, `group.G` and `weight.N` and nothing else; its version is
 * the end of its name, so it must not stand inside (Apache's QuorumPeerConfig.parse).
 */
export function readDynamicFile(
  pointer: Setting,
  readFile: (path: string) => string,
  { problems, notices }: Findings,
): readonly Setting[] {
  const file = pointer.value
  const text = contentOf(file, readFile)
  if (text instanceof Error) {
    problems.push({
      place: pointer.place,
      key: pointer.name,
      value: file,
      text: `cannot be read (${text.message}); write the path of the file with the server.N lines`,
    })
    return []
  }
  const settings = new Map<string, Setting>()
  const { properties, problems: malformed } = parseProperties(text)
  for (const { line, text: wrong } of malformed) problems.push({ place: { kind: 'file', file, line }, text: wrong })
  for (const { key, value, line } of properties) {
    const place: Place = { kind: 'file', file, line }
    const found = keyInFile(key.trim())
    if (found === undefined || !isMembershipKey(found.name)) {
      const instead =
        key.trim() === 'version'
          ? 'the end of the file name is the version; take the line out'
          : 'only server.N, group.G and weight.N stand in a dynamic file; move it to the static one'
      problems.push({ place, key, value, text: instead })
      continue
    }
    const name = found.name + found.suffix
    if (settings.has(name)) notices.push({ level: 'info', place, key, text: 'set before; this later line counts' })
    settings.set(name, { ...found, value: value.trim(), place })
  }
  return [...settings.values()]
}

function contentOf(file: string, readFile: (path: string) => string): string | Error {
  try {
    return readFile(file)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
