// Writes every generated file anew: `npm run generate`.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findGenerated, render } from './generate/registry.ts'

const root = dirname(import.meta.dirname)
for (const generated of await findGenerated(root)) {
  const path = join(root, generated.file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, await render(root, generated))
  console.log(generated.file)
}
