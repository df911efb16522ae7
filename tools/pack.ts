// Makes the tarballs that are published: `npm run pack:all` writes .cache/pack/*.tgz.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { build, packageFolders } from './publishing/build.ts'
import { type Manifest, publishedManifest } from './publishing/manifest.ts'

const root = dirname(import.meta.dirname)
const output = join(root, '.cache', 'pack')

const faults = await build(root)
if (faults.length === 0) {
  rmSync(output, { recursive: true, force: true })
  const folders = packageFolders(root)
  const workspace = folders.map(manifestOf)
  for (const [index, folder] of folders.entries())
    faults.push(...pack(folder, publishedManifest(workspace[index] as Manifest, workspace)))
}
for (const fault of faults) console.error(fault)
process.exitCode = faults.length > 0 ? 1 : 0

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')) as Manifest
}

function pack(folder: string, manifest: Manifest): string[] {
  const source = join(root, 'packages', folder)
  const stage = join(output, folder)
  mkdirSync(stage, { recursive: true })
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  for (const part of ['dist', 'bin']) {
    if (existsSync(join(source, part))) cpSync(join(source, part), join(stage, part), { recursive: true })
  }
  cpSync(join(root, 'LICENSE'), join(stage, 'LICENSE'))
  const { status } = spawnSync('npm', ['pack', '--silent', '--pack-destination', output], {
    cwd: stage,
    stdio: 'inherit',
  })
  return status === 0 ? [] : [`packages/${folder}: npm pack ended with code ${status}`]
}
