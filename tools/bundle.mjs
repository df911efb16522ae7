// Bundles the `meerkat` command into packages/cli/dist, unless what is there is fresh: one file instead of two hundred is
// read in half the time and leaves 12 MB less in memory (docs/decisions/0006-the-command-is-bundled.md). It runs after an
// installation, perhaps on an old Node.js, and so is plain JavaScript.
import { renameSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isFresh, noteInputs } from '../packages/cli/bin/bundle.js'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

/** Rejects, with esbuild's words printed, where a source cannot be read. */
export async function bundle(root = ROOT) {
  const folder = join(root, 'packages', 'cli', 'dist')
  if (isFresh(folder)) return
  const { build } = await import('esbuild')
  // Beside the final place, so that nobody meets half a bundle.
  const fresh = `${folder}.${process.pid}`
  const { metafile } = await build({
    absWorkingDir: root,
    // The second one is started by its name, next to whoever starts it.
    entryPoints: { main: 'packages/cli/src/main.ts', helper: 'packages/server/src/fanOut/helper.ts' },
    outdir: fresh,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Ours are bundled, other packages are found where they are installed.
    plugins: [{ name: 'others stay outside', setup: keepOthersOutside }],
    metafile: true,
    logLevel: 'warning',
  })
  const inputs = [...Object.keys(metafile.inputs), 'tools/bundle.mjs']
  noteInputs(
    fresh,
    inputs.map((path) => relative(fresh, join(root, path)).replaceAll('\\', '/')),
  )
  rmSync(folder, { recursive: true, force: true })
  renameSync(fresh, folder)
}

function keepOthersOutside({ onResolve }) {
  onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
    kind === 'entry-point' || path.startsWith('@meerkat/') ? undefined : { path, external: true },
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bundle()
