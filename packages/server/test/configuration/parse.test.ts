import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { requirePeer } from '../../../../test/support/peers.ts'
import { parseProperties } from '../../src/configuration/parse.ts'

/** Each text with the properties that java.util.Properties makes of it, as `[key, value, line]`. */
const rules: readonly (readonly [sentence: string, text: string, ...properties: [string, string, number][]])[] = [
  ['A key ends at =', 'a=b', ['a', 'b', 1]],
  ['A key ends at :', 'a:b', ['a', 'b', 1]],
  ['A key ends at white space', 'a b', ['a', 'b', 1]],
  ['White space around the separator is dropped', 'a \t=\f b', ['a', 'b', 1]],
  ['Only the first separator counts', 'a = = b', ['a', '= b', 1]],
  ['White space behind a value stays', 'a=b  ', ['a', 'b  ', 1]],
  ['White space before a key is dropped', ' \t\fa=b', ['a', 'b', 1]],
  ['A key alone has an empty value', 'a', ['a', '', 1]],
  ['A separator alone has an empty key', '=b', ['', 'b', 1]],
  ['# and ! begin comments, behind white space too', '#a=b\n  !c=d\ne=f', ['e', 'f', 3]],
  ['# behind a value belongs to it', 'a=b #c', ['a', 'b #c', 1]],
  ['A comment does not go on behind a backslash', '#a\\\nb=c', ['b', 'c', 2]],
  ['Empty lines count as lines only', '\n\n  \na=b', ['a', 'b', 4]],
  ['CR, LF and CR LF end a line', 'a=1\rb=2\r\nc=3\nd=4', ['a', '1', 1], ['b', '2', 2], ['c', '3', 3], ['d', '4', 4]],
  [
    'A backslash at the end goes on with the next line, without its first blanks',
    'a=b,\\\n   c\nd=e',
    ['a', 'b,c', 1],
    ['d', 'e', 3],
  ],
  ['An even number of backslashes ends the line', 'a=b\\\\\nc=d', ['a', 'b\\', 1], ['c', 'd', 2]],
  ['# begins no comment on a line that goes on', 'a=b\\\n#c', ['a', 'b#c', 1]],
  ['# begins a comment behind a line of nothing but a backslash', '\\\n#c\nd=e', ['d', 'e', 3]],
  ['An empty line ends one that goes on', 'a=b\\\n\nc=d', ['a', 'b', 1], ['c', 'd', 3]],
  ['A backslash at the very end is dropped', 'a=b\\', ['a', 'b', 1]],
  ['Escapes stand for their characters', 'a=\\t\\n\\r\\f\\u00e9\\q\\\\', ['a', '\t\n\r\féq\\', 1]],
  ['An escaped separator belongs to the key', 'a\\=b\\:c\\ d=e', ['a=b:c d', 'e', 1]],
  ['Both of two equal keys are given, in order', 'a=1\na=2', ['a', '1', 1], ['a', '2', 2]],
]

suite('A properties file', () => {
  for (const [sentence, text, ...properties] of rules) {
    test(sentence, () => {
      const expected = properties.map(([key, value, line]) => ({ key, value, line }))
      assert.deepEqual(parseProperties(text), { properties: expected, problems: [] })
    })
  }

  test('A malformed \\u is a problem of its line; the other lines count', () => {
    const { properties, problems } = parseProperties('a=1\nb=\\u12g4\nc\\u1=2\nd=\\\\u12')
    assert.deepEqual(
      properties.map(({ key, value }) => [key, value]),
      [
        ['a', '1'],
        ['d', '\\u12'],
      ],
    )
    assert.deepEqual(
      problems.map(({ line }) => line),
      [2, 3],
    )
  })

  test('Any text is parsed, and each property’s line is one of the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const lines = text.split(/\r\n|\r|\n/).length
        const { properties, problems } = parseProperties(text)
        for (const { line } of [...properties, ...problems]) assert.ok(line >= 1 && line <= lines)
      }),
    )
  })

  test('A long run of backslashes takes no longer than its length', () => {
    assert.equal(parseProperties(`a=${'\\'.repeat(200_000)}u0041`).properties[0]?.value.length, 100_005)
  })

  test('Texts mean to us what they mean to Java', (t) => {
    const java = requirePeer(t, 'java')
    if (java === undefined) return
    const sampled = fc.sample(anyText, { numRuns: 5000, seed: 42 })
    const texts = [...rules.map(([, text]) => text), ...sampled, 'a=\\u12', 'a=\\u123x', '\\u']
    const inJava = propertiesInJava(java, texts)
    for (const [index, text] of texts.entries()) {
      assert.deepEqual(keyed(lastOfEach(text)), keyed(inJava[index]), JSON.stringify(text))
    }
  })
})

