import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findGenerated, type Generated, render } from '../generate/registry.ts'
import type { Check } from './check.ts'

/** Generated files are as their tables would make them now. */
export const generatedFiles: Check = {
  name: 'generated files',
  find: async (root) => await findStale(root, await findGenerated(root)),
}

export async function findStale(root: string, entries: readonly Generated[]): Promise<string[]> {
  const faults: string[] = []
  for (const entry of entries) {
    const path = join(root, entry.file)
    const there = existsSync(path) ? readFileSync(path, 'utf8') : undefined
    if (there !== (await render(root, entry)))
      faults.push(`${entry.file}: not as its table makes it, run \`npm run generate\``)
  }
  return faults
}
