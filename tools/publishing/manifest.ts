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
 * whatever version of the others lies beside it; published, it runs from dist and needs those of its own version.
 */
export function publishedManifest(manifest: Manifest): Manifest {
  const { private: _private, devDependencies: _devDependencies, dependencies = {}, ...rest } = manifest
  const exact = Object.entries(dependencies).map(([name, range]) => [
    name,
    name.startsWith('@meerkat/') ? manifest.version : range,
  ])
  return {
    ...rest,
    engines: { node: '>=24' },
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist', 'bin'],
    dependencies: Object.fromEntries(exact) as Record<string, string>,
  }
}
