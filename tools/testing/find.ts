import { globSync } from 'node:fs'

const WHERE = [
  'test/**/*.test.ts',
  'packages/*/test/**/*.test.ts',
  'bench/test/**/*.test.ts',
  'tools/test/**/*.test.ts',
]

export type Selection = {
  /** Leaves out what takes long: everything in test/ and every file named *.long.test.ts. */
  quick: boolean
  /** Parts of paths; a file is taken if its path contains any of them. None takes all. */
  patterns: readonly string[]
}

/** The test files of the repository at `root`, relative to it, those that take long first so that none of them runs last and alone. */
export function findTests(root: string, { quick, patterns }: Selection): string[] {
  const files = WHERE.flatMap((pattern) => globSync(pattern, { cwd: root }).sort())
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !file.includes('node_modules/'))
    .filter((file) => !(quick && isLong(file)))
    .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
  return [...files.filter(isLong), ...files.filter((file) => !isLong(file))]
}

/** How long a test file may take before it counts as hung, in milliseconds. */
export function limitMs(file: string): number {
  return isLong(file) ? 5 * 60_000 : 2 * 60_000
}

function isLong(file: string): boolean {
  return file.startsWith('test/') || file.endsWith('.long.test.ts')
}
