import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { startPostgres, type Postgres } from '../testbed/postgres.js'
import type { Approval, RunResult } from '../github/run-workflow.js'
import { logOf, Shop, stepOf, type Changes } from './shop.js'

const LIMIT_MS = 120_000

let postgres: Postgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

const shops: Shop[] = []
afterEach(async () => {
  for (const shop of shops.splice(0)) await shop.close()
})

/** A shop whose first release is live, by the workflow that does all in one step. */
async function shopWithRelease(sha: string, changes: Changes = []): Promise<Shop> {
  const shop = await Shop.open(postgres.url, changes)
  shops.push(shop)
  expectConclusion(await shop.run('all-in-one.yml', { sha }), 'success')
  return shop
}

function expectConclusion(result: RunResult, conclusion: RunResult['conclusion']): void {
  if (result.conclusion !== conclusion)
    throw new Error(`${result.conclusion} instead of ${conclusion}:\n${logOf(result)}`)
}

const [v1, v2, v3] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [string, string, string]

/** An approval that somebody gives when the test wants it. */
function person(): { approve: () => Promise<Approval>; answer: (approval: Approval) => void } {
  const { promise, resolve } = Promise.withResolvers<Approval>()
  return { approve: () => promise, answer: resolve }
}

/** Asks only for the environment whose protection rule asks a person. */
function asking(approve: () => Promise<Approval>) {
  return ({ environment }: { environment: string }): Promise<Approval> =>
    environment === 'production-approval' ? approve() : Promise.resolve('approved')
}

describe('the examples, run as GitHub runs them', () => {
  it(
    'all-in-one.yml takes a release through the plan of rollout.yml',
    async () => {
      const shop = await shopWithRelease(v1)
      const result = await shop.run('all-in-one.yml', { sha: v2 })
      expectConclusion(result, 'success')
      expect(stepOf(result, 'release', 'tuesday').outputs).toMatchObject({
        result: 'succeeded',
        'stable-version': v2,
      })
      expect(await shop.serves()).toBe(v2)
    },
    LIMIT_MS,
  )

  it(
    'progressive.yml promotes after the approval; go-back.yml returns to the release before',
    async () => {
      const shop = await shopWithRelease(v1, [[['confirm'], { header: 'x-version' }]])
      const result = await shop.run('progressive.yml', { sha: v2 })
      expectConclusion(result, 'success')
      expect(stepOf(result, 'everyone', 'canary-step').outputs).toMatchObject({
        result: 'succeeded',
        weight: '100',
      })
      expect(result.jobs['go-back']?.result).toBe('skipped')
      expect(await shop.serves()).toBe(v2)

      const inputs = { to: v1, reason: 'customers complain' }
      const back = await shop.run('go-back.yml', { event: { name: 'workflow_dispatch' }, inputs })
      expectConclusion(back, 'success')
      expect(stepOf(back, 'go-back', 'rollback').outputs).toMatchObject({
        result: 'rolled-back',
        'restored-version': v1,
      })
      expect(await shop.serves()).toBe(v1)
    },
    LIMIT_MS,
  )

  it(
    'progressive.yml goes back when the approval is refused',
    async () => {
      const shop = await shopWithRelease(v1)
      const result = await shop.run('progressive.yml', { sha: v2, approve: asking(async () => 'refused') })
      expectConclusion(result, 'failure')
      expect(stepOf(result, 'go-back', 'rollback').outputs).toMatchObject({
        result: 'rolled-back',
        'restored-version': v1,
      })
      expect(await shop.serves()).toBe(v1)
    },
    LIMIT_MS,
  )

  it(
    'hotfix.yml displaces a rollout that waits for its approval',
    async () => {
      const shop = await shopWithRelease(v1)
      const reviewer = person()
      const waiting = shop.start('progressive.yml', { sha: v2, approve: asking(reviewer.approve) })
      await waiting.waitFor({ type: 'job-waiting', job: 'approve' }, { deadlineMs: 60_000 })
      const fix = await shop.run('hotfix.yml', { sha: v3, event: { name: 'workflow_dispatch' } })
      expectConclusion(fix, 'success')
      expect(await shop.serves()).toBe(v3)

      reviewer.answer('approved')
      const late = await waiting.finished
      expectConclusion(late, 'failure')
      expect(stepOf(late, 'go-back', 'rollback').outputs['result']).toBe('unchanged')
      expect(await shop.serves()).toBe(v3)
    },
    LIMIT_MS,
  )

  it(
    'sweep.yml leaves a rollout that waits alone, and goes back when its time is over',
    async () => {
      const shop = await shopWithRelease(v1, [[['timing', 'park'], '5s']])
      const reviewer = person()
      const waiting = shop.start('progressive.yml', { sha: v2, approve: asking(reviewer.approve) })
      await waiting.waitFor({ type: 'job-waiting', job: 'approve' }, { deadlineMs: 60_000 })
      const event = { name: 'schedule' }
      const early = await shop.run('sweep.yml', { event })
      expect(stepOf(early, 'sweep', 'rollback').outputs['result']).toBe('unchanged')

      const deadline = Date.now() + 60_000
      let swept = early
      while (stepOf(swept, 'sweep', 'rollback').outputs['result'] === 'unchanged' && Date.now() < deadline)
        swept = await shop.run('sweep.yml', { event })
      expect(stepOf(swept, 'sweep', 'rollback').outputs).toMatchObject({
        result: 'rolled-back',
        'restored-version': v1,
      })
      expect(await shop.serves()).toBe(v1)
      reviewer.answer('refused')
      await waiting.finished
    },
    LIMIT_MS,
  )

  it(
    'rehearse.yml rolls a pull request out over its base, under traffic, with analysis',
    async () => {
      const shop = await Shop.open(postgres.url)
      shops.push(shop)
      const result = await shop.run('rehearse.yml', {
        sha: v2,
        event: { name: 'pull_request' },
        environments: {},
      })
      expectConclusion(result, 'success')
      const outputs = stepOf(result, 'rehearse', 'tuesday').outputs
      expect(outputs).toMatchObject({ result: 'succeeded', 'stable-version': v2, verdict: 'pass' })
    },
    LIMIT_MS,
  )
})
