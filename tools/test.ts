// Runs the tests: `npm test`, `npm test -- <part of a path>...`, `npm run test:quick`. See CONTRIBUTING.md.
import { dirname } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { QUICK_VARIABLE } from '../test/support/peers.ts'
import { findTests, limitMs } from './testing/find.ts'
import { killAll, runFile, type FileResult } from './testing/run-file.ts'
import { count, describeAll, describeFile, judge } from './testing/summary.ts'

// Some files measure time or start servers of their own, so more processes than the smallest supported machine has cores would
// only make them unsteady.
const PROCESSES = 2

const root = dirname(import.meta.dirname)
const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
})

const files = findTests(root, { quick: values.quick, patterns: positionals })
if (files.length === 0) {
  console.error(`No test file's path contains ${positionals.join(' or ')}.`)
  process.exitCode = 1
} else {
  endWithChildren()
  const results = await runAll(files)
  console.log(`\n${describeAll(results)}`)
  process.exitCode = count(results, 'failed') > 0 ? 1 : 0
}

async function runAll(queue: readonly string[]): Promise<FileResult[]> {
  const waiting = [...queue]
  const results: FileResult[] = []
  const ci = (process.env['CI'] ?? '') !== ''
  const env = values.quick ? { [QUICK_VARIABLE]: '1' } : {}
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const result = judge(await runFile({ root, file, limitMs: limitMs(file), env }), ci)
      results.push(result)
      console.log(describeFile(result))
    }
  }
  await Promise.all(Array.from({ length: PROCESSES }, worker))
  return results
}

/** Test files run in process groups of their own, which a signal to this one does not reach. */
function endWithChildren(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      killAll()
      process.exit(130)
    })
  }
}
