import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RequestThrottle, type RequestThrottleSettings, type Verdict } from '../../src/limits/requestThrottle.ts'

const settings: RequestThrottleSettings = {
  maxRequests: 10,
  dropStale: true,
  staleLatencyCheck: false,
  throttledOpWaitTimeMs: 0,
}

interface Case {
  readonly when: string
  readonly settings?: Partial<RequestThrottleSettings>
  readonly request?: Partial<Parameters<RequestThrottle['judge']>[0]>
  readonly inProgress?: number
  readonly verdict: Verdict
}

const late = { waitedMs: 5001 }
const latency = { staleLatencyCheck: true }

const cases: readonly Case[] = [
  { when: 'there is room', verdict: 'begin' },
  { when: 'there is room for one more', inProgress: 9, verdict: 'begin' },
  { when: 'as many are in progress as may be', inProgress: 10, verdict: 'wait' },
  { when: 'it waited for longer than its session lives, and nobody looks', request: late, verdict: 'begin' },
  { when: 'it waited for longer than its session lives', settings: latency, request: late, verdict: 'drop' },
  { when: 'it is stale while there is no room', settings: latency, request: late, inProgress: 10, verdict: 'drop' },
  {
    when: 'it is stale and stale ones are kept',
    settings: { ...latency, dropStale: false },
    request: late,
    verdict: 'begin, stale',
  },
  { when: 'it closes the session', settings: latency, request: { ...late, isClose: true }, verdict: 'begin' },
  {
    when: 'it waited for longer than the wait time of a throttled operation',
    settings: { throttledOpWaitTimeMs: 100 },
    request: { waitedMs: 101 },
    verdict: 'answer THROTTLEDOP',
  },
  {
    when: 'it waited for just that time',
    settings: { throttledOpWaitTimeMs: 100 },
    request: { waitedMs: 100 },
    verdict: 'begin',
  },
  {
    when: 'it waited for longer and there is still no room',
    settings: { throttledOpWaitTimeMs: 100 },
    request: { waitedMs: 101 },
    inProgress: 10,
    verdict: 'wait',
  },
  {
    when: 'it is a ping that waited for longer',
    settings: { throttledOpWaitTimeMs: 100 },
    request: { waitedMs: 101, isVital: true },
    verdict: 'begin',
  },
]

describe('The request throttle', () => {
  for (const { when, settings: changes, request, inProgress = 0, verdict } of cases) {
    it(`says "${verdict}" of a request when ${when}`, () => {
      const throttle = new RequestThrottle({ ...settings, ...changes })
      const whole = { waitedMs: 0, sessionTimeoutMs: 5000, isVital: false, isClose: false, ...request }
      assert.equal(throttle.judge(whole, inProgress), verdict)
    })
  }
})
