import { describe, expect, it } from '@jest/globals'
import type { AnalysisReport, Outcome } from '../../src/rollout/outcome.js'
import type { MetricJudgement } from '../../src/rollout/ports/judge.js'
import { sayConclusion } from '../../src/workflow/conclusion.js'
import { doubtOf } from '../../src/workflow/doubt.js'
import { AT_25 } from './sample-outcome.js'

const passed = (metric: Partial<MetricJudgement>, more: Partial<Outcome> = {}): Outcome => {
  const errors: MetricJudgement = {
    name: 'errors',
    verdict: 'pass',
    reason: 'errors: no harm shown',
    stable: { requests: 100, value: 0 },
    candidate: { requests: 100, value: 0 },
    unit: 'share',
    stillAllowed: '54 points more than stable',
    ...metric,
  }
  const report: AnalysisReport = {
    parameters: { rules: [], minSamples: 100, holdOver: true },
    blocks: [],
    judgement: { verdict: 'pass', reason: errors.reason, metrics: [errors] },
  }
  return { ...AT_25, verdict: 'pass', report, ...more }
}

describe('a success that says little for the release', () => {
  it('is a pass that rules little out, named with what is still possible', () => {
    expect(doubtOf(passed({ littleKnown: true }))?.warning).toContain('errors: 54 points more than stable')
    expect(doubtOf(passed({}))).toBeUndefined()
  })

  it('is a failure that was only reported, and a step that went on without a verdict: they are not the same', () => {
    expect(doubtOf({ ...AT_25, verdict: 'fail' })).toEqual({ title: 'failed, and only reported' })
    expect(doubtOf({ ...AT_25, verdict: 'inconclusive' })).toEqual({ title: 'went on, not judged' })
  })

  it('is none where the metric is only reported, or the step failed anyway', () => {
    expect(doubtOf(passed({ littleKnown: true, dryRun: true }))).toBeUndefined()
    expect(doubtOf(passed({ littleKnown: true }, { result: 'failed' }))).toBeUndefined()
  })

  it('is a warning at the top of the run, not only a line below', () => {
    const warnings: string[] = []
    const narrator = { say: () => undefined, warn: (line: string) => warnings.push(line) }
    const outcome = passed({ littleKnown: true })
    sayConclusion({ service: 'shop', environment: 'production', outcome, dryRun: false }, narrator)
    expect(warnings).toEqual([expect.stringMatching(/^shop: Passed, but little is known/)])
  })
})
