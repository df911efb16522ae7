// Logs far more than a pipe holds while nobody reads, then says on standard error how long its timers were kept waiting.
import { setTimeout as sleep } from 'node:timers/promises'
import { openLog } from '../../src/logging/openLog.ts'

/** What it says on standard error. */
export interface FloodReport {
  readonly longestMs: number
  readonly dropped: number
}

const logging = openLog({ level: 'info', file: undefined, maxSizeMb: 1, maxFiles: 1, format: 'json' })
const logger = logging.logger('flood')
let longestMs = 0
for (let round = 0; round < 20; round++) {
  for (let line = 0; line < 1000; line++) logger.info('a line that nobody reads', { text: 'x'.repeat(200) })
  const startMs = performance.now()
  await sleep(1)
  longestMs = Math.max(longestMs, performance.now() - startMs)
}
const report: FloodReport = { longestMs, dropped: logging.dropped }
console.error(JSON.stringify(report))
await sleep(300)
logger.info('someone reads again')
await logging.close()
