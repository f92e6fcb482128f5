import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { toleranceOf } from '../../src/analysis/tolerance.js'
import type { MetricRule } from '../../src/rollout/ports/judge.js'
import { DEFAULT_TOLERANCE } from '../../src/rollout/ports/default-tolerance.js'

const of = (kind: MetricRule['kind'], said: Partial<MetricRule> = {}) =>
  toleranceOf({ name: 'checked', kind, ...said })

describe('what is tolerated where a rule does not say', () => {
  const { shareRatio, shareMore, latencyRatio } = DEFAULT_TOLERANCE

  it('is a quarter or 0.05 points of a share, a tenth of a latency, and nothing of a mean', () => {
    expect(of('share')).toEqual({ ratio: 1.25, more: 0.0005 })
    expect(of('latency')).toEqual({ ratio: 1.1, more: 0 })
    expect(of('mean')).toEqual({ ratio: 1, more: 0 })
  })

  it('is nothing more than what it does say', () => {
    expect(of('share', { tolerateRatio: 2 })).toEqual({ ratio: 2, more: 0 })
    expect(of('share', { tolerateShare: 0.01 })).toEqual({ ratio: 1, more: 0.01 })
    expect(of('latency', { tolerateMs: 20 })).toEqual({ ratio: 1, more: 20 })
  })

  it('is told so by the page and by the schema of the file', () => {
    const ratio = `Default: ${shareRatio} for shares and ${latencyRatio} for latencies of which no other tolerance is said, else 1`
    const share = `Default: ${shareMore} where \`tolerateRatio\` is not said either, else 0`
    for (const file of ['docs/judging.md', 'docs/judge-input.schema.json', 'docs/report.schema.json']) {
      const text = readFileSync(file, 'utf8')
      expect(text).toContain(ratio)
      expect(text).toContain(share)
    }
  })
})
