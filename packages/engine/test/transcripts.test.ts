/** Scenario scripts with their exact effects; UPDATE_TRANSCRIPTS=1 writes them anew, and the diff is read. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { rerun } from './transcript.ts'

const folder = new URL('transcripts/', import.meta.url)

for (const name of readdirSync(folder).sort()) {
  const [title = name] = readFileSync(new URL(name, folder), 'utf8').split('\n')
  test(`${title.replace(/^# /, '')} (${name})`, () => {
    const file = new URL(name, folder)
    const before = readFileSync(file, 'utf8')
    const now = rerun(before)
    if (process.env['UPDATE_TRANSCRIPTS'] === '1') writeFileSync(file, now)
    else assert.equal(now, before)
  })
}
