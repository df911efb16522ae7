import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesOf } from '@meerkat/protocol'
import { countsPath, limitsPath, parseQuota, quotaText } from '../../src/shell/quota.ts'

test('the text of a quota is read and written as Apache does', () => {
  const cases = [
    ['count=5,bytes=-1', { count: 5, bytes: -1 }],
    [
      'count=5,bytes=-1=;byteHardLimit=7;countHardLimit=-1',
      { count: 5, bytes: -1, byteHardLimit: 7, countHardLimit: -1 },
    ],
  ] as const
  for (const [text, quota] of cases) {
    assert.deepEqual(parseQuota(bytesOf(text)), quota)
    assert.equal(quotaText(quota), text)
  }
  assert.deepEqual(parseQuota(null), {})
  assert.equal(quotaText({}), 'count=-1,bytes=-1')
})

test('limits and counts of a znode lie below /zookeeper/quota', () => {
  assert.equal(limitsPath('/a'), '/zookeeper/quota/a/zookeeper_limits')
  assert.equal(countsPath('/a'), '/zookeeper/quota/a/zookeeper_stats')
})
