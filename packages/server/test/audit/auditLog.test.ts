import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { auditOff, auditText, auditToDestination, auditToLog } from '../../src/audit/auditLog.ts'
import { aclForAudit, auditOperationOf, usersForAudit, znodeTypeOf } from '../../src/audit/describe.ts'
import { Logging } from '../../src/logging/logging.ts'

function collect() {
  const lines: string[] = []
  const destination = {
    write: (line: string) => void lines.push(line),
    flush: () => undefined,
    close: () => Promise.resolve(),
    dropped: 0,
  }
  return { lines, destination }
}

const creation = {
  session: '0x1000011693a0000',
  user: '127.0.0.1,u',
  ip: '127.0.0.1',
  operation: 'create',
  znode: '/sec',
  znode_type: 'persistent',
  result: 'success',
} as const

describe('the audit log', () => {
  it('has lines of Apache’s form', () => {
    assert.equal(
      auditText(creation),
      'session=0x1000011693a0000\tuser=127.0.0.1,u\tip=127.0.0.1\toperation=create\tznode=/sec\tznode_type=persistent\tresult=success',
    )
    assert.equal(
      auditText({ result: 'success', operation: 'serverStart', user: 'root' }),
      'user=root\toperation=serverStart\tresult=success',
    )
  })

  it('keeps a value from posing as another field', () => {
    assert.equal(
      auditText({ user: 'a\tresult=success\n', operation: 'delete', result: 'failure' }),
      'user=a result=success \toperation=delete\tresult=failure',
    )
  })

  it('writes to a file of its own', () => {
    const { lines, destination } = collect()
    auditToDestination(destination, () => 0).record({ operation: 'serverStop', user: 'root', result: 'invoked' })
    assert.deepEqual(lines, ['1970-01-01T00:00:00.000Z INFO audit: user=root\toperation=serverStop\tresult=invoked\n'])
  })

  it('writes among the other lines, failures as errors', () => {
    const { lines, destination } = collect()
    const audit = auditToLog(new Logging({ level: 'fatal', format: 'json', destination, nowMs: () => 0 }))
    audit.record({ ...creation, result: 'failure' })
    audit.record(creation)
    assert.equal(lines.length, 2)
    assert.match(lines[0] ?? '', /^\{"level":"error",.*"component":"audit".*"operation":"create".*"result":"failure"\}/)
  })

  it('is off at no cost', () => {
    assert.equal(auditOff.enabled, false)
  })
})

describe('the words of the audit log', () => {
  it('name operations that change something, and no others', () => {
    assert.equal(auditOperationOf('createTTL'), 'create')
    assert.equal(auditOperationOf('setACL'), 'setAcl')
    assert.equal(auditOperationOf('multi'), 'multiOperation')
    assert.equal(auditOperationOf('getData'), undefined)
  })

  it('name kinds of znodes', () => {
    assert.equal(znodeTypeOf(3), 'ephemeral_sequential')
    assert.equal(znodeTypeOf(6), 'persistent_sequential_with_ttl')
    assert.equal(znodeTypeOf(9), undefined)
  })

  it('name users without their digests, and ACLs', () => {
    assert.equal(
      usersForAudit([
        { scheme: 'ip', id: '127.0.0.1' },
        { scheme: 'digest', id: 'u:abc=' },
        { scheme: 'x509', id: 'CN=a' },
      ]),
      '127.0.0.1,u,CN=a',
    )
    assert.equal(usersForAudit([]), undefined)
    assert.equal(
      aclForAudit([
        { perms: 31, id: { scheme: 'world', id: 'anyone' } },
        { perms: 1, id: { scheme: 'ip', id: '::1' } },
      ]),
      'world:anyone:cdrwaip:::1:r',
    )
  })
})
