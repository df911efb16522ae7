/** What a package.json of the workspace holds, as far as publishing changes it. */
export type Manifest = {
  name: string
  version: string
  private?: boolean
  dependencies?: Record<string, string>
  [field: string]: unknown
}

/**
 * The package.json that a package is published with. In the workspace a package runs from its sources and needs
 * whatever version of the others lies beside it; published, it runs from dist. A library needs the others in its own
 * version. The command holds them in its bundle and needs what they need: `workspace` has all packages of the workspace.
 */
export function publishedManifest(manifest: Manifest, workspace: readonly Manifest[]): Manifest {
  const { private: _private, devDependencies: _devDependencies, dependencies = {}, ...rest } = manifest
  const published = { ...rest, engines: { node: '>=24' }, files: ['dist', 'bin'] }
  if (manifest['exports'] === undefined) return { ...published, dependencies: outsideNeeds(manifest, workspace) }
  const exact = Object.entries(dependencies).map(([name, range]) => [name, isOurs(name) ? manifest.version : range])
  return {
    ...published,
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    dependencies: Object.fromEntries(exact) as Record<string, string>,
  }
}

/** What a package and those of the workspace that it needs take from outside. */
function outsideNeeds({ dependencies = {} }: Manifest, workspace: readonly Manifest[]): Record<string, string> {
  const needs: Record<string, string> = {}
  for (const [name, range] of Object.entries(dependencies)) {
    if (!isOurs(name)) needs[name] = range
    const ours = workspace.find((one) => one.name === name)
    if (ours !== undefined) Object.assign(needs, outsideNeeds(ours, workspace))
  }
  return needs
}

function isOurs(name: string): boolean {
  return name.startsWith('@meerkat/')
}
