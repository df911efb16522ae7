import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode, OpCode } from '@meerkat/protocol'
import { afterSaslFailure, mayProceed } from '../../src/authentication/enforcement.ts'

const rules = (...schemes: string[]) => ({ schemes: new Set(schemes), allowSaslFailedClients: false })
const address = { scheme: 'ip', id: '127.0.0.1' }
const bob = { scheme: 'sasl', id: 'bob' }

test('Without enforcement everything may go on', () => {
  assert.ok(mayProceed({ rules: rules(), identities: [], opcode: OpCode.create }))
})

test('With enforcement only authentication may come first, and not even a ping', () => {
  const identities = [address]
  for (const opcode of [OpCode.auth, OpCode.sasl]) assert.ok(mayProceed({ rules: rules('sasl'), identities, opcode }))
  for (const opcode of [OpCode.create, OpCode.getData, OpCode.ping, OpCode.closeSession]) {
    assert.ok(!mayProceed({ rules: rules('sasl'), identities, opcode }))
    assert.ok(mayProceed({ rules: rules('sasl'), identities: [address, bob], opcode }))
  }
})

test('One of the enforced schemes is enough', () => {
  assert.ok(mayProceed({ rules: rules('sasl', 'ip'), identities: [address], opcode: OpCode.create }))
})

test('A failed SASL exchange ends as the configuration says', () => {
  const failed = (schemes: string[], allowSaslFailedClients: boolean) =>
    afterSaslFailure({ schemes: new Set(schemes), allowSaslFailedClients })
  assert.deepEqual(failed([], false), { errorCode: ErrorCode.AUTHFAILED, close: true })
  assert.deepEqual(failed([], true), { errorCode: ErrorCode.OK, close: false })
  assert.deepEqual(failed(['digest'], true), { errorCode: ErrorCode.OK, close: false })
  for (const allow of [false, true]) {
    const required = { errorCode: ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH, close: true }
    assert.deepEqual(failed(['digest', 'sasl'], allow), required)
  }
})
