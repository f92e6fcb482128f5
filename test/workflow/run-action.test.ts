import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startGitHubApi } from '../github-api/github-api.ts'
import { StepProcesses, type Left } from './step-process.js'

let steps: StepProcesses
beforeAll(async () => {
  steps = await StepProcesses.build()
})
afterAll(() => steps.remove())

const run = (scene: string, env: Record<string, string> = {}): Promise<Left> =>
  steps.start({ SCENE: scene, ...env }).left

const errors = ({ log }: Left): string[] => log.split('\n').filter((line) => line.startsWith('::error::'))

describe('the frame of a main step', () => {
  it('writes outputs, says how it ended and where traffic stands, and leaves a summary', async () => {
    const left = await run('good')
    expect(left.exitCode).toBe(0)
    expect(left.outputs).toEqual({
      state: 'r0llout1d',
      weight: '25',
      'observed-share': '24.83',
      result: 'succeeded',
    })
    expect(left.log.split('\n').filter((line) => line !== '')).toEqual([
      '::group::Shifting',
      'weight 25',
      '::endgroup::',
      'shop: succeeded. v2 gets 25 % of all requests',
      'Traffic: blue (v1) 75 %, green (v2) 25 %',
    ])
    expect(left.summary).toContain('**Traffic:** blue')
    expect(JSON.parse(left.state['tuesday'] ?? '')).toEqual({ config: '.github/rollout.yml', dryRun: false })
  })

  it('wrong inputs are one error that lists them all; nothing is done and nothing kept for the post step', async () => {
    const left = await run('good', { INPUT_WEIGHT: 'much', INPUT_HOLD: 'long', INPUT_ANALYZE: 'maybe' })
    expect(left.exitCode).toBe(1)
    expect(errors(left)).toHaveLength(1)
    expect(errors(left)[0]).toMatch(/3 inputs are wrong.*much.*long.*maybe.*Nothing was changed/)
    expect(left.log).not.toContain('Shifting')
    expect(left).toMatchObject({ outputs: {}, state: {} })
    expect(left.summary).toMatch(/^### ❌ canary-step: failed\n\n3 inputs are wrong:<br>&#45; weight: .*<br>/)
    expect(left.summary).toContain("**What to do:** Mend the step's `with:` in the workflow file")
    expect(left.summary).toContain('**Traffic:** this step changed nothing')
  })

  it('an unknown input is a warning', async () => {
    const left = await run('good', { INPUT_ZEBRA: 'x' })
    expect(left.exitCode).toBe(0)
    expect(left.log).toContain('::warning::canary-step has no input "zebra"')
  })

  it('a problem fails the step with its hint, and outputs and summary are kept', async () => {
    const left = await run('problem')
    expect(left.exitCode).toBe(1)
    expect(errors(left)).toEqual(['::error::canary-step: the candidate is worse%0ALook at its log.'])
    expect(left.outputs['result']).toBe('failed')
    expect(left.summary).toContain('the candidate is worse')
  })

  it('a bad result fails the step even without a problem', async () => {
    const left = await run('bad result')
    expect(left.exitCode).toBe(1)
    expect(errors(left)).toEqual(['::error::canary-step: no release serves now'])
  })

  it('a refusal fails the step, and its result is failed', async () => {
    const left = await run('refused')
    expect(left).toMatchObject({ exitCode: 1, outputs: { result: 'failed' } })
    expect(errors(left)).toEqual(['::error::canary-step: no such release%0AIt knows v1.'])
    expect(left.summary).toBe(
      '### ❌ canary-step: failed\n\nno such release\n\n**What to do:** It knows v1.\n\n' +
        '**Traffic:** this step changed nothing: requests go where they went before it.\n',
    )
  })

  it('a log of several lines is lines of the summary and of the error, and one line says how it ended', async () => {
    const left = await run('crash log')
    expect(left.log).toMatch(/^shop: failed\. v2 did not come up\nTraffic:/)
    expect(errors(left)[0]).toContain('Its last log lines:%0A  Error: no database')
    expect(left.summary).toContain('v2 did not come up<br>Its last log lines:<br>Error: no database\n')
    expect(left.summary).toContain('**What to do:** Run `rollback` with `to: v1`.')
  })

  it('the log and the summary call a return by the same words', async () => {
    const left = await run('went back')
    expect(left.log).toContain('shop: rolled back. v1 serves')
    expect(left.summary).toContain('rolled back (canary-step)')
    expect(left.outputs['result']).toBe('rolled-back')
  })

  it('a bug of ours is called one and keeps its stack and its cause; what was written stays', async () => {
    const left = await run('bug')
    expect(left).toMatchObject({ exitCode: 1, outputs: { weight: '25', result: 'failed' } })
    expect(errors(left)[0]).toContain('x is not a function%0AThis is a bug of Tuesday')
    expect(left.log).toMatch(/::group::Where it happened\nTypeError: x is not a function\n\s+at .*\n/)
    expect(left.log).toContain('caused by Error: the root of it')
    expect(left.summary).toContain('x is not a function\n\n**What to do:** This is a bug of Tuesday')
    expect(left.summary).not.toContain('changed nothing')
  })

  it('an error that nobody waited for fails the step at once', async () => {
    const left = await run('stray')
    expect(left.exitCode).toBe(1)
    expect(errors(left)[0]).toContain('nobody waited for this')
  })

  it('a missing summary file is a notice: reporting decides nothing', async () => {
    const left = await run('good', { GITHUB_STEP_SUMMARY: '/nonexistent/summary' })
    expect(left.exitCode).toBe(0)
    expect(left.log).toContain('::notice::The job summary could not be written')
  })

  it('is refused outside a workflow, naming every variable that is missing', async () => {
    const left = await run('good', { GITHUB_RUN_ID: '', GITHUB_SHA: '' })
    expect(left.exitCode).toBe(1)
    expect(errors(left)[0]).toMatch(/GITHUB_RUN_ID is not set.*GITHUB_SHA is not set/)
  })

  it('a secret is masked before anything else is said, and is in no file and no other line', async () => {
    const token = 'ghs_marker0123456789'
    const left = await run('secret', { INPUT_TOKEN: token })
    expect(left.log.split('\n')[0]).toBe(`::add-mask::${token}`)
    expect(left.log.split('\n').slice(1).join('\n')).not.toContain(token)
    expect(left.log).toContain('connecting with ***')
    expect(left.summary).toContain('it said &#42;&#42;&#42;')
    expect(left.summary + JSON.stringify(left.state)).not.toContain(token)
    expect(left.log).toContain('The output observed-share contains the value of the input token')
    expect(left.log.split('\n').filter((line) => line.trim().startsWith('::set-output'))).toEqual([])
  })
})

describe('a cancelled job (trap 37)', () => {
  it('SIGINT reaches what is at work, which ends by itself, and the step fails', async () => {
    const step = steps.start({ SCENE: 'until cancelled' })
    await step.until('Waiting for the hold')
    const start = performance.now()
    step.process.kill('SIGINT')
    const left = await step.left
    expect(performance.now() - start).toBeLessThan(5_000)
    expect(left.exitCode).toBe(1)
    expect(left.outputs['result']).toBe('failed')
    expect(left.log).toMatch(/The job is cancelled\..*7\.5s.*\n(.*\n)*Traffic: blue \(v1\) 100 %/)
    expect(errors(left)).toEqual(['::error::canary-step: the job was cancelled'])
  })

  it('SIGTERM to work that does not end: the last words are said and the process ends before it is killed', async () => {
    const step = steps.start({ SCENE: 'deaf to cancellation' })
    await step.until('deaf')
    step.process.kill('SIGINT')
    await step.until('The job is cancelled')
    const start = performance.now()
    step.process.kill('SIGTERM')
    const left = await step.left
    expect(performance.now() - start).toBeLessThan(2_500)
    expect(left).toMatchObject({ exitCode: 1, outputs: { result: 'failed' } })
    expect(errors(left)[0]).toContain('before the position of the traffic was confirmed')
  })
})

describe('the deployment record', () => {
  it('is made when a token is given, and needs no more than that', async () => {
    const commit = '2'.repeat(40)
    const api = await startGitHubApi({
      'acme/shop': { commits: { [commit]: [] }, refs: { 'refs/heads/main': commit } },
    })
    const token = api.tokens.issue('acme/shop', { deployments: 'write', contents: 'read' })
    const env = { INPUT_TOKEN: token, GITHUB_API_URL: api.url }
    expect((await run('good', env)).exitCode).toBe(0)
    expect((await run('promoted', env)).exitCode).toBe(0)
    const [stored, ...others] = api.repository('acme/shop').deployments
    expect(others).toEqual([])
    expect(stored?.statuses.map(({ state, description }) => `${state}: ${description}`)).toEqual([
      'in_progress: v2 gets 25 % of all requests',
      'success: v2 serves all requests',
    ])
    await api.stop()
  })

  it('nobody answering is a notice, and the step succeeds', async () => {
    const left = await run('good', { INPUT_TOKEN: 'ghs_x123' })
    expect(left.exitCode).toBe(0)
    expect(left.log).toContain(
      '::notice::The GitHub Deployment could not be recorded; the rollout goes on without it.',
    )
  })
})

describe('the frame of the post step', () => {
  it('knows how the job ended and what the main step kept', async () => {
    const STATE_tuesday = JSON.stringify({ config: 'a.yml', service: 'shop', state: 'r1', dryRun: false })
    const left = await run('post', {
      STATE_tuesday,
      'INPUT_JOB-STATUS': 'failure',
      INPUT_WEIGHT: 'nonsense by now',
    })
    expect(left.exitCode).toBe(0)
    expect(left.log).toBe('post: failure {"config":"a.yml","service":"shop","state":"r1","dryRun":false}\n')
  })

  it('does nothing when the main step came to nothing, or was a dry run', async () => {
    expect(await run('post')).toMatchObject({ exitCode: 0, log: '' })
    expect(await run('post', { STATE_tuesday: '{"config":"a.yml","dryRun":true}' })).toMatchObject({
      exitCode: 0,
      log: '',
    })
  })
})
