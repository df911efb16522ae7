import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { checks } from '../tools/check/all.ts'

const root = dirname(import.meta.dirname)

for (const { name, find } of checks) {
  test(`The tree passes the check of ${name}.`, async () => {
    assert.equal((await find(root)).join('\n'), '')
  })
}
