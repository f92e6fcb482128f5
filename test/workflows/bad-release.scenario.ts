import { describe, expect } from '@jest/globals'
import { readFileSync } from 'node:fs'
import type { StepResult } from '../github/run-workflow.ts'
import { conclusions, expectNothingLost, resultOf } from './expectations.ts'
import { lastAnswerAfter } from './findings.ts'
import { scenario } from './scenario.ts'
import { canary, deploy, job, rollback, smoke, uses, workflow } from './workflow-text.ts'

/** Requests that a crash may cost: those in flight in the two processes at that moment, at 25 % of the load. */
const IN_FLIGHT_AT_A_CRASH = 12
/** From the verdict (the deciding sample was there to be read) to 0 % confirmed. */
const ROLLBACK_LIMIT_MS = 1_000

describe('a bad release takes itself back', () => {
  scenario('one that fails its smoke test never gets a request', async (stage) => {
    await stage.live('v1')
    stage.platform.fault('v2', { ERROR_SHARE: 1 })
    await stage.underLoad()
    const result = await stage.run(
      workflow(job({ id: 'release', steps: [deploy('v2'), smoke(), canary(5), rollback()] })),
    )
    expect(conclusions(result).run).toBe('failure')
    expect(resultOf(result, 'smoke').outputs).toMatchObject({ result: 'failed', failed: '2' })
    expect(resultOf(result, 'w5').outcome).toBe('skipped')
    expect(resultOf(result, 'rollback').outputs).toMatchObject({
      result: 'rolled-back',
      'restored-version': 'v1',
    })
    await stage.gone('v2')
    const findings = await stage.findings()
    expectNothingLost(findings)
    expect(findings.verdict.byVersion['v2']).toBeUndefined()
  })

  scenario('one that answers badly is at 0 %, confirmed, within a second of the verdict', async (stage) => {
    await stage.live('v1')
    stage.platform.fault('v2', { ERROR_SHARE: 0.05, DELAY_MS: 40 })
    await stage.underLoad()
    const analyze = uses('analyze', { for: '30s' }, ['id: analyze'])
    const run = stage.start(
      workflow(
        job({
          id: 'release',
          steps: [deploy('v2'), canary(25, { hold: '0s' }), analyze, canary(100), rollback()],
        }),
      ),
    )
    await run.waitFor({ type: 'line', step: 'analyze', line: /Back at stable: / }, { deadlineMs: 90_000 })
    const confirmedAt = Date.now()
    const result = await run.finished
    expect(conclusions(result).run).toBe('failure')
    expect(resultOf(result, 'analyze').outputs).toMatchObject({ result: 'failed', verdict: 'fail' })
    expect(resultOf(result, 'w100').outcome).toBe('skipped')
    expect(resultOf(result, 'rollback').outputs).toMatchObject({
      result: 'rolled-back',
      'restored-version': 'v1',
    })
    await stage.gone('v2')
    const findings = await stage.findings([{ version: 'v2' }])
    const deciding = decidingBlock(resultOf(result, 'analyze'))
    expectNothingLost(findings, { candidate: 'v2', returns: [{ from: deciding.fromMs }] })
    expect(findings.verdict.forgiven).toBeGreaterThan(0)
    const lastBadMs = Math.round(lastAnswerAfter(findings, 'v2', deciding.toMs))
    const confirmedMs = confirmedAt - deciding.toMs
    stage.figures.push(
      `from the verdict: last answer of the bad release sent after ${lastBadMs} ms, 0 % confirmed after ${confirmedMs} ms`,
    )
    expect(lastBadMs).toBeLessThanOrEqual(ROLLBACK_LIMIT_MS)
    expect(confirmedMs).toBeLessThanOrEqual(ROLLBACK_LIMIT_MS)
  })

  scenario('one that dies at 25 % costs no more than what was in flight', async (stage) => {
    await stage.live('v1')
    await stage.underLoad()
    const run = stage.start(
      workflow(job({ id: 'release', steps: [deploy('v2'), canary(25, { hold: '60s' }), rollback()] })),
    )
    await stage.burstAt(run, 'w25')
    stage.platform.fault('v2', { CRASH_AFTER_MS: 1 })
    await stage.platform.crash('v2')
    const result = await run.finished
    expect(resultOf(result, 'w25').outputs).toMatchObject({ result: 'failed', weight: '0' })
    expect(resultOf(result, 'w25').log).toMatch(/restarted|ready/)
    expect(resultOf(result, 'rollback').outputs['result']).toBe('rolled-back')
    await stage.gone('v2')
    const findings = await stage.findings([{ version: 'v2' }])
    expect(findings.verdict.lost).toBeLessThanOrEqual(IN_FLIGHT_AT_A_CRASH)
    expect(findings.verdict.doubled).toEqual([])
  })

  scenario(
    'one that never becomes ready fails at the deadline with its last log lines',
    async (stage) => {
      await stage.live('v1')
      stage.platform.fault('v2', { NEVER_READY: true, PRINT_SECRET: 'waiting for the warehouse' })
      await stage.underLoad()
      const result = await stage.run(
        workflow(job({ id: 'release', steps: [deploy('v2'), canary(5), rollback()] })),
      )
      const deployed = resultOf(result, 'deploy')
      expect(deployed.outputs).toMatchObject({ result: 'failed' })
      expect(deployed.log).toContain('was not ready in green within 6s')
      expect(deployed.log).toContain('waiting for the warehouse')
      expect(resultOf(result, 'rollback').outputs['result']).toBe('rolled-back')
      await stage.gone('v2')
      const findings = await stage.findings()
      expectNothingLost(findings)
      expect(findings.verdict.byVersion['v2']).toBeUndefined()
    },
    { timing: { 'ready-deadline': '6s' } },
  )
})

/** The last sample that a judgement was made of, from the report that the step has left. Wall time, milliseconds since 1970. */
function decidingBlock(step: StepResult): { readonly fromMs: number; readonly toMs: number } {
  const report = JSON.parse(readFileSync(step.outputs['report'] ?? '', 'utf8')) as {
    blocks: { fromMs: number; toMs: number }[]
  }
  const last = report.blocks.at(-1)
  if (last === undefined) throw new Error('the report has no blocks')
  return last
}
