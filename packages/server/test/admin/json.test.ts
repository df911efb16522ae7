import assert from 'node:assert/strict'
import { it } from 'node:test'
import { prettyJson } from '../../src/admin/json.ts'
import { JavaDouble } from '../../src/metrics/javaDouble.ts'

it('writes JSON as Apache’s admin server does', () => {
  assert.equal(
    prettyJson({
      connections: [{ session_id: 72057668810637312n, last_operation: 'PING' }, { session_id: 0n }],
      secure_connections: [],
      current_config: {},
      by_path: new Map([['/a"\n', [1n, 2n]]]),
      avg_latency: new JavaDouble(1),
      nothing: new JavaDouble(NaN),
      read_only: false,
      error: null,
    }),
    `{
  "connections" : [ {
    "session_id" : 72057668810637312,
    "last_operation" : "PING"
  }, {
    "session_id" : 0
  } ],
  "secure_connections" : [ ],
  "current_config" : { },
  "by_path" : {
    "/a\\"\\n" : [ 1, 2 ]
  },
  "avg_latency" : 1.0,
  "nothing" : "NaN",
  "read_only" : false,
  "error" : null
}`,
  )
})
