import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { it } from 'node:test'
import type { FloodReport } from './floodStandardOutput.ts'

it('never waits for a reader of standard output that stands still, drops lines beyond the bound and says so', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'floodStandardOutput.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = once(child, 'exit')
  const [report] = (await once(child.stderr.setEncoding('utf8'), 'data')) as [string]
  const { longestMs, dropped } = JSON.parse(report) as FloodReport
  assert.ok(dropped > 10_000 && dropped < 20_000, `${dropped} lines were dropped`)
  assert.ok(longestMs < 2000, `a timer was late by ${longestMs} ms`)

  const lines = (await text(child.stdout)).trimEnd().split('\n')
  const parsed = lines.map((line) => JSON.parse(line) as { message: string; count?: number })
  assert.deepEqual((await exit)[0], 0)
  assert.equal(parsed.at(-1)?.message, 'someone reads again')
  const told = parsed.reduce((sum, { count }) => sum + (count ?? 0), 0)
  assert.equal(told, dropped)
})
