// Installs the dependencies when node_modules does not hold what package-lock.json asks for, and otherwise returns at
// once. It runs before `npm start` and `npm test`, perhaps on an old Node.js, and so is plain JavaScript.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * Says why an installation is needed, or `undefined` where none is. npm records what it installed in
 * node_modules/.package-lock.json; optional packages may be absent there, since they are for other platforms.
 */
export function reasonToInstall(root) {
  const installedLock = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installedLock) || !existsSync(join(root, 'node_modules', '.bin', 'node'))) return 'the first run'
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const installed = JSON.parse(readFileSync(installedLock, 'utf8')).packages
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || (entry.optional && !installed[path])) continue
    if (!isSame(entry, installed[path])) return `${path.replace(/^.*node_modules\//, '')} has changed`
  }
  return undefined
}

function isSame(wanted, installed) {
  if (installed === undefined) return false
  return (
    wanted.version === installed.version &&
    wanted.link === installed.link &&
    JSON.stringify(wanted.bin) === JSON.stringify(installed.bin)
  )
}

function main() {
  const root = dirname(dirname(fileURLToPath(import.meta.url)))
  const reason = reasonToInstall(root)
  if (reason === undefined) return
  console.log(`Installing what package-lock.json names (${reason}); this takes some seconds.`)
  const result = spawnSync('npm ci --no-fund --no-audit --loglevel=error', {
    cwd: root,
    shell: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (result.status === 0) return
  console.error('The installation failed: see above. Is the npm registry reachable? Try `npm ci` by hand.')
  process.exitCode = 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main()
