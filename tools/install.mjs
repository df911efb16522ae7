// Makes all ready to run. Installs the dependencies when node_modules does not hold what package-lock.json asks for: all of
// them, or with --production those that running the server takes. Then bundles the command when it is not fresh. It runs
// before `npm start` and `npm test`, perhaps on an old Node.js, and so is plain JavaScript.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { bundle } from './bundle.mjs'

/**
 * What to install and why, or `undefined` where nothing is needed. npm records what it installed in
 * node_modules/.package-lock.json. Optional packages may be absent there, since they are for other platforms.
 * A folder that has packages for development keeps them, whatever is asked for.
 */
export function planInstall(root, { production }) {
  const installedLock = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installedLock) || !existsSync(join(root, 'node_modules', '.bin', 'node'))) {
    return { reason: 'the first run', production }
  }
  const wanted = readPackages(join(root, 'package-lock.json'))
  const installed = readPackages(installedLock)
  const isForRunning = production && !Object.values(installed).some((entry) => entry.dev)
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || (production && entry.dev) || (entry.optional && !installed[path])) continue
    if (isSame(entry, installed[path])) continue
    return { reason: `${path.replace(/^.*node_modules\//, '')} is new or has changed`, production: isForRunning }
  }
  return undefined
}

function readPackages(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages
}

function isSame(wanted, installed) {
  if (installed === undefined) return false
  return (
    wanted.version === installed.version &&
    wanted.link === installed.link &&
    JSON.stringify(wanted.bin) === JSON.stringify(installed.bin)
  )
}

/** Returns whether all is there. */
function install(root) {
  const plan = planInstall(root, { production: process.argv.includes('--production') })
  if (plan === undefined) return true
  console.log(`Installing what package-lock.json names (${plan.reason}); this takes some seconds.`)
  const command = `npm ci --no-fund --no-audit --loglevel=error${plan.production ? ' --omit=dev' : ''}`
  const result = spawnSync(command, { cwd: root, shell: true, stdio: ['ignore', 'pipe', 'inherit'] })
  if (result.status === 0) return true
  console.error(`The installation failed, as said above. Is the npm registry reachable? Try \`${command}\` by hand.`)
  return false
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)))
  if (install(root)) await bundle(root)
  else process.exitCode = 1
}
