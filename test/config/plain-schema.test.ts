import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import * as v from 'valibot'
import { analysisSchema } from '../../src/config/judging/analysis-schema.js'
import { plainAnalysisSchema } from '../../src/config/judging/plain-analysis-schema.js'

/** Values of which some are right for a key and some are not. */
const value = fc.constantFrom<unknown>(
  ...[
    '5%',
    '0.05%',
    '800ms',
    '5s',
    '0',
    '1h',
    'back',
    'continue',
    'hold',
    'proof',
    'no-harm',
    'local',
    'main',
  ],
  ...['share', 'latency', 'mean', 'scalar', 'errors', 'latency-p95', 'latency-p99.9', 'orders', 'threshold'],
  ...[0, 0.01, 1, 2, 95, 100, 1_000, true, false, null, {}, ['errors'], { ratio: 2 }, { points: '1%' }],
)

const metricKeys = [
  ...['name', 'kind', 'percentile', 'tolerate', 'tolerate-points', 'tolerate-duration', 'limit'],
  ...['method', 'weight', 'source', 'requests', 'unknown'],
]
const metric = fc.oneof(value, fc.dictionary(fc.constantFrom(...metricKeys), value, { maxKeys: 3 }))
const metrics = fc.oneof(value, fc.array(metric, { maxLength: 3 }))

const keys = [
  ...[
    'source',
    'sources',
    'interval',
    'min-samples',
    'alpha',
    'early-pass',
    'pass-margin',
    'require',
    'history',
  ],
  ...['no-data-timeout', 'max-hold', 'on-inconclusive', 'on-fail', 'unknown'],
]
const analysis = fc
  .tuple(fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 2 }), fc.option(metrics))
  .map(([some, of]) => (of === null ? some : { ...some, metrics: of }))

describe('the schema of most files', () => {
  it('takes nothing that the full one does not take, and makes the same of it', () => {
    let taken = 0
    fc.assert(
      fc.property(analysis, (given) => {
        const plain = v.safeParse(plainAnalysisSchema, given)
        if (!plain.success) return
        taken++
        const full = v.safeParse(analysisSchema, given)
        expect(full.success && full.output).toEqual(plain.output)
      }),
      { numRuns: 5_000, seed: 4 },
    )
    expect(taken).toBeGreaterThan(200)
  })

  it.each([
    {},
    { source: 'local', metrics: ['errors', 'latency-p95'] },
    { metrics: [{ name: 'errors', limit: '5%' }, 'latency-p99'], 'early-pass': true, alpha: 0.01 },
  ])('takes what most files say: %j', (given) => {
    expect(v.safeParse(plainAnalysisSchema, given).success).toBe(true)
  })
})
