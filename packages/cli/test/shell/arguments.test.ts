import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arguments } from '../../src/shell/arguments.ts'

const options = {
  s: { text: 'stats' },
  w: { text: 'watch' },
  v: { text: 'version', takesValue: true },
  file: { text: 'file', takesValue: true },
}

test('options stand anywhere among the words, alone, together, or with a value', () => {
  const cases = [
    ['/a -s', ['/a'], { s: '' }],
    ['-sw /a', ['/a'], { s: '', w: '' }],
    ['-v 3 /a', ['/a'], { v: '3' }],
    ['-v -1 /a', ['/a'], { v: '-1' }],
    ['-v3 /a', ['/a'], { v: '3' }],
    ['-sv 3 /a', ['/a'], { s: '', v: '3' }],
    ['-file name /a', ['/a'], { file: 'name' }],
    ['/a -- -s', ['/a', '-s'], {}],
    ['/a -', ['/a', '-'], {}],
  ] as const
  for (const [line, words, given] of cases) {
    const args = new Arguments(line.split(' '), options)
    assert.deepEqual(args.words, words, line)
    assert.deepEqual(Object.fromEntries(args.given.map((name) => [name, args.value(name)])), given, line)
  }
})

test('what cannot be is refused in the words of Commons CLI', () => {
  const cases = [
    ['-q /a', 'org.apache.commons.cli.UnrecognizedOptionException: Unrecognized option: -q'],
    ['-sq /a', 'org.apache.commons.cli.UnrecognizedOptionException: Unrecognized option: -sq'],
    ['--s /a', 'org.apache.commons.cli.UnrecognizedOptionException: Unrecognized option: --s'],
    ['/a -v', 'org.apache.commons.cli.MissingArgumentException: Missing argument for option: v'],
    ['-v -s /a', 'org.apache.commons.cli.MissingArgumentException: Missing argument for option: v'],
  ] as const
  for (const [line, message] of cases) assert.throws(() => new Arguments(line.split(' '), options), { message }, line)
})

test('a number that is none is refused', () => {
  const args = new Arguments(['-v', 'x'], options)
  assert.throws(() => args.integer('v', -1), { message: '-v argument must be an int value' })
  assert.equal(args.integer('w', -1), -1)
})
