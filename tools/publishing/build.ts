import { globSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { bundle } from '../bundle.mjs'
import { faultsOf, runTool } from '../check/check.ts'

/**
 * Compiles every package's sources to JavaScript and declarations in its dist, in one run of the compiler since they
 * refer to each other, and bundles the command. Returns what the compiler found wrong; then no dist has changed.
 */
export async function build(root: string): Promise<string[]> {
  const output = join(root, '.cache', 'build')
  rmSync(output, { recursive: true, force: true })
  const faults = faultsOf('tsc', await runTool(root, 'tsc', ['-p', 'tsconfig.build.json', '--pretty', 'false']))
  if (faults.length > 0) return faults
  for (const compiled of globSync('*/src/index.js', { cwd: output }).map(dirname)) {
    const dist = join(root, 'packages', dirname(compiled), 'dist')
    rmSync(dist, { recursive: true, force: true })
    mkdirSync(dirname(dist), { recursive: true })
    renameSync(join(output, compiled), dist)
  }
  await bundle(root)
  return []
}

/** The names of the packages' folders under packages/. */
export function packageFolders(root: string): string[] {
  return globSync('packages/*/package.json', { cwd: root })
    .map((manifest) => basename(dirname(manifest)))
    .sort()
}
