import assert from 'node:assert/strict'
import { test } from 'node:test'
import { completionsOf } from '../../src/shell/completion.ts'

const tree: Record<string, string[]> = { '/': ['zookeeper', 'app', 'apple'], '/app': ['b', 'a'] }
const childrenOf = (path: string): Promise<string[]> => Promise.resolve(tree[path] ?? [])

test('the tab key offers commands, and the paths that the server has', async () => {
  const cases = [
    ['cre', ['create '], 'cre'],
    ['getA', ['getAcl', 'getAllChildrenNumber'], 'getA'],
    ['ls /', ['/app', '/apple', '/zookeeper'], '/'],
    ['ls /ap', ['/app', '/apple'], '/ap'],
    ['ls -s /app/', ['/app/a', '/app/b'], '/app/'],
    ['ls /nothing/x', [], '/nothing/x'],
  ] as const
  for (const [line, completions, replaced] of cases) {
    assert.deepEqual(await completionsOf(line, childrenOf), [completions, replaced], line)
  }
  assert.ok((await completionsOf('', childrenOf))[0].length > 20)
})
