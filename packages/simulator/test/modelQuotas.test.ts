import { OpCode, type Txn } from '@meerkat/protocol'
import { test } from 'node:test'
import type { CreateRequest } from '../src/history/history.ts'
import { createOf, statOf, Story } from './story.ts'

const EXCEEDED: Txn = { type: OpCode.error, err: -125 }
const QUOTA = '/zookeeper/quota/a'
const [LIMITS, STATS] = [`${QUOTA}/zookeeper_limits`, `${QUOTA}/zookeeper_stats`]

function create(path: string, data = 'x'): CreateRequest {
  return { op: 'create', path, data, mode: 0, ttlMs: -1 }
}

/** /a with three bytes, and limits on it: transactions 2 and 3. */
function limited(limits: string): Story {
  const story = new Story().session(1).write(1, create('/a', 'abc'), createOf('/a', 0))
  const parts = [create(QUOTA, ''), create(LIMITS, limits), create(STATS, '')]
  const txns = parts.map(({ path }) => createOf(path, 0))
  return story.write(1, { op: 'multi', parts }, { type: OpCode.multi, txns })
}

function counted(story: Story, data: string): Story {
  const stat = { ...statOf(3), dataLength: data.length }
  return story.read(1, { op: 'getData', path: STATS, watch: false }, { result: { data, stat } })
}

test('What is below a path is counted', () => {
  counted(limited(''), 'count=1,bytes=3').breaks()
  const grown = (): Story => limited('').write(1, create('/a/b', 'de'), createOf('/a/b', 0))
  counted(grown(), 'count=2,bytes=5').breaks()
  counted(grown(), 'count=1,bytes=5').breaks('reads are of one state')
})

test('A hard limit may not be passed; nothing that it leaves room for, and nothing beside it, is refused', () => {
  const made = createOf('/a/b', 0)
  limited('count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=1').write(1, create('/a/b'), EXCEEDED).breaks()
  limited('countHardLimit=1').write(1, create('/a/b'), made).breaks('quotas')
  limited('countHardLimit=2').write(1, create('/a/b'), EXCEEDED).breaks('quotas')
  limited('countHardLimit=2').write(1, create('/a/b'), made).breaks()
  limited('byteHardLimit=4').write(1, create('/a/b', 'xy'), EXCEEDED).breaks()
  limited('byteHardLimit=4').write(1, create('/b', 'xy'), EXCEEDED).breaks('quotas')
  limited('count=1,bytes=1').write(1, create('/a/b'), made).breaks()
})

test('A limit that is passed already bars what changes the number that it limits, and nothing else', () => {
  const request = { op: 'setData', path: '/a', data: 'ab', version: -1 } as const
  const done: Txn = { type: OpCode.setData, path: '/a', data: null, version: 1 }
  limited('countHardLimit=0').write(1, request, done).breaks()
  limited('byteHardLimit=1').write(1, request, EXCEEDED).breaks()
  limited('byteHardLimit=1').write(1, request, done).breaks('quotas')
})

test('A request may be held against any state between the last that was heard of and its own', () => {
  const burst = (second: Txn): Story => {
    const story = limited('countHardLimit=2')
    const xids = ['/a/b', '/a/c'].map((path) => story.call(1, create(path)))
    const [first = 0, last = 0] = xids
    story.logged(createOf('/a/b', 0), { cxid: first }).logged(second, { cxid: last })
    story.reply(1, first, { zxid: story.zxid - 1 })
    return story.reply(1, last, { err: second.type === OpCode.error ? second.err : 0 })
  }
  burst(createOf('/a/c', 0)).breaks()
  burst(EXCEEDED).breaks()
  const slow = limited('countHardLimit=2').write(1, create('/a/b'), createOf('/a/b', 0))
  slow.write(1, create('/a/c'), createOf('/a/c', 0)).breaks('quotas')
})
