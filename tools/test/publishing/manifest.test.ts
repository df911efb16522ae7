import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publishedManifest } from '../../publishing/manifest.ts'

test('A published package runs from dist and needs the other packages in its own version.', () => {
  assert.deepEqual(
    publishedManifest({
      name: '@meerkat/cli',
      version: '0.2.0',
      private: true,
      bin: { meerkat: 'bin/meerkat.js' },
      exports: { '.': './src/index.ts' },
      dependencies: { '@meerkat/server': '*', commander: '^14.0.0' },
      devDependencies: { 'fast-check': '4' },
    }),
    {
      name: '@meerkat/cli',
      version: '0.2.0',
      bin: { meerkat: 'bin/meerkat.js' },
      engines: { node: '>=24' },
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
      files: ['dist', 'bin'],
      dependencies: { '@meerkat/server': '0.2.0', commander: '^14.0.0' },
    },
  )
})
