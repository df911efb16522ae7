import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { requirePeer } from '../../../test/support/peers.ts'
import { childOf, nameOf, parentOf, pathProblem, sequenceSuffix } from '../src/paths.ts'
import { askJava, units } from './support/javaFacts.ts'

test('these paths are valid', () => {
  const valid = ['/', '/a', '/a/b', '/a.b', '/.a', '/..a', '/a..', '/a./b', '/...', '/a/.../b', '/a b', '/é', '/日本']
  for (const path of [...valid, '/-0000000001', '/\u0020', '/\u007e', '/\u00a0', '/\ud7ff', '/\uf900', '/\uffef']) {
    assert.equal(pathProblem(path), undefined, JSON.stringify(path))
  }
})

test('these paths are not, and it is said why', () => {
  const problems: [string, RegExp][] = [
    ['', /empty/],
    ['a', /start with \//],
    ['a/b', /start with \//],
    ['/a/', /ends with \//],
    ['//', /ends with \//],
    ['//a', /empty name at 1/],
    ['/a//b', /empty name at 3/],
    ['/.', /relative name at 1/],
    ['/..', /relative name at 1/],
    ['/a/.', /relative name at 3/],
    ['/a/..', /relative name at 3/],
    ['/a/./b', /relative name at 3/],
    ['/../b', /relative name at 1/],
    ['/a\u0000', /U\+0000 at 2/],
    ['/\u0001a', /U\+0001 at 1/],
    ['/\u001f', /U\+001f/],
    ['/\u007f', /U\+007f/],
    ['/\u009f', /U\+009f/],
    ['/\ud800', /U\+d800/],
    ['/😀', /U\+d83d/],
    ['/\ue000', /U\+e000/],
    ['/\uf8ff', /U\+f8ff/],
    ['/\ufff0', /U\+fff0/],
    ['/\uffff', /U\+ffff/],
  ]
  for (const [path, reason] of problems) assert.match(pathProblem(path) ?? 'valid', reason, JSON.stringify(path))
})

test('every character is allowed or forbidden, and every short path valid or not, as in Apache ZooKeeper', (t) => {
  if (requirePeer(t, 'apache-3.9.4') === undefined) return
  const characters = Array.from({ length: 0x10000 }, (_, unit) => `/a${String.fromCharCode(unit)}b`)
  const short = shortPaths(['/', '.', 'a', '\u0000'], 6)
  const random = fc.sample(fc.string({ unit: 'binary' }), { numRuns: 2000, seed: 1 }).map((name) => `/${name}`)
  const paths = [...characters, ...short, ...random]
  const answers = askJava(paths.map((path) => `path ${units(path)}`))
  const differing = paths.filter((path, i) => (pathProblem(path) === undefined) !== (answers[i] === 'valid'))
  assert.deepEqual(differing, [])
})

/** Every string of at most `length` of the characters. */
function shortPaths(characters: readonly string[], length: number): string[] {
  if (length === 0) return ['']
  const shorter = shortPaths(characters, length - 1)
  const longest = shorter.filter((path) => path.length === length - 1)
  return [...shorter, ...longest.flatMap((path) => characters.map((character) => path + character))]
}

test('a path is its parent and its name', () => {
  assert.equal(parentOf('/a/b'), '/a')
  assert.equal(parentOf('/a'), '/')
  assert.equal(parentOf('/'), undefined)
  assert.equal(parentOf('a'), undefined)
  assert.equal(nameOf('/a/b'), 'b')
  assert.equal(nameOf('/'), '')
  assert.equal(childOf('/', 'a'), '/a')
  assert.equal(childOf('/a', 'b'), '/a/b')
  const name = fc.string({ minLength: 1 }).filter((text) => !text.includes('/'))
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
      const path = `/${names.join('/')}`
      assert.equal(childOf(parentOf(path) ?? '', nameOf(path)), path)
    }),
  )
})

test('the suffix of a sequential znode has ten digits, a sign counted among them', () => {
  const suffixes: [number, string][] = [
    [0, '0000000000'],
    [7, '0000000007'],
    [2147483647, '2147483647'],
    [-1, '-000000001'],
    [-5, '-000000005'],
    [-2147483648, '-2147483648'],
  ]
  for (const [sequence, suffix] of suffixes) assert.equal(sequenceSuffix(sequence), suffix)
})

test("the suffix of a sequential znode is Java's %010d", (t) => {
  if (requirePeer(t, 'apache-3.9.4') === undefined) return
  const numbers = fc.sample(fc.integer(), { numRuns: 500, seed: 1 })
  assert.deepEqual(numbers.map(sequenceSuffix), askJava(numbers.map((number) => `suffix ${number}`)))
})
