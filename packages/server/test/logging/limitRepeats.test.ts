import assert from 'node:assert/strict'
import { it } from 'node:test'
import { limitRepeats } from '../../src/logging/limitRepeats.ts'
import { loggerOver } from '../../src/logging/logger.ts'

it('writes a few lines a second of what peers cause, and how many were left out', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const lines: string[] = []
  const logger = loggerOver(
    (level, message, fields) => void lines.push(`${level} ${message} ${JSON.stringify(fields)}`),
    (level) => level !== 'debug',
  )
  const limited = limitRepeats(logger, { perSecond: 2 })
  for (let number = 0; number < 10_000; number++) limited.warn('bad frame', { number })
  limited.debug('not wanted')
  limited.error('other', { number: 1 })
  assert.deepEqual(lines.splice(0), [
    'warn bad frame {"number":0}',
    'warn bad frame {"number":1}',
    'error other {"number":1}',
  ])
  t.mock.timers.tick(1000)
  assert.deepEqual(lines.splice(0), ['warn bad frame (and others like it) {"leftOut":9998}'])
  limited.warn('bad frame', { number: 5 })
  assert.equal(lines.length, 1)
})
