import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { RunResult, StepResult } from '../github/run-workflow.ts'
import { Repository, stepOf, summaryOf, uses } from './repository.ts'

const deploy = (version: string): string => uses('deploy', `deploy-${version}`, { version })
const weight = (id: string, percent: string, keys = ''): string =>
  uses('canary-step', id, { weight: percent, hold: '0s' }, keys)
const CONFIG = '.github/rollout.yml'

function postOf({ jobRuns }: RunResult, id: string): StepResult {
  const found = jobRuns.flatMap(({ steps }) => steps).find((step) => step.id === id && step.stage === 'post')
  if (found === undefined) throw new Error(`no post step of ${id}`)
  return found
}

describe('a rollout.yml that breaks while a candidate has traffic', () => {
  let repository: Repository
  beforeAll(async () => {
    repository = await Repository.open(['shop'], 'plan: [{ weight: 25, hold: 0s }, { weight: 100 }]\n')
    expect((await repository.run([deploy('v1'), weight('all', '100')])).conclusion).toBe('success')
  }, 60_000)
  afterAll(() => repository.close())

  /** Where traffic stands, as a run sees it that has nothing to do. */
  async function position(): Promise<string> {
    const { log } = stepOf(await repository.run([uses('rollback', 'look')]), 'look')
    return /^Traffic: (.*)$/m.exec(log)?.[1] ?? log
  }

  it('stops the next step, whose summary says what to do, and the end of the job goes back all the same', async () => {
    const result = await repository.run([
      deploy('v2'),
      weight('quarter', '25'),
      `- run: echo '{' > ${CONFIG}`,
      weight('all', '100'),
    ])
    const all = stepOf(result, 'all')
    expect(all.conclusion).toBe('failure')
    expect(summaryOf(all)).toMatch(/^### ❌ canary-step: failed\n\n.*rollout\.yml:/)
    expect(summaryOf(all)).toContain('**Traffic:** this step changed nothing')
    const post = postOf(result, 'all')
    expect(post.conclusion).toBe('success')
    expect(post.log).toContain('going back with it as an earlier step of this job used it')
    expect(post.log).toContain('taken back (the job failed); v1 serves')
    expect(await position()).toMatch(/\(v1\) 100 %/)
  }, 60_000)

  it('does not stop a rollback step either, not even when the file is gone', async () => {
    const result = await repository.run([
      deploy('v3'),
      weight('quarter', '25'),
      `- run: rm ${CONFIG} && exit 1`,
      uses('rollback', 'back', {}, 'if: failure()'),
    ])
    const back = stepOf(result, 'back')
    expect(back.outputs).toMatchObject({ result: 'rolled-back', 'restored-version': 'v1' })
    expect(await position()).toMatch(/\(v1\) 100 %/)
  }, 60_000)

  it('in a job that never could use it, says that traffic was not touched, and fails once', async () => {
    const result = await repository.run([`- run: rm ${CONFIG}`, uses('rollback', 'back')])
    const back = stepOf(result, 'back')
    expect(back.conclusion).toBe('failure')
    expect(summaryOf(back)).toMatch(/\*\*What to do:\*\* Check out .* Traffic was not touched: /)
    expect(postOf(result, 'back').conclusion).toBe('success')
    expect(postOf(result, 'back').log).toContain('Traffic was not touched.')
  }, 60_000)
})

describe('a first release', () => {
  let repository: Repository
  beforeAll(async () => {
    repository = await Repository.open(
      ['shop'],
      'plan: [{ weight: 100 }]\nsmoke: [{ name: page, path: /check }]\n',
    )
  })
  afterAll(() => repository.close())

  it('that is taken back by hand says what is left to do', async () => {
    const back = stepOf(await repository.run([deploy('v1'), uses('rollback', 'back')]), 'back')
    expect(back.conclusion).toBe('failure')
    expect(summaryOf(back)).toContain('no release serves now')
    expect(summaryOf(back)).toMatch(/\*\*What to do:\*\* There is no release before it .*deploy it\./)
  }, 60_000)

  it('that is bad in the root action is told of once, and no stable release is made up', async () => {
    const result = await repository.run([uses('', 'rollout', { version: 'bad1' })])
    const summary = summaryOf(stepOf(result, 'rollout'))
    const [head = ''] = summary.split('<details')
    expect(head).toContain('bad1 was taken back; no release serves now')
    expect(head.match(/status 500 instead of 200/g)).toHaveLength(1)
    expect(head).toContain('**What to do:** No release was live before this one')
    expect(head).not.toContain('stable again')
  }, 60_000)
})
