import assert from 'node:assert/strict'
import { test } from 'node:test'
import { usageOf } from '../../src/shell/command.ts'
import { COMMANDS, commandNamed, overview } from '../../src/shell/table.ts'

test('the overview has a line for every command, in order', () => {
  const lines = overview().split('\n').slice(1)
  assert.equal(lines.length, COMMANDS.length)
  for (const [i, { name }] of COMMANDS.entries()) assert.ok(lines[i]?.startsWith(`\t${name} `))
  // zkCli's order: capitals before small letters.
  assert.deepEqual(
    COMMANDS.map(({ name }) => name),
    COMMANDS.map(({ name }) => name).sort(),
  )
})

test('a usage explains its options where that of zkCli does', () => {
  assert.equal(
    usageOf(commandNamed('set')),
    [
      'set path data [-s] [-v version] [-b]',
      ' -b         Supply data in base64 format',
      ' -s         Print znode stats additionally',
      ' -v <arg>   Set with an expected version',
      '',
    ].join('\n'),
  )
  assert.equal(usageOf(commandNamed('delete')), 'delete [-v version] path')
})

test('a command that nobody knows has exit code 127', () => {
  assert.throws(() => commandNamed('foo'), { message: 'Command not found: Command not found foo', exitCode: 127 })
})
