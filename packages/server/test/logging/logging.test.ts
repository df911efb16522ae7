import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Logging } from '../../src/logging/logging.ts'
import type { LogFormat } from '../../src/logging/format.ts'
import type { LogLevel } from '../../src/logging/levels.ts'

function logTo(lines: string[], { level = 'info', format = 'json' }: { level?: LogLevel; format?: LogFormat } = {}) {
  const destination = {
    write: (line: string) => void lines.push(line),
    flush: () => undefined,
    close: () => Promise.resolve(),
    dropped: 0,
  }
  return new Logging({ level, format, destination, nowMs: () => Date.UTC(2026, 10, 21, 7, 47, 36, 48) })
}

describe('the log', () => {
  it('is a JSON object a line', () => {
    const lines: string[] = []
    logTo(lines).logger('admin').warn('the port is closed', { port: 8080, session: 5n })
    assert.deepEqual(lines, [
      '{"level":"warn","time":"2026-11-21T07:47:36.048Z","component":"admin","message":"the port is closed","port":8080,"session":"5"}\n',
    ])
  })

  it('shows an error with its code and cause, and text of a peer cut to a bound', () => {
    const lines: string[] = []
    const cause = Object.assign(new Error('no space'), { code: 'ENOSPC' })
    logTo(lines)
      .logger('log')
      .error('a write failed', { error: new Error('disk', { cause }), text: 'x'.repeat(5000) })
    const line = JSON.parse(lines[0] ?? '') as { error: { message: string; cause: { code: string } }; text: string }
    assert.equal(line.error.message, 'disk')
    assert.equal(line.error.cause.code, 'ENOSPC')
    assert.ok(line.text.length < 2100)
  })

  it('keeps fields from posing as the level or the message, and survives what cannot be shown', () => {
    const lines: string[] = []
    const logger = logTo(lines).logger('admin')
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    logger.info('first', { level: 'fatal', message: 'other' })
    logger.info('second', circle)
    assert.match(lines[0] ?? '', /^\{"level":"info".*"message":"first"\}\n$/)
    assert.match(lines[1] ?? '', /cannot be shown/)
  })

  it('is readable on a terminal, which takes no orders from it', () => {
    const lines: string[] = []
    logTo(lines, { format: 'pretty' }).logger('session').warn('closed', { path: '/a', why: 'it \u001b[2J is\nso' })
    assert.deepEqual(lines, ['07:47:36.048 WARN  session: closed path=/a why="it \\u001b[2J is\\nso"\n'])
  })

  it('writes from its level up, of each component its own, changed at any time', () => {
    const lines: string[] = []
    const logging = logTo(lines)
    const logger = logging.logger('session')
    const count = (): number => lines.splice(0).length
    logger.debug('hidden')
    assert.equal(count(), 0)
    assert.ok(logging.setComponentLevel('session', 'trace'))
    logger.trace('shown')
    logging.logger('admin').debug('hidden')
    assert.equal(count(), 1)
    logging.forgetLevel('session')
    logging.setLevel('error')
    logger.warn('hidden')
    logger.error('shown')
    assert.equal(count(), 1)
    assert.equal(logger.isEnabled('warn'), false)
  })

  it('turns debug lines on and off at a signal', () => {
    const logging = logTo([], { level: 'warn' })
    logging.toggleDebug()
    assert.equal(logging.level, 'debug')
    logging.toggleDebug()
    assert.equal(logging.level, 'warn')
  })

  it('holds a bounded number of levels of components', () => {
    const logging = logTo([])
    const accepted = Array.from({ length: 200 }, (_, index) => logging.setComponentLevel(`c${index}`, 'debug'))
    assert.equal(accepted.filter(Boolean).length, 100)
  })
})
