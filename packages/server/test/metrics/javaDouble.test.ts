import assert from 'node:assert/strict'
import { it } from 'node:test'
import { javaDouble } from '../../src/metrics/javaDouble.ts'

it('writes doubles as Java does', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0.0'],
    [1, '1.0'],
    [0.5476, '0.5476'],
    [1e-4, '1.0E-4'],
    [9_999_999, '9999999.0'],
    [25_048_872, '2.5048872E7'],
    [1_795_247_221.609, '1.795247221609E9'],
    [-1, '-1.0'],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
  ]
  for (const [value, text] of cases) assert.equal(javaDouble(value), text)
})
