import { describe, expect } from '@jest/globals'
import { conclusions, expectNothingLost, expectShare, resultOf } from './expectations.ts'
import { lastAnswerAfter } from './findings.ts'
import { scenario } from './scenario.ts'
import { canary, deploy, job, rollback, uses, workflow } from './workflow-text.ts'

describe('a step that is interrupted', () => {
  scenario('killed at 25 %, and then rollback', async (stage) => {
    await stage.live('v1')
    await stage.underLoad()
    const run = stage.start(
      workflow(job({ id: 'release', steps: [deploy('v2'), canary(25, { hold: '120s' }), rollback()] })),
    )
    const at25 = await stage.burstAt(run, 'w25')
    expect(run.killStep('release')).toBe(true)
    const result = await run.finished
    expect(resultOf(result, 'w25').outcome).toBe('failure')
    expect(resultOf(result, 'rollback').outputs).toMatchObject({
      result: 'rolled-back',
      'restored-version': 'v1',
    })
    await stage.gone('v2')
    const findings = await stage.findings()
    expectNothingLost(findings, { candidate: 'v2', returns: [{ from: at25.to }] })
    expectShare(findings, 'v2', 25, at25)
  })

  scenario('killed at 25 %, and then the same step again goes on to the end', async (stage) => {
    await stage.live('v1')
    await stage.underLoad()
    const steps = [
      deploy('v2'),
      uses('canary-step', { weight: 25, hold: '120s' }, ['id: killed', 'continue-on-error: true']),
      canary(25),
      canary(100),
    ]
    const run = stage.start(workflow(job({ id: 'release', steps })))
    const at25 = await stage.burstAt(run, 'killed')
    expect(run.killStep('release')).toBe(true)
    const result = await run.finished
    expect(conclusions(result).run).toBe('success')
    expect(resultOf(result, 'killed').outcome).toBe('failure')
    expect(resultOf(result, 'w25').outputs).toMatchObject({ result: 'succeeded', weight: '25' })
    expect(resultOf(result, 'w100').outputs['result']).toBe('succeeded')
    await stage.gone('v1')
    const findings = await stage.findings()
    expectNothingLost(findings, { candidate: 'v2' })
    expectShare(findings, 'v2', 25, at25)
  })

  scenario('a job that is cancelled during a hold leaves all requests at stable', async (stage) => {
    await stage.live('v1')
    const load = await stage.underLoad()
    const run = stage.start(
      workflow(job({ id: 'release', steps: [deploy('v2'), canary(25, { hold: '120s' })] })),
    )
    const at25 = await stage.burstAt(run, 'w25')
    const cancelled = load.mark('cancelled')
    run.cancel()
    const result = await run.finished
    expect(conclusions(result)).toEqual({ run: 'cancelled', release: 'cancelled' })
    expect(resultOf(result, 'w25').log).toContain('blue (v1) 100 %')
    await stage.gone('v2')
    const findings = await stage.findings()
    expectNothingLost(findings, { candidate: 'v2', returns: [{ from: cancelled }] })
    expectShare(findings, 'v2', 25, at25)
    const lastOfCandidateMs = Math.round(lastAnswerAfter(findings, 'v2', cancelled))
    stage.figures.push(
      `the last answer of the candidate was sent ${lastOfCandidateMs} ms after the cancellation`,
    )
    expect(lastOfCandidateMs).toBeLessThan(7_500)
  })

  scenario('a cancelled job holds where the release was deployed with on-cancel: hold', async (stage) => {
    await stage.live('v1')
    await stage.underLoad()
    const run = stage.start(
      workflow(
        job({ id: 'release', steps: [deploy('v2', { 'on-cancel': 'hold' }), canary(25, { hold: '120s' })] }),
      ),
    )
    const at25 = await stage.burstAt(run, 'w25')
    run.cancel()
    await run.finished
    const after = await stage.burst()
    const back = await stage.run(
      workflow(job({ id: 'back', steps: [uses('rollback', {}, ['id: rollback'])] })),
      { runId: stage.lastRunId },
    )
    expect(resultOf(back, 'rollback').outputs['result']).toBe('rolled-back')
    await stage.gone('v2')
    const findings = await stage.findings()
    expectNothingLost(findings, { candidate: 'v2', returns: [{ from: after.to }] })
    expectShare(findings, 'v2', 25, at25)
    expectShare(findings, 'v2', 25, after)
  })
})
