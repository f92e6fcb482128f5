import { describe, expect } from '@jest/globals'
import { conclusions, expectNothingLost, expectShare, resultOf } from './expectations.ts'
import { scenario } from './scenario.ts'
import { canary, deploy, job, rollback, smoke, uses, workflow } from './workflow-text.ts'

describe('going forward', () => {
  scenario('a good release goes through its weights and is promoted', async (stage) => {
    await stage.live('v1')
    await stage.underLoad()
    const run = stage.start(
      workflow(
        job({
          id: 'release',
          steps: [deploy('v2'), smoke(), canary(5), canary(25), canary(50), canary(100)],
        }),
      ),
    )
    const at25 = await stage.burstAt(run, 'w25')
    const result = await run.finished
    expect(conclusions(result)).toEqual({ run: 'success', release: 'success' })
    expect(resultOf(result, 'smoke').outputs).toMatchObject({ result: 'succeeded', passed: '2', failed: '0' })
    expect(resultOf(result, 'w100').outputs).toMatchObject({ result: 'succeeded', weight: '100' })
    await stage.gone('v1')
    const findings = await stage.findings()
    expectNothingLost(findings, { candidate: 'v2' })
    expectShare(findings, 'v2', 25, at25)
  })

  scenario('every step run twice changes nothing the second time', async (stage) => {
    await stage.live('v1')
    await stage.underLoad()
    const again = (action: string, inputs = {}): string =>
      uses(action, inputs, [`id: again-${action}-${Object.values(inputs).join('')}`])
    const steps = [
      deploy('v2'),
      again('deploy', { version: 'v2' }),
      smoke(),
      uses('smoke-test'),
      canary(25),
      again('canary-step', { weight: 25 }),
      canary(100),
      again('canary-step', { weight: 100 }),
      again('deploy', { version: 'v2' }).replace('id: again-deploy-v2', 'id: again-at-the-end'),
      uses('rollback', {}, ['id: again-rollback']),
    ]
    const run = stage.start(workflow(job({ id: 'release', steps })))
    const at25 = await stage.burstAt(run, 'w25')
    const result = await run.finished
    expect(conclusions(result).run).toBe('success')
    for (const step of [
      'again-deploy-v2',
      'again-canary-step-25',
      'again-canary-step-100',
      'again-at-the-end',
      'again-rollback',
    ]) {
      expect({ step, result: resultOf(result, step).outputs['result'] }).toEqual({
        step,
        result: 'unchanged',
      })
    }
    await stage.gone('v1')
    const findings = await stage.findings()
    expectNothingLost(findings, { candidate: 'v2' })
    expectShare(findings, 'v2', 25, at25)
  })

  scenario('a later step of the job that fails after promotion undoes nothing', async (stage) => {
    await stage.live('v1')
    await stage.underLoad()
    const notify = '- { id: notify, run: "echo the chat is down; exit 1" }'
    const result = await stage.run(
      workflow(job({ id: 'release', steps: [deploy('v2'), canary(100), notify] })),
    )
    expect(conclusions(result)).toEqual({ run: 'failure', release: 'failure' })
    await stage.gone('v1')
    expect(await stage.platform.runs('v2')).toBe(true)
    const findings = await stage.findings()
    expectNothingLost(findings, { candidate: 'v2' })
    expect(findings.verdict.byVersion['v2']?.answers).toBeGreaterThan(1_000)
  })

  scenario(
    'the first deploy ever goes live at 100 %, and a bad first one leaves nothing live',
    async (stage) => {
      stage.platform.fault('bad', { NEVER_READY: true })
      const bad = await stage.run(
        workflow(job({ id: 'release', steps: [deploy('bad'), canary(100), rollback()] })),
      )
      expect(conclusions(bad).run).toBe('failure')
      expect(resultOf(bad, 'rollback').log).toContain('no release serves now')
      await stage.gone('bad')
      const good = await stage.run(
        workflow(job({ id: 'release', steps: [deploy('v1'), smoke(), canary(25), canary(100)] })),
      )
      expect(conclusions(good).run).toBe('success')
      expect(resultOf(good, 'w25').outputs).toMatchObject({ result: 'unchanged' })
      expect(resultOf(good, 'w100').outputs).toMatchObject({ result: 'succeeded', weight: '100' })
      await stage.underLoad()
      const findings = await stage.findings()
      expectNothingLost(findings)
    },
    { timing: { 'ready-deadline': '6s' } },
  )
})
