import { describe, expect } from '@jest/globals'
import { conclusions, expectNothingLost, expectShare, resultOf } from './expectations.ts'
import { scenario } from './scenario.ts'
import { canary, deploy, job, uses, workflow } from './workflow-text.ts'

const STATE = '{ state: "${{ steps.deploy.outputs.state }}" }'

/** Deploy and 25 % in one job, the rest in another, the state handed over between them. */
const twoJobs = (version: string, between = ''): string =>
  workflow(
    job({
      id: 'canary',
      outputs: STATE,
      steps: [deploy(version), canary(25)],
    }),
    job({
      id: 'everyone',
      needs: 'canary',
      steps: [
        ...(between === '' ? [] : [between]),
        uses('canary-step', { weight: 100, state: '${{ needs.canary.outputs.state }}' }, ['id: w100']),
      ],
    }),
  )

describe('a run that is run again', () => {
  scenario('an older one returns to its release in one step', async (stage) => {
    await stage.live('v0')
    const file = workflow(
      job({ id: 'release', steps: [deploy('v1'), canary(25, { hold: '0s' }), canary(100, { hold: '0s' })] }),
    )
    const first = await stage.run(file, { runId: '501' })
    expect(conclusions(first).run).toBe('success')
    await stage.live('v2')
    const load = await stage.underLoad()
    const began = load.mark('return')
    const again = await stage.run(file, { previousAttempt: first })
    expect(conclusions(again).run).toBe('success')
    expect(resultOf(again, 'deploy').log).toContain('returned to v1')
    expect(resultOf(again, 'w25').outputs['result']).toBe('unchanged')
    expect(resultOf(again, 'w100').outputs['result']).toBe('unchanged')
    await stage.gone('v2')
    const findings = await stage.findings()
    expectNothingLost(findings, { returns: [{ from: began }] })
    expect(findings.verdict.byVersion['v1']?.answers).toBeGreaterThan(1_000)
  })

  scenario(
    'only the failed jobs: they go on from 25 %; then all jobs: nothing is left to do',
    async (stage) => {
      await stage.live('v1')
      const load = await stage.underLoad()
      const file = twoJobs('v2', '- { id: flaky, run: "test $GITHUB_RUN_ATTEMPT -gt 1" }')
      const first = await stage.run(file, { runId: '502' })
      expect(conclusions(first)).toEqual({ run: 'failure', canary: 'success', everyone: 'failure' })
      // Nothing of ours ran in the second job, so the rollout is parked still: the failed job alone goes on with it.
      const failed = await stage.run(file, { previousAttempt: first, reRun: 'failed' })
      expect(conclusions(failed)).toEqual({ run: 'success', canary: 'success', everyone: 'success' })
      expect(resultOf(failed, 'w100').outputs).toMatchObject({ result: 'succeeded', weight: '100' })
      await stage.gone('v1')
      const promoted = load.mark('promoted')
      const all = await stage.run(file, { previousAttempt: failed, reRun: 'all' })
      expect(conclusions(all).run).toBe('success')
      expect(resultOf(all, 'deploy').outputs['result']).toBe('unchanged')
      expect(promoted).toBeGreaterThan(0)
      const findings = await stage.findings()
      expectNothingLost(findings, { candidate: 'v2' })
    },
  )

  scenario(
    'all jobs, while the first attempt stands at 25 %: the weight goes to 0 and a new rollout opens',
    async (stage) => {
      await stage.live('v1')
      const load = await stage.underLoad()
      const file = twoJobs('v2', '- { id: flaky, run: "test $GITHUB_RUN_ATTEMPT -gt 1" }')
      const first = await stage.run(file, { runId: '503' })
      expect(conclusions(first).run).toBe('failure')
      const at25 = await stage.burst()
      const again = load.mark('again')
      const run = stage.start(file, { previousAttempt: first, reRun: 'all' })
      await run.waitFor({ type: 'step-finished', step: 'deploy' }, { deadlineMs: 60_000 })
      const anew = load.mark('anew')
      const result = await run.finished
      expect(conclusions(result).run).toBe('success')
      expect(resultOf(result, 'deploy').log).toContain('attempt 2 of the run begins anew')
      await stage.gone('v1')
      const findings = await stage.findings()
      expectNothingLost(findings, { candidate: 'v2', returns: [{ from: again, to: anew }] })
      expectShare(findings, 'v2', 25, at25)
    },
  )

  scenario(
    'only the failed job, whose rollout was taken back: it is refused, for its state is stale (trap 40)',
    async (stage) => {
      await stage.live('v1')
      const load = await stage.underLoad()
      const file = workflow(
        job({ id: 'canary', outputs: STATE, steps: [deploy('v2'), canary(25)] }),
        job({
          id: 'everyone',
          needs: 'canary',
          steps: [
            canary(50, { state: '${{ needs.canary.outputs.state }}' }),
            '- { id: flaky, run: "test $GITHUB_RUN_ATTEMPT -gt 1" }',
            canary(100),
          ],
        }),
      )
      const run = stage.start(file, { runId: '504' })
      await run.waitFor({ type: 'step-started', step: 'flaky' }, { deadlineMs: 90_000 })
      const failing = load.mark('failing')
      const first = await run.finished
      expect(conclusions(first)).toEqual({ run: 'failure', canary: 'success', everyone: 'failure' })
      await stage.gone('v2')
      const alone = await stage.run(file, { previousAttempt: first, reRun: 'failed' })
      expect(conclusions(alone)).toEqual({ run: 'failure', canary: 'success', everyone: 'failure' })
      expect(resultOf(alone, 'w50').log).toContain('Re-run all jobs')
      const findings = await stage.findings()
      expectNothingLost(findings, { candidate: 'v2', returns: [{ from: failing }] })
    },
  )

  scenario(
    'a state output that a mask has dropped: the run finds its rollout itself (trap 35)',
    async (stage) => {
      await stage.live('v1')
      await stage.underLoad()
      const mask = '- run: echo "::add-mask::${{ steps.deploy.outputs.state }}"'
      const file = workflow(
        job({ id: 'canary', outputs: STATE, steps: [deploy('v2'), mask, canary(25)] }),
        job({
          id: 'everyone',
          needs: 'canary',
          steps: [
            uses('canary-step', { weight: 100, state: '${{ needs.canary.outputs.state }}' }, ['id: w100']),
          ],
        }),
      )
      const result = await stage.run(file)
      expect(result.jobs['canary']?.outputs['state'] ?? '').toBe('')
      expect(conclusions(result).run).toBe('success')
      expect(resultOf(result, 'w100').outputs).toMatchObject({ result: 'succeeded', weight: '100' })
      await stage.gone('v1')
      expectNothingLost(await stage.findings(), { candidate: 'v2' })
    },
  )
})
