import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareWithPage } from '../../check/dependencies.ts'
import { findTooLong } from '../../check/length.ts'
import { findRegistries } from '../../check/lock-files.ts'
import { findMachinePaths } from '../../check/machine-paths.ts'
import { describeReport } from '../../check/unused.ts'

test('A file of 450 lines passes, and one of 451 is named with its length.', () => {
  assert.deepEqual(findTooLong([{ path: 'a.ts', text: '\n'.repeat(450) }]), [])
  assert.match(findTooLong([{ path: 'a.ts', text: '\n'.repeat(451) }]).join(), /^a\.ts: 451 lines/)
})

test('A folder of the machine is named by file and line, and a znode is not.', () => {
  const find = (text: string): string[] => findMachinePaths([{ path: 'a.md', text }], ['/checkouts/meerkat'])
  assert.deepEqual(find('create /home and /app/home/x'), [])
  assert.match(find('\nsee /checkouts/meerkat/a.ts').join(), /^a\.md:2: /)
  assert.match(find(['', 'home', 'jane', 'a.ts'].join('/')).join(), /^a\.md:1: /)
})

test('A lock file that names a registry is refused, and links inside the workspace are not.', () => {
  const find = (text: string): string[] => findRegistries([{ path: 'package-lock.json', text }])
  assert.deepEqual(find('"resolved": "packages/cli"'), [])
  assert.match(find('{\n"resolved": "https://registry.example/a.tgz"').join(), /^package-lock\.json:2: /)
})

test('A dependency without a line on its page is named, and so is a line without a dependency.', () => {
  const manifest = {
    path: 'package.json',
    text: '{ "dependencies": { "zod": "4", "@meerkat/io": "*" }, "devDependencies": { "knip": "6" } }',
  }
  assert.deepEqual(compareWithPage([manifest], '| `zod` | a |\n| `knip` | b |'), [])
  assert.deepEqual(compareWithPage([manifest], '| `zod` | a |\n| `left` | b |'), [
    'package.json: knip has no line in docs/reference/dependencies.md',
    'docs/reference/dependencies.md: no package depends on left',
  ])
})

test('What knip found is told by file and line in words.', () => {
  const issues = [
    {
      file: 'a.ts',
      files: [{ name: 'a.ts' }],
      exports: [{ name: 'b', line: 3 }],
      unlisted: [],
      duplicates: [[{ name: 'c' }]],
    },
  ]
  assert.deepEqual(describeReport(JSON.stringify({ issues })), [
    'a.ts: no entry point reaches this file',
    'a.ts:3: nothing outside this file uses the export b',
    'a.ts: knip names it under duplicates: c',
  ])
})
