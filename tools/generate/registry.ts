import { globSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'

/** A file that is made from tables. Each module tools/generate/*.ts that exports `file` and `make` is one. */
export type Generated = {
  /** Its path in the repository. */
  file: string
  make: () => string | Promise<string>
}

/** Every generated file, found by its module, so that a new one is a new module and no other change. */
export async function findGenerated(root: string): Promise<Generated[]> {
  const found: Generated[] = []
  for (const path of globSync('tools/generate/*.ts', { cwd: root }).sort()) {
    const module = (await import(join(root, path))) as Partial<Generated>
    if (module.file !== undefined && module.make !== undefined) found.push({ file: module.file, make: module.make })
  }
  return found
}

/** The file's text as it is to stand in the repository at `root`: in the form that prettier gives it. */
export async function render(root: string, { file, make }: Generated): Promise<string> {
  const filepath = join(root, file)
  return await format(await make(), { ...(await resolveConfig(filepath)), filepath })
}
