import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { findStale } from '../../check/generated.ts'

test('A generated file that is missing or differs from its table is named, and a fresh one is not.', async () => {
  const root = mkdtempSync(join(tmpdir(), 'generated-'))
  try {
    writeFileSync(join(root, 'fresh.md'), '# Keys\n')
    writeFileSync(join(root, 'stale.md'), '# Kays\n')
    const make = (): string => '# Keys'
    const faults = await findStale(root, [
      { file: 'fresh.md', make },
      { file: 'stale.md', make },
      { file: 'missing.md', make },
    ])
    assert.deepEqual(
      faults.map((fault) => fault.split(':')[0]),
      ['stale.md', 'missing.md'],
    )
  } finally {
    rmSync(root, { recursive: true })
  }
})
