import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runFile, type FileResult } from '../../testing/run-file.ts'

const root = mkdtempSync(join(tmpdir(), 'run-file-'))
after(() => {
  rmSync(root, { recursive: true })
})

async function run(body: string, limitMs = 20_000): Promise<FileResult> {
  const file = 'sample.test.mjs'
  writeFileSync(
    join(root, file),
    `import { test, describe } from 'node:test'\nimport assert from 'node:assert'\n${body}`,
  )
  return await runFile({ root, file, limitMs })
}

test('Each test of a file is counted once, with its error or the reason why it was skipped.', async () => {
  const { outcomes, output } = await run(`
    test('good', () => { console.log('said') })
    test('bad', () => assert.equal(1, 2, 'one is not two'))
    test('parent', async (t) => { await t.test('child', () => { throw new Error('inner') }) })
    describe('suite', () => { test('in it', () => {}) })
    test('later', { skip: 'no moon' }, () => {})
    describe('suite of skipped', { skip: 'no sun' }, () => { test('never', () => {}) })`)
  assert.deepEqual(
    outcomes.map(({ kind, name, detail }) => [kind, name, kind === 'failed' ? detail.split('\n')[0] : detail]),
    [
      ['passed', 'good', ''],
      ['failed', 'bad', 'AssertionError [ERR_ASSERTION]: one is not two'],
      ['failed', 'child', 'Error: inner'],
      ['passed', 'in it', ''],
      ['skipped', 'later', 'no moon'],
      ['skipped', 'suite of skipped', 'no sun'],
    ],
  )
  assert.equal(output, 'said\n')
})

test('A file that does not load is a failure with what it printed.', async () => {
  const { outcomes, output } = await run(`throw new Error('too early')`)
  assert.deepEqual(outcomes, [
    { kind: 'failed', name: 'the file as a whole', detail: 'The process ended with code 1.' },
  ])
  assert.match(output, /too early/)
})

test('A file without a test is a failure.', async () => {
  const { outcomes } = await run('')
  assert.deepEqual(outcomes, [{ kind: 'failed', name: 'the file as a whole', detail: 'It holds no test.' }])
})

test('A file that leaves something open is killed at its limit, with what it started, and fails.', async () => {
  const pidFile = join(root, 'pid')
  const { outcomes } = await run(
    `import { spawn } from 'node:child_process'
    import { writeFileSync } from 'node:fs'
    test('starts a server', () => {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
      writeFileSync(${JSON.stringify(pidFile)}, String(child.pid))
    })`,
    1500,
  )
  assert.match(outcomes.at(-1)?.detail ?? '', /had not ended after 1.5 s/)
  const pid = Number(readFileSync(pidFile, 'utf8'))
  await waitUntil(() => !isRunning(pid))
})

test('What a file leaves running is ended with it.', async () => {
  const pidFile = join(root, 'pid')
  const { outcomes } = await run(`
    import { spawn } from 'node:child_process'
    import { writeFileSync } from 'node:fs'
    test('leaves a server', () => {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
      child.unref()
      writeFileSync(${JSON.stringify(pidFile)}, String(child.pid))
    })`)
  assert.deepEqual(outcomes, [{ kind: 'passed', name: 'leaves a server', detail: '' }])
  const pid = Number(readFileSync(pidFile, 'utf8'))
  await waitUntil(() => !isRunning(pid))
})

function isRunning(pid: number): boolean {
  try {
    // A process that was killed stays listed as a zombie until somebody waits for it.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function waitUntil(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (condition()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail('The condition had not come true after 2 s.')
}
