import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseShellOptions } from '../../src/shell/options.ts'

test('options come before the command, whose own options are left to it', () => {
  const options = parseShellOptions(['-server', 'a:1', '-r', '-timeout', '5000', 'get', '-s', '/a'])
  assert.deepEqual(options, {
    server: 'a:1',
    timeoutMs: 5000,
    readOnly: true,
    waitForConnection: false,
    clientConfiguration: undefined,
    command: ['get', '-s', '/a'],
  })
})

test('what is wrong with an option is said', () => {
  assert.throws(() => parseShellOptions(['-server']), /no argument found for option -server/)
  assert.throws(() => parseShellOptions(['-sever', 'a']), /Unknown option -sever: use -server/)
  assert.throws(() => parseShellOptions(['-timeout', 'soon']), /"soon" is no number/)
})
