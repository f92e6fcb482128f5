import { describe, expect } from '@jest/globals'
import { conclusions, expectNothingLost, resultOf } from './expectations.ts'
import { scenario } from './scenario.ts'
import { canary, deploy, job, uses, workflow } from './workflow-text.ts'

describe('what is wrong from the start changes nothing', () => {
  scenario(
    'trap 34: wrong inputs are all named at once, a wrong config names its line, an unknown release names those known',
    async (stage) => {
      await stage.live('v1')
      await stage.underLoad()

      const inputs = await stage.run(
        workflow(
          job({
            id: 'release',
            steps: [uses('canary-step', { weight: '25abc', hold: '5 parsecs' }, ['id: wrong'])],
          }),
        ),
      )
      expect(conclusions(inputs).run).toBe('failure')
      expect(resultOf(inputs, 'wrong').log).toContain('2 inputs are wrong')

      const orphan = await stage.run(workflow(job({ id: 'release', steps: [canary(25)] })))
      expect(resultOf(orphan, 'w25').log).toContain('Run deploy first')

      const unknown = await stage.run(
        workflow(job({ id: 'back', steps: [uses('rollback', { to: 'v77' }, ['id: to'])] })),
      )
      expect(resultOf(unknown, 'to').log).toContain('Stable before: v1')

      const dry = await stage.run(
        workflow(job({ id: 'release', steps: [deploy('v2', { 'dry-run': 'true' })] })),
      )
      expect(resultOf(dry, 'deploy').outputs['result']).toBe('unchanged')
      expect(resultOf(dry, 'deploy').log).toContain('dry run: would put v2 into green at 0 %')

      stage.writeConfig({ more: 'analisis: { interval: 1s }\n' })
      const config = await stage.run(workflow(job({ id: 'release', steps: [deploy('v2')] })))
      expect(conclusions(config).run).toBe('failure')
      expect(resultOf(config, 'deploy').log).toMatch(/rollout\.yml:\d+:\d+.*analisis/)
      expect(resultOf(config, 'deploy').log).toContain('analysis')

      expect(await stage.platform.runs('v2')).toBe(false)
      const findings = await stage.findings()
      expectNothingLost(findings)
      expect(Object.keys(findings.verdict.byVersion)).toEqual(['v1'])
    },
  )
})