const anyText = fc
  .array(
    fc.constantFrom('a', 'b', 'u', '0041', 't', '=', ':', ' ', '\t', '\f', '\n', '\r', '\r\n', '\\', '#', '!', 'é'),
    {
      maxLength: 30,
    },
  )
  .map((pieces) => pieces.join(''))

/** The properties as Java keeps them: the last of equal keys, sorted; or null where Java would refuse the text. */
function lastOfEach(text: string): [string, string][] | null {
  const { properties, problems } = parseProperties(text)
  if (problems.length > 0) return null
  return [...new Map(properties.map(({ key, value }) => [key, value]))].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Whether a backslash alone at the end of a text is a property without a key depends in Java on the line end behind it. */
function keyed(properties: [string, string][] | null | undefined): [string, string][] | undefined {
  return properties?.filter(([key]) => key !== '')
}

/** Both directions are hexadecimal UTF-16, so that no encoding comes between. */
const javaProgram = `
import java.io.*; import java.util.*;
public class PropertiesOf {
  static String unhex(String s) { StringBuilder b = new StringBuilder(); for (int i = 0; i + 4 <= s.length(); i += 4) b.append((char) Integer.parseInt(s.substring(i, i + 4), 16)); return b.toString(); }
  static String hex(String s) { StringBuilder b = new StringBuilder(); for (char c : s.toCharArray()) b.append(String.format("%04x", (int) c)); return b.toString(); }
  public static void main(String[] arguments) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    StringBuilder out = new StringBuilder();
    for (String line; (line = in.readLine()) != null; ) {
      Properties p = new Properties();
      try {
        p.load(new StringReader(unhex(line)));
        for (String key : new TreeSet<>(p.stringPropertyNames())) out.append(hex(key)).append(':').append(hex(p.getProperty(key))).append(' ');
      } catch (IllegalArgumentException refused) { out.append("refused"); }
      out.append('\\n');
    }
    System.out.print(out);
  }
}`

function propertiesInJava(java: string, texts: readonly string[]): ([string, string][] | null)[] {
  const directory = mkdtempSync(join(tmpdir(), 'meerkat-properties-'))
  try {
    const file = join(directory, 'PropertiesOf.java')
    writeFileSync(file, javaProgram)
    const input = texts.map((text) => `${hex(text)}\n`).join('')
    const output = execFileSync(java, ['-XX:TieredStopAtLevel=1', file], {
      input,
      encoding: 'latin1',
      timeout: 60_000,
    })
    return output.split('\n').slice(0, texts.length).map(parseJavaLine)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function parseJavaLine(line: string): [string, string][] | null {
  if (line === 'refused') return null
  const pairs = line.split(' ').filter((pair) => pair !== '')
  return pairs.map((pair): [string, string] => {
    const [key = '', value = ''] = pair.split(':')
    return [unhex(key), unhex(value)]
  })
}

function hex(text: string): string {
  return [...Array(text.length).keys()].map((index) => text.charCodeAt(index).toString(16).padStart(4, '0')).join('')
}

function unhex(text: string): string {
  return (text.match(/.{4}/g) ?? []).map((unit) => String.fromCharCode(Number.parseInt(unit, 16))).join('')
}
