import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { openAuditLog } from '../../src/audit/openAuditLog.ts'
import { openLog } from '../../src/logging/openLog.ts'

it('opens a log and an audit log in files of their own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'log-'))
  const settings = { level: 'info', maxSizeMb: 1, maxFiles: 2, format: 'pretty' } as const
  try {
    const logging = openLog({ ...settings, file: join(folder, 'server.log') })
    const audit = openAuditLog({ enabled: true, file: join(folder, 'audit.log') }, settings, logging)
    logging.logger('main').info('the server serves', { port: 2181 })
    audit.record({ user: 'root', operation: 'serverStart', result: 'success' })
    await audit.close()
    await logging.close()
    assert.match(
      await readFile(join(folder, 'server.log'), 'utf8'),
      /^[\d:.]+ INFO {2}main: the server serves port=2181\n$/,
    )
    assert.match(
      await readFile(join(folder, 'audit.log'), 'utf8'),
      / INFO audit: user=root\toperation=serverStart\tresult=success\n$/,
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})

it('writes the audit log among the other lines unless it has a file, and not at all when it is off', () => {
  const logging = openLog({ level: 'info', file: undefined, maxSizeMb: 1, maxFiles: 1, format: 'json' })
  const settings = { maxSizeMb: 1, maxFiles: 1 }
  assert.equal(openAuditLog({ enabled: false, file: undefined }, settings, logging).enabled, false)
  assert.equal(openAuditLog({ enabled: true, file: undefined }, settings, logging).enabled, true)
})
