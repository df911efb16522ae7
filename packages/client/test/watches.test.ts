import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WatchRegistry, type WatchKind } from '../src/watches.ts'

const watcher = (): void => {}

test('each event goes to the watches that it is about, and takes those that fire once', () => {
  const cases = [
    { kind: 'data', path: '/a', type: 'nodeDataChanged', event: '/a', first: 1, second: 0 },
    { kind: 'data', path: '/a', type: 'nodeDeleted', event: '/a', first: 1, second: 0 },
    { kind: 'data', path: '/a', type: 'nodeChildrenChanged', event: '/a', first: 0, second: 0 },
    { kind: 'exists', path: '/a', type: 'nodeCreated', event: '/a', first: 1, second: 0 },
    { kind: 'children', path: '/a', type: 'nodeChildrenChanged', event: '/a', first: 1, second: 0 },
    { kind: 'children', path: '/a', type: 'nodeDeleted', event: '/a', first: 1, second: 0 },
    { kind: 'persistent', path: '/a', type: 'nodeChildrenChanged', event: '/a', first: 1, second: 1 },
    { kind: 'persistent', path: '/a', type: 'nodeCreated', event: '/a/b', first: 0, second: 0 },
    { kind: 'persistentRecursive', path: '/a', type: 'nodeCreated', event: '/a/b/c', first: 1, second: 1 },
    { kind: 'persistentRecursive', path: '/', type: 'nodeCreated', event: '/a/b/c', first: 1, second: 1 },
    { kind: 'persistentRecursive', path: '/a', type: 'nodeChildrenChanged', event: '/a', first: 0, second: 0 },
    { kind: 'persistentRecursive', path: '/a', type: 'nodeCreated', event: '/ab', first: 0, second: 0 },
  ] as const
  for (const { kind, path, type, event, first, second } of cases) {
    const watches = new WatchRegistry()
    watches.add(kind, path, watcher)
    assert.deepEqual(
      [watches.take(type, event).size, watches.take(type, event).size],
      [first, second],
      `${kind} ${type}`,
    )
  }
})

test('a watcher with several watches is told of an event once', () => {
  const watches = new WatchRegistry()
  for (const kind of ['data', 'exists', 'persistent', 'persistentRecursive'] satisfies WatchKind[]) {
    watches.add(kind, '/a', watcher)
  }
  assert.equal(watches.take('nodeDataChanged', '/a').size, 1)
})

test('a removal tells who lost which kind of watch', () => {
  const watches = new WatchRegistry()
  const other = (): void => {}
  watches.add('data', '/a', watcher)
  watches.add('children', '/a', watcher)
  watches.add('children', '/a', other)
  assert.deepEqual(watches.remove(['data', 'children'], '/a', watcher), [
    { watchers: [watcher], event: 'dataWatchRemoved' },
    { watchers: [watcher], event: 'childWatchRemoved' },
  ])
  assert.deepEqual([watches.has('data', '/a'), watches.has('children', '/a')], [false, true])
})
