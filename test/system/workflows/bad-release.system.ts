import { describe, expect } from '@jest/globals'
import type { Moments } from '../../load/moments.js'
import type { Load } from '../../load/start.js'
import { conclusions, expectNothingLost, resultOf } from '../../workflows/expectations.js'
import type { ScenarioStage } from '../../workflows/scenario-stage.js'
import { canary, deploy, job, rollback, workflow } from '../../workflows/workflow-text.js'
import type { RealPrometheus } from '../prometheus/real-prometheus.js'
import { analysisBy, COUNTED_BY_PODS, judgedByPrometheus, RATES, whereItIs } from './judged-by-prometheus.js'

/** Long enough for 5 % errors at a quarter of the load to be shown on any machine. */
const HOLD = '60s'
/** A look. */
const SEEN = /: stable [\d,]+ requests, .*; candidate [\d,]+ requests, .*: errors ×/

describe('a bad release, judged by Prometheus', () => {
  judgedByPrometheus(
    'that fails 5 % of its requests goes back in the same step, by the figures of the router, and one that turns bad by those of its pods',
    async (stage, prometheus) => {
      await stage.live('v1')
      const load = await stage.underLoad({ rates: RATES })

      stage.platform.fault('v2', { ERROR_SHARE: 0.05 })
      const byRouter = await failedAt25(stage, load, prometheus, 'v2')

      stage.writeConfig({ analysis: analysisBy({ metrics: { errors: COUNTED_BY_PODS } }) })
      const byPods = await failedAt25(stage, load, prometheus, 'v3', () =>
        stage.platform.fault('v3', { ERROR_SHARE: 0.05 }),
      )

      const findings = await stage.findings([{ version: 'v2' }, { version: 'v3' }])
      expectNothingLost(findings, { returns: [byRouter, byPods] })
      expect(findings.verdict.forgiven).toBeGreaterThan(0)
    },
  )
})

/** A rollout that is held at 25 %, and must be taken back by that step. Answers in which time clients may be sent back. */
async function failedAt25(
  stage: ScenarioStage,
  load: Load,
  prometheus: RealPrometheus,
  version: string,
  whenSeen?: () => void,
): Promise<Moments> {
  const run = stage.start(
    workflow(
      job({
        id: 'release',
        env: whereItIs(prometheus),
        steps: [deploy(version), canary(25, { hold: HOLD }), canary(100), rollback()],
      }),
    ),
  )
  await run.waitFor({ type: 'line', step: 'w25', line: /Confirmed: / }, { deadlineMs: 90_000 })
  const from = load.mark(`${version} has its share`)
  if (whenSeen !== undefined) {
    await run.waitFor({ type: 'line', step: 'w25', line: SEEN }, { deadlineMs: 90_000 })
    whenSeen()
  }
  const result = await run.finished
  expect(conclusions(result).run).toBe('failure')
  const { outputs, log } = resultOf(result, 'w25')
  // By the verdict, not by the time: a hold that is over does not fail.
  expect(outputs).toMatchObject({ result: 'failed', weight: '0' })
  expect(log).toMatch(/##\[error\].*errors: \S+ % of [\d,]+ requests at the candidate, 0 % of/)
  expect(log).toContain('Back at stable: ')
  expect(resultOf(result, 'w100').outcome).toBe('skipped')
  expect(resultOf(result, 'rollback').outputs).toMatchObject({
    result: 'rolled-back',
    'restored-version': 'v1',
  })
  await stage.gone(version)
  return { from, to: load.mark(`${version} is gone`) }
}
