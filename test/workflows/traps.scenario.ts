import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from '@jest/globals'
import { conclusions, resultOf } from './expectations.ts'
import { scenario } from './scenario.ts'
import { canary, deploy, job, rollback, uses, waitsFor, workflow } from './workflow-text.ts'

/** Traps of docs/traps.md that only a whole run can show, and that need no load to be shown. */
describe('traps of the runner', () => {
  scenario(
    'trap 25: a promotion that cannot be done says that it failed, and nothing is promoted',
    async (stage) => {
      await stage.live('v1')
      const go = join(stage.folder, 'go')
      const run = stage.start(
        workflow(
          job({ id: 'release', steps: [deploy('v2'), waitsFor(go, 'gate'), canary(100), rollback()] }),
        ),
      )
      await run.waitFor({ type: 'step-started', step: 'gate' }, { deadlineMs: 60_000 })
      stage.platform.fault('v2', { CRASH_AFTER_MS: 1 })
      await stage.platform.crash('v2')
      writeFileSync(go, '')
      const result = await run.finished
      expect(conclusions(result).run).toBe('failure')
      expect(resultOf(result, 'w100').outcome).toBe('failure')
      expect(resultOf(result, 'w100').outputs).toMatchObject({ result: 'failed', weight: '0' })
      expect(resultOf(result, 'w100').log).not.toContain('is stable now')
      expect(resultOf(result, 'rollback').outputs).toMatchObject({
        result: 'rolled-back',
        'restored-version': 'v1',
      })
      const { outputs } = resultOf(
        await stage.run(workflow(job({ id: 'release', steps: [deploy('v1')] }))),
        'deploy',
      )
      expect(outputs).toMatchObject({ result: 'unchanged', 'stable-version': 'v1' })
    },
  )

  scenario(
    'trap 37: nothing runs when the runner is lost, and the next deploy takes back what it left behind',
    async (stage) => {
      await stage.live('v1')
      const lost = stage.start(
        workflow(job({ id: 'release', steps: [deploy('v2'), canary(25, { hold: '300s' })] })),
        { runId: '701' },
      )
      await lost.waitFor({ type: 'line', step: 'w25', line: /Confirmed: / }, { deadlineMs: 60_000 })
      lost.killRunner('release')
      const { jobRuns } = await lost.finished
      expect(jobRuns.flatMap((one) => one.steps).filter((step) => step.stage === 'post')).toEqual([])
      expect(await stage.platform.runs('v2')).toBe(true)

      const early = await stage.run(workflow(job({ id: 'release', steps: [deploy('v3')] })), { runId: '702' })
      expect(resultOf(early, 'deploy').log).toContain('run 701')
      const next = await stage.run(
        workflow(job({ id: 'release', steps: [deploy('v3', { 'if-busy': 'wait' })] })),
        { runId: '703' },
      )
      expect(conclusions(next).run).toBe('success')
      expect(resultOf(next, 'deploy').log).toContain('Taking the open rollout back first: it was abandoned')
      expect(await stage.platform.runs('v2')).toBe(false)
    },
    { timing: { 'lease-renew': '2s', 'lease-stale': '6s' } },
  )

  scenario(
    'trap 47: a failed check is taken back at the end of a job that went on and succeeded',
    async (stage) => {
      await stage.live('v1')
      stage.platform.fault('v2', { ERROR_SHARE: 1 })
      const smoke = uses('smoke-test', {}, ['id: smoke', 'continue-on-error: true'])
      const status = '- { id: status, run: "echo the job is a ${{ job.status }}" }'
      const result = await stage.run(
        workflow(job({ id: 'release', steps: [deploy('v2'), smoke, status, rollback()] })),
      )
      expect(conclusions(result)).toEqual({ run: 'success', release: 'success' })
      expect(resultOf(result, 'smoke').outcome).toBe('failure')
      expect(resultOf(result, 'status').log).toContain('the job is a success')
      expect(resultOf(result, 'rollback').outcome).toBe('skipped')
      const post = result.jobRuns
        .flatMap((one) => one.steps)
        .find((step) => step.id === 'smoke' && step.stage === 'post')
      expect(post?.log).toContain('taken back (it had failed); v1 serves')
      await stage.gone('v2')
    },
  )
})
