import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { parseMembership, parseServer } from '../../src/configuration/membership.ts'
import type { Member } from '../../src/configuration/membership.ts'

const address = { host: 'a', quorumPort: 2888, electionPort: 3888 }

const lines: Readonly<Record<string, Omit<Member, 'id'>>> = {
  'a:2888:3888': { addresses: [address], role: 'participant' },
  'a:2888:3888:participant': { addresses: [address], role: 'participant' },
  'a:2888:3888:Observer': { addresses: [address], role: 'observer' },
  'a:2888:3888;2181': { addresses: [address], role: 'participant', clientAddress: { host: '0.0.0.0', port: 2181 } },
  'a:2888:3888:observer;b:2181': { addresses: [address], role: 'observer', clientAddress: { host: 'b', port: 2181 } },
  '[::1]:2888:3888;[fe80::2]:2181': {
    addresses: [{ ...address, host: '::1' }],
    role: 'participant',
    clientAddress: { host: 'fe80::2', port: 2181 },
  },
  'a:2888:3888|b:2889:3889': {
    addresses: [address, { host: 'b', quorumPort: 2889, electionPort: 3889 }],
    role: 'participant',
  },
  'a:2888:3888:observer|[::2]:2888:3888:observer;2181': {
    addresses: [address, { ...address, host: '::2' }],
    role: 'observer',
    clientAddress: { host: '0.0.0.0', port: 2181 },
  },
}

const wrong: Readonly<Record<string, RegExp>> = {
  '': /not an address/,
  a: /not an address/,
  'a:2888': /not an address/,
  ':2888:3888': /not an address/,
  '::1:2888:3888': /not an address|not a number/,
  'a:x:3888': /not a number from 0 to 65535/,
  'a:2888:65536': /not a number from 0 to 65535/,
  'a:2888:2888': /the same/,
  'a:2888:3888:leader': /unknown role `leader`/,
  'a:2888:3888:observer:more': /not an address/,
  'a:2888:3888;': /not a client address/,
  'a:2888:3888;b:c:1': /not a client address/,
  'a:2888:3888;1;2': /more than one `;`/,
  'a:2888:3888:observer|b:2888:3888:participant': /different roles/,
  '[::1:2888:3888': /not a(n address| number)|unknown role/,
}

suite('A server line', () => {
  for (const [text, member] of Object.entries(lines)) {
    test(`is understood: ${text}`, () => {
      assert.deepEqual(parseServer(3, text, { multiAddress: true }), { id: 3, ...member })
    })
  }

  for (const [text, problem] of Object.entries(wrong)) {
    test(`is refused: ${text}`, () => assert.match(refusal(text, { multiAddress: true }), problem))
  }

  test('names several addresses only where multiAddress.enabled is true', () => {
    assert.match(refusal('a:1:2|b:1:2', { multiAddress: false }), /multiAddress\.enabled=true/)
  })

  test('is understood or refused whatever it holds', () => {
    const pieces = fc.array(fc.constantFrom('a', ':', ';', '|', '[', ']', '1', '65536', 'observer', ' '), {
      maxLength: 20,
    })
    fc.assert(fc.property(pieces, (text) => void parseServer(1, text.join(''), { multiAddress: true })))
  })
})

suite('The members of an ensemble', () => {
  const servers = ['1', '2', '3'].map((suffix) => ({ name: 'server.', suffix, value: `h${suffix}:1:2` }))

  test('come in the order of their lines, the later of two with the same number in the place of the first', () => {
    const { members } = parsed([...servers, { name: 'server.', suffix: '2', value: 'other:1:2:observer' }]).membership
    assert.deepEqual(
      members.map(({ id, addresses }) => [id, addresses[0]?.host]),
      [
        [1, 'h1'],
        [2, 'other'],
        [3, 'h3'],
      ],
    )
  })

  test('have groups and weights in a hierarchical quorum', () => {
    const { membership, reports } = parsed([
      ...servers,
      { name: 'group.', suffix: '1', value: '1:2' },
      { name: 'group.', suffix: '2', value: '3' },
      { name: 'weight.', suffix: '3', value: '2' },
    ])
    assert.deepEqual(
      [...membership.groups],
      [
        [1, [1, 2]],
        [2, [3]],
      ],
    )
    assert.deepEqual([...membership.weights], [[3, 2]])
    assert.deepEqual(reports, [])
  })

  test('are refused line by line', () => {
    const { reports } = parsed([
      ...servers,
      { name: 'server.', suffix: 'x', value: 'a:1:2' },
      { name: 'group.', suffix: '1', value: '1:2' },
      { name: 'group.', suffix: '2', value: '2:two' },
      { name: 'group.', suffix: '3', value: '2' },
      { name: 'weight.', suffix: '1', value: '-1' },
    ])
    assert.deepEqual(reports, [
      'server.x: `x` is not a number; write server. and a whole number',
      'group.2: not a list of servers; write their numbers joined by `:`, such as 1:2:3',
      'weight.1: not a weight; write a whole number, 0 or more',
      'server.2: this server is in several groups; name it in one `group.G` line only',
      'server.3: this server is in no group; where there are groups or weights, name each server in one `group.G` line',
    ])
  })
})

function parsed(memberLines: readonly { name: string; suffix: string; value: string }[]) {
  const reports: string[] = []
  const membership = parseMembership(memberLines, { multiAddress: false }, ({ name, suffix }, problem) =>
    reports.push(`${name}${suffix}: ${problem}`),
  )
  return { membership, reports }
}

function refusal(text: string, options: { multiAddress: boolean }): string {
  const parsed = parseServer(1, text, options)
  return typeof parsed === 'string' ? parsed : 'accepted'
}
