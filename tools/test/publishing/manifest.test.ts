import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publishedManifest } from '../../publishing/manifest.ts'

const server = {
  name: '@meerkat/server',
  version: '0.2.0',
  private: true,
  exports: { '.': './src/index.ts' },
  dependencies: { '@meerkat/engine': '*', 'node-forge': '^1.4.3' },
  devDependencies: { 'fast-check': '4' },
}

test('A published library runs from dist and needs the other packages in its own version.', () => {
  assert.deepEqual(publishedManifest(server, [server]), {
    name: '@meerkat/server',
    version: '0.2.0',
    engines: { node: '>=24' },
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist', 'bin'],
    dependencies: { '@meerkat/engine': '0.2.0', 'node-forge': '^1.4.3' },
  })
})

test('The published command holds the other packages, and needs what they need from outside.', () => {
  const command = {
    name: '@meerkat/cli',
    version: '0.2.0',
    private: true,
    bin: { meerkat: 'bin/meerkat.js' },
    dependencies: { '@meerkat/server': '*', commander: '^14.0.0' },
  }
  assert.deepEqual(publishedManifest(command, [command, server]), {
    name: '@meerkat/cli',
    version: '0.2.0',
    bin: { meerkat: 'bin/meerkat.js' },
    engines: { node: '>=24' },
    files: ['dist', 'bin'],
    dependencies: { 'node-forge': '^1.4.3', commander: '^14.0.0' },
  })
})
