import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesOf } from '@meerkat/protocol'
import { charactersIn } from '../../src/tree/characters.ts'
import { memory } from '../../src/tree/copy.ts'

test('The characters of UTF-8 are counted as a string counts them, wherever it begins and ends', () => {
  for (const text of ['', '/', '/abc', '/abcdefgh', '/käse', 'äöüß€', '/abcd\u{1f600}/efgh€', '\u{1f600}\u{1f600}']) {
    for (const before of ['', 'x', 'öö', 'xyz']) {
      const bytes = bytesOf(`${before}${text}after`)
      const room = memory(bytes.length)
      room.bytes.set(bytes)
      const start = Buffer.byteLength(before)
      assert.equal(charactersIn(room, start, start + Buffer.byteLength(text)), text.length, `${before}|${text}`)
    }
  }
})
