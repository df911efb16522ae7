import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkedPath } from '../../src/shell/path.ts'

test('a path is checked before a server is asked, in the words of the Java client', () => {
  const cases = [
    ['', 'Path length must be > 0'],
    ['a', 'Path must start with / character'],
    ['/a/', 'Path must not end with / character'],
    ['/a//b', 'Invalid path string "/a//b" caused by empty node name specified @3'],
    ['/a/./b', 'Invalid path string "/a/./b" caused by relative paths not allowed @3'],
    ['/a/..', 'Invalid path string "/a/.." caused by relative paths not allowed @4'],
    ['/a\0', 'Invalid path string "/a\0" caused by null character not allowed @2'],
    ['/a\u0001', 'Invalid path string "/a\u0001" caused by invalid character @2'],
    ['/\ud800', 'Invalid path string "/\ud800" caused by invalid character @1'],
  ] as const
  for (const [path, message] of cases) assert.throws(() => checkedPath(path), { message }, path)
  for (const path of ['/', '/a', '/a.b/...', '/ä/b c']) assert.equal(checkedPath(path), path)
  assert.equal(checkedPath('/a/', true), '/a/')
})
