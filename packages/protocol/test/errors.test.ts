import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ERRORS, ErrorCode, errorName } from '../src/errors.ts'

test('every error has a code and a name of its own, each found by the other, and a sentence', () => {
  assert.equal(new Set(ERRORS.map(({ code }) => code)).size, ERRORS.length)
  for (const { code, name, meaning } of ERRORS) {
    assert.equal(ErrorCode[name], code)
    assert.equal(errorName(code), name)
    assert.match(meaning, /^[A-Z].*\.$/)
  }
  assert.equal(errorName(1), undefined)
  assert.equal(errorName(-999), undefined)
})
