// Judges the tree itself: `npm run check`. Each check is a file in tools/check.
import { dirname } from 'node:path'
import process from 'node:process'
import { checks } from './check/all.ts'

const root = dirname(import.meta.dirname)
let faultCount = 0

for (const { name, find } of checks) {
  const started = Date.now()
  const faults = await find(root)
  console.log(`${faults.length > 0 ? '✗' : '✓'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
  for (const fault of faults) console.log(`  ${fault}`)
  faultCount += faults.length
}

console.log(faultCount === 0 ? 'All is well.' : `${faultCount} faults.`)
process.exitCode = faultCount === 0 ? 0 : 1
