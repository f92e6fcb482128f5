import { describe, expect } from '@jest/globals'
import type { RunResult } from '../github/run-workflow.ts'
import { conclusions, expectNothingLost, expectShare, resultOf } from './expectations.ts'
import type { ScenarioStage } from './scenario-stage.ts'
import { scenario } from './scenario.ts'
import { canary, deploy, job, rollback, uses, workflow } from './workflow-text.ts'

const parked = (version: string): string =>
  workflow(job({ id: 'canary', steps: [deploy(version), canary(25)] }))

describe('two runs, and runs that nobody goes on with', () => {
  scenario(
    'two at once: the second is refused naming the first, and its own rollback does not touch it',
    async (stage) => {
      await stage.live('v1')
      await stage.underLoad()
      const first = stage.start(
        workflow(job({ id: 'release', steps: [deploy('v2'), canary(25, { hold: '20s' }), canary(100)] })),
        { runId: '601' },
      )
      const at25 = await stage.burstAt(first, 'w25')
      const second = await stage.run(
        workflow(job({ id: 'release', steps: [deploy('v3'), canary(25), rollback()] })),
        { runId: '602' },
      )
      expect(conclusions(second).run).toBe('failure')
      expect(resultOf(second, 'deploy').log).toContain('run 601')
      expect(resultOf(second, 'rollback').outputs['result']).toBe('unchanged')
      expect(resultOf(second, 'rollback').outcome).toBe('success')
      const result = await first.finished
      expect(conclusions(result).run).toBe('success')
      expect(resultOf(result, 'w100').outputs).toMatchObject({ result: 'succeeded', weight: '100' })
      await stage.gone('v1')
      const findings = await stage.findings()
      expectNothingLost(findings, { candidate: 'v2' })
      expectShare(findings, 'v2', 25, at25)
      expect(findings.verdict.byVersion['v3']).toBeUndefined()
    },
  )

  scenario('a hotfix supersedes a rollout that is parked', async (stage) => {
    await stage.live('v1')
    const load = await stage.underLoad()
    expect(conclusions(await stage.run(parked('v2'), { runId: '611' })).run).toBe('success')
    const at25 = await stage.burst()
    const superseding = load.mark('superseding')
    const hotfix = stage.start(
      workflow(job({ id: 'release', steps: [deploy('v3', { 'if-busy': 'supersede' }), canary(100)] })),
      { runId: '612' },
    )
    await hotfix.waitFor({ type: 'step-finished', step: 'deploy' }, { deadlineMs: 60_000 })
    const superseded = load.mark('superseded')
    const result = await hotfix.finished
    expect(conclusions(result).run).toBe('success')
    const late = await stage.run(workflow(job({ id: 'everyone', steps: [canary(100)] })), { runId: '611' })
    expect(resultOf(late, 'w100').log).toContain('superseded by run 612')
    await stage.gone('v1')
    const findings = await stage.findings()
    expectNothingLost(findings, { returns: [{ from: superseding, to: superseded }] })
    expectShare(findings, 'v2', 25, at25)
  })

  scenario('an approval is refused, and the closing job goes back', async (stage) => {
    await stage.live('v1')
    await stage.underLoad()
    const file = workflow(
      job({
        id: 'canary',
        outputs: '{ state: "${{ steps.deploy.outputs.state }}" }',
        steps: [deploy('v2'), canary(25)],
      }),
      job({
        id: 'approve',
        needs: 'canary',
        environment: '{ name: production-approval, deployment: false }',
        steps: ['- run: echo approved'],
      }),
      job({ id: 'everyone', needs: '[canary, approve]', steps: [canary(100)] }),
      job({
        id: 'go-back',
        needs: '[canary, approve, everyone]',
        if: "always() && needs.everyone.result != 'success'",
        steps: [uses('rollback', {}, ['id: rollback'])],
      }),
    )
    let at25: { from: number; to: number } | undefined
    const approve = async () => {
      at25 = await stage.burst()
      return 'refused' as const
    }
    const result = await stage.run(file, { approve })
    expect(conclusions(result)).toEqual({
      run: 'failure',
      canary: 'success',
      approve: 'failure',
      everyone: 'skipped',
      'go-back': 'success',
    })
    expect(resultOf(result, 'rollback').outputs).toMatchObject({
      result: 'rolled-back',
      'restored-version': 'v1',
    })
    await stage.gone('v2')
    const findings = await stage.findings()
    expectNothingLost(findings, { candidate: 'v2', returns: [{ from: at25?.to ?? 0 }] })
    expectShare(findings, 'v2', 25, at25 ?? { from: 0, to: 0 })
  })

  scenario(
    'the parking time is over, and the sweep goes back',
    async (stage) => {
      await stage.live('v1')
      await stage.underLoad()
      expect(conclusions(await stage.run(parked('v2'), { runId: '621' })).run).toBe('success')
      const sweep = workflow(
        job({ id: 'sweep', steps: [uses('rollback', { 'if-stale': 'back' }, ['id: sweep'])] }),
      )
      const early = await stage.run(sweep)
      expect(resultOf(early, 'sweep').outputs['result']).toBe('unchanged')
      const at25 = await stage.burst()
      const late = await sweptAt(stage, sweep)
      expect(resultOf(late, 'sweep').outputs).toMatchObject({
        result: 'rolled-back',
        'restored-version': 'v1',
      })
      expect(resultOf(late, 'sweep').log).toContain('its parking time was over')
      await stage.gone('v2')
      const findings = await stage.findings()
      expectNothingLost(findings, { candidate: 'v2', returns: [{ from: at25.to }] })
      expectShare(findings, 'v2', 25, at25)
    },
    { timing: { park: '12s' } },
  )
})

/** Runs the sweep, as a schedule does, until it does something. */
async function sweptAt(stage: ScenarioStage, sweep: string): Promise<RunResult> {
  const deadline = performance.now() + 60_000
  for (;;) {
    const result = await stage.run(sweep)
    if (resultOf(result, 'sweep').outputs['result'] !== 'unchanged') return result
    if (performance.now() > deadline) throw new Error('the sweep did nothing for 60 s')
    await new Promise((done) => setTimeout(done, 1_000))
  }
}
