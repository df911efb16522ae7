// Compiles the packages for publishing: `npm run build` writes packages/*/dist.
import { dirname } from 'node:path'
import process from 'node:process'
import { build } from './publishing/build.ts'

const faults = await build(dirname(import.meta.dirname))
for (const fault of faults) console.error(fault)
process.exitCode = faults.length > 0 ? 1 : 0
