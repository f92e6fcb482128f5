import { describe, expect } from '@jest/globals'
import { conclusions, expectNothingLost, expectShare, resultOf } from './expectations.ts'
import { scenario } from './scenario.ts'
import { job, wholeRollout, workflow } from './workflow-text.ts'

describe('all of it in one step', () => {
  scenario(
    'a good release is promoted by the plan in the file, and a bad one after it takes itself back',
    async (stage) => {
      await stage.live('v1')
      const load = await stage.underLoad()
      const good = stage.start(workflow(job({ id: 'release', steps: [wholeRollout('v2')] })))
      await good.waitFor(
        { type: 'line', step: 'rollout', line: /Waiting for 25 % to prove itself/ },
        { deadlineMs: 90_000 },
      )
      const at25 = await stage.burst()
      const promoted = await good.finished
      expect(conclusions(promoted).run).toBe('success')
      expect(resultOf(promoted, 'rollout').outputs).toMatchObject({
        result: 'succeeded',
        weight: '100',
        passed: '2',
        failed: '0',
        'stable-version': 'v2',
      })
      await stage.gone('v1')

      stage.platform.fault('v3', { ERROR_SHARE: 0.2 })
      const bad = stage.start(workflow(job({ id: 'release', steps: [wholeRollout('v3')] })))
      await bad.waitFor({ type: 'line', step: 'rollout', line: /Confirmed: / }, { deadlineMs: 90_000 })
      const shifted = load.mark('v3 has its first share')
      const result = await bad.finished
      expect(conclusions(result).run).toBe('failure')
      // What happened to the release is what the step is about: it failed, and it was taken back.
      expect(resultOf(result, 'rollout').outputs).toMatchObject({
        result: 'rolled-back',
        'restored-version': 'v2',
        'stable-version': 'v2',
      })
      expect(resultOf(result, 'rollout').log).toMatch(/##\[error\].*errors/)
      await stage.gone('v3')
      const findings = await stage.findings([{ version: 'v3' }])
      expectNothingLost(findings, { returns: [{ from: shifted }] })
      expectShare(findings, 'v2', 25, at25)
      expect(findings.verdict.forgiven).toBeGreaterThan(0)
    },
  )
})
