import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wordsOf } from '../../src/shell/words.ts'

test('a line is cut into words at blanks, and within quotes of either kind it is not', () => {
  const cases = [
    ['create /a b', ['create', '/a', 'b']],
    ['  ls   /  ', ['ls', '/']],
    [`create /a "x y" 'z "w"'`, ['create', '/a', 'x y', 'z "w"']],
    [`set /a it's`, ['set', '/a', `it's`]],
    [`create "/a b"`, ['create', '/a b']],
    [`set /a ""`, ['set', '/a', '']],
    ['', []],
    ['   ', []],
  ] as const
  for (const [line, words] of cases) assert.deepEqual(wordsOf(line), words, line)
})
