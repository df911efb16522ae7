import { posix } from 'node:path'
import { type Check, isCode, readFiles, type SourceFile } from './check.ts'

type Rule = {
  /** The packages of the workspace that it may import. */
  packages: readonly string[]
  /** What its sources may import from elsewhere. */
  outside: 'nothing' | 'Node.js' | 'Node.js and npm'
}

/** The architecture: what each package may import. Nothing points up. */
const RULES: Record<string, Rule> = {
  protocol: { packages: [], outside: 'nothing' },
  engine: { packages: ['protocol'], outside: 'nothing' },
  io: { packages: ['protocol'], outside: 'Node.js' },
  client: { packages: ['protocol'], outside: 'Node.js' },
  server: { packages: ['engine', 'io', 'protocol'], outside: 'Node.js and npm' },
  simulator: { packages: ['server', 'engine', 'io', 'protocol'], outside: 'Node.js and npm' },
  cli: { packages: ['client', 'server', 'io', 'engine', 'protocol'], outside: 'Node.js and npm' },
}

/** Imports go only where the architecture allows. */
export const imports: Check = {
  name: 'import directions',
  find: (root) => findWrongImports(readFiles(root, (path) => path.startsWith('packages/') && isCode(path))),
}

export function findWrongImports(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    importsOf(file.text).flatMap(({ specifier, line }) => {
      const fault = faultOfImport(file.path, specifier)
      return fault === undefined ? [] : [`${file.path}:${line}: imports ${specifier}: ${fault}`]
    }),
  )
}

const IMPORT =
  /^[ \t]*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^[ \t]*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm

function importsOf(text: string): { specifier: string; line: number }[] {
  return [...text.matchAll(IMPORT)].map((match) => ({
    specifier: match[1] ?? match[2] ?? match[3] ?? '',
    line: text.slice(0, match.index + match[0].length).split('\n').length,
  }))
}

function faultOfImport(path: string, specifier: string): string | undefined {
  const [, name = '', part = ''] = path.split('/')
  const rule = RULES[name]
  if (rule === undefined) return `tools/check/imports.ts has no rule for the package ${name}`
  const isSource = part === 'src'
  if (specifier.startsWith('.')) return faultOfRelative({ path, specifier, name, isSource })
  if (specifier.startsWith('@meerkat/')) return faultOfPackage(specifier.slice('@meerkat/'.length), name, rule)
  if (!isSource || rule.outside === 'Node.js and npm') return undefined
  if (rule.outside === 'Node.js' && specifier.startsWith('node:')) return undefined
  return `${name} imports ${rule.outside === 'nothing' ? 'neither Node.js nor npm packages' : 'no npm packages'}`
}

function faultOfRelative({
  path,
  specifier,
  name,
  isSource,
}: {
  path: string
  specifier: string
  name: string
  isSource: boolean
}) {
  const target = posix.join(posix.dirname(path), specifier)
  if (target.startsWith(isSource ? `packages/${name}/src/` : `packages/${name}/`)) return undefined
  if (!isSource && target.startsWith('test/support/')) return undefined
  return isSource
    ? 'sources import other packages by name'
    : 'tests import their own package, others by name, and test/support'
}

function faultOfPackage(target: string, name: string, { packages }: Rule): string | undefined {
  if (target.includes('/')) return 'a package is imported by its index.ts alone, its public face'
  if (target === name || packages.includes(target)) return undefined
  return `${name} may import ${packages.length === 0 ? 'no other package' : `only ${packages.join(', ')}`}`
}
