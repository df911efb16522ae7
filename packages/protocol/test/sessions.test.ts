import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { requirePeer } from '../../../test/support/peers.ts'
import type { SessionId } from '../src/identifiers.ts'
import { sessionIdOf } from '../src/identifiers.ts'
import {
  CONTAINER_OWNER,
  MAX_TTL_MS,
  firstSessionId,
  ownerKind,
  sessionPassword,
  ttlOwner,
  type OwnerKind,
  type OwnerRules,
} from '../src/sessions.ts'
import { long } from './support/arbitraries.ts'
import { askJava } from './support/javaFacts.ts'

const hexOf = (value: bigint): string => BigInt.asUintN(64, value).toString(16)

test("passwords are those of Apache's servers", () => {
  const passwords: [bigint, string][] = [
    [0x1n, '054cc74a37327db215e702e20c73f005'],
    [0x0100000000000001n, '054cc74a37327db215e702e20c73f005'],
    [0xfe00000000000001n, '054cc74a37327db215e702e20c73f005'],
    [0x1000001d4c0a0000n, '6468eed6217c1176e24b64afd2a3db4f'],
    [0x0300abcdef120005n, 'fbf445ba19b99066a4a063798caa2004'],
    [0x010000309f590000n, '2db4a766b656594d533bba9eef1cbe26'],
    [0x010000309f590001n, '40d5a16656a23892487e21cac3a5d2f3'],
  ]
  for (const [id, password] of passwords) assert.equal(sessionPassword(sessionIdOf(id)).toString('hex'), password)
})

test('passwords are those of java.util.Random for any session', (t) => {
  if (requirePeer(t, 'apache-3.9.4') === undefined) return
  const ids = fc.sample(long, { numRuns: 300, seed: 1 })
  const passwords = askJava(ids.map((id) => `password ${hexOf(id)}`))
  ids.forEach((id, i) => assert.equal(sessionPassword(id as SessionId).toString('hex'), passwords[i]))
})

test('a first session id has the server in its top byte, 40 bits of time, and a counter at zero', () => {
  assert.equal(hexOf(firstSessionId({ elapsedMs: 0x309f59, serverId: 1 })), '10000309f590000')
  assert.equal(hexOf(firstSessionId({ elapsedMs: 0, serverId: 254 })), 'fe00000000000000')
  assert.equal(hexOf(firstSessionId({ elapsedMs: 1.9, serverId: 2 })), '200000000010000')
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.integer({ min: 0, max: 255 }), (elapsedMs, serverId) => {
      const id = BigInt.asUintN(64, firstSessionId({ elapsedMs, serverId }))
      assert.equal(id >> 56n, BigInt(serverId))
      assert.equal((id >> 16n) & 0xffffffffffn, BigInt(elapsedMs) & 0xffffffffffn)
    }),
  )
})

test('no session has the number that marks containers', () => {
  assert.equal(firstSessionId({ elapsedMs: 0, serverId: 128 }), CONTAINER_OWNER + 1n)
})

const today: OwnerRules = { extendedTypes: true, emulate353Ttl: false }
const plain: OwnerRules = { extendedTypes: false, emulate353Ttl: false }
const emulating: OwnerRules = { extendedTypes: true, emulate353Ttl: true }

test('an ephemeralOwner tells what a znode is', () => {
  const kinds: [bigint, OwnerRules, OwnerKind][] = [
    [0n, today, { kind: 'persistent' }],
    [0n, plain, { kind: 'persistent' }],
    [-(1n << 63n), today, { kind: 'container' }],
    [-(1n << 63n), plain, { kind: 'container' }],
    [1n, today, { kind: 'ephemeral', session: sessionIdOf(1n) }],
    [0xff0000000000ea60n, today, { kind: 'ttl', ttlMs: 60_000 }],
    [0xff0000000000ea60n, plain, { kind: 'ephemeral', session: sessionIdOf(0xff0000000000ea60n) }],
    [0xfe0000000000ea60n, today, { kind: 'ephemeral', session: sessionIdOf(0xfe0000000000ea60n) }],
    [0x800000000000ea60n, today, { kind: 'ephemeral', session: sessionIdOf(0x800000000000ea60n) }],
    [0x800000000000ea60n, emulating, { kind: 'ttl', ttlMs: 60_000 }],
    [0xfe0000000000ea60n, emulating, { kind: 'ttl', ttlMs: 60_000 }],
    [-(1n << 63n), emulating, { kind: 'container' }],
  ]
  for (const [owner, rules, kind] of kinds) assert.deepEqual(ownerKind(BigInt.asIntN(64, owner), rules), kind)
})

test('the owner of a znode with a time to live tells this time', () => {
  assert.equal(MAX_TTL_MS, 1_099_511_627_775)
  assert.equal(hexOf(ttlOwner(60_000)), 'ff0000000000ea60')
  fc.assert(
    fc.property(fc.integer({ min: 1, max: MAX_TTL_MS }), (ttlMs) =>
      assert.deepEqual(ownerKind(ttlOwner(ttlMs), today), { kind: 'ttl', ttlMs }),
    ),
  )
})

test("an ephemeralOwner means what Apache's server takes it for", (t) => {
  if (requirePeer(t, 'apache-3.9.4') === undefined) return
  const owners = [
    ...[0n, CONTAINER_OWNER, CONTAINER_OWNER + 1n, 1n, -1n, ttlOwner(1), ttlOwner(MAX_TTL_MS), 0xfen << 56n],
    ...fc.sample(long, { numRuns: 200, seed: 1 }),
    ...fc.sample(fc.bigInt(1n, 0xffffffffffffn), { numRuns: 50, seed: 1 }).map((low) => low | (0x80n << 56n)),
  ].map((owner) => BigInt.asIntN(64, owner))
  for (const rules of [today, plain, emulating, { extendedTypes: false, emulate353Ttl: true }]) {
    const questions = owners.map((owner) => `owner ${hexOf(owner)} ${rules.extendedTypes} ${rules.emulate353Ttl}`)
    const answers = askJava(questions)
    owners.forEach((owner, i) => {
      // What Apache's server refuses to read, a feature that nobody has defined, it can never have written.
      if (answers[i] !== 'refused') assert.equal(inJava(ownerKind(owner, rules)), answers[i], questions[i])
    })
  }
})

function inJava(owner: OwnerKind): string {
  switch (owner.kind) {
    case 'persistent':
      return 'VOID'
    case 'container':
      return 'CONTAINER'
    case 'ephemeral':
      return 'NORMAL'
    case 'ttl':
      return `TTL ${owner.ttlMs}`
  }
}
