import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { findTests } from '../../testing/find.ts'

const root = mkdtempSync(join(tmpdir(), 'find-'))
after(() => {
  rmSync(root, { recursive: true })
})

const FILES = [
  'packages/io/test/log.test.ts',
  'packages/io/test/crash.long.test.ts',
  'test/interop/kazoo.test.ts',
  'tools/test/a.test.ts',
]
for (const file of [...FILES, 'packages/io/src/log.ts', 'packages/io/node_modules/x/test/y.test.ts']) {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), '')
}

test('Every test file is found, those that take long first.', () => {
  assert.deepEqual(findTests(root, { quick: false, patterns: [] }), [
    'test/interop/kazoo.test.ts',
    'packages/io/test/crash.long.test.ts',
    'packages/io/test/log.test.ts',
    'tools/test/a.test.ts',
  ])
})

test('A quick run leaves out what takes long.', () => {
  assert.deepEqual(findTests(root, { quick: true, patterns: [] }), [
    'packages/io/test/log.test.ts',
    'tools/test/a.test.ts',
  ])
})

test('Patterns choose by a part of the path.', () => {
  assert.deepEqual(findTests(root, { quick: false, patterns: ['kazoo', 'io/test/log'] }), [
    'test/interop/kazoo.test.ts',
    'packages/io/test/log.test.ts',
  ])
})
