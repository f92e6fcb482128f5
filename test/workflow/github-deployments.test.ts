import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { GitHubDeployments, type DeploymentSubject } from '../../src/workflow/github-deployments.js'
import { startGitHubApi, type GitHubApi } from '../github-api/github-api.ts'

const OLD = '1'.repeat(40)
const COMMIT = '2'.repeat(40)
const NEWER = '3'.repeat(40)
const RUN_URL = 'https://github.example/acme/shop/actions/runs/1/attempts/1'
const REPOSITORY = {
  commits: { [OLD]: [], [COMMIT]: [OLD], [NEWER]: [COMMIT] },
  // The commit that is deployed is behind the default branch, and its checks are not done: this job is one of them.
  refs: { 'refs/heads/main': NEWER },
}

let api: GitHubApi
let notices: string[]
beforeEach(async () => {
  notices = []
  api = await startGitHubApi({ 'acme/shop': REPOSITORY })
})
afterEach(() => api.stop())

const writer = (): string => api.tokens.issue('acme/shop', { deployments: 'write', contents: 'read' })

/** Each step of a job has its own; nothing but GitHub's API is between them. */
const step = (
  token: string | undefined,
  more: { apiUrl?: string; timeoutMs?: number } = {},
): GitHubDeployments =>
  new GitHubDeployments({
    token,
    repository: 'acme/shop',
    apiUrl: more.apiUrl ?? api.url,
    timeoutMs: more.timeoutMs ?? 5_000,
    notice: (message) => notices.push(message),
  })

const subject = (rollout: string, more: Partial<DeploymentSubject> = {}): DeploymentSubject => ({
  environment: 'production',
  service: 'shop',
  rollout,
  commit: COMMIT,
  runUrl: RUN_URL,
  ...more,
})

const IN_PROGRESS = { state: 'in_progress', description: 'v2 gets 25 % of all requests' } as const
const SUCCESS = {
  state: 'success',
  description: 'v2 serves all requests',
  environmentUrl: 'https://shop.example/',
} as const

const stored = () => api.repository('acme/shop').deployments
const states = (): string[][] => stored().map(({ statuses }) => statuses.map(({ state }) => state))
const posts = (): number => api.requests.filter(({ method }) => method === 'POST').length

describe('GitHub deployments', () => {
  it('a rollout is one deployment, found again by each step and job', async () => {
    const token = writer()
    await step(token).record(subject('r1'), IN_PROGRESS)
    await step(token).record(subject('r1'), { ...IN_PROGRESS, description: 'v2 gets 50 % of all requests' })
    await step(token).record(subject('r1'), SUCCESS)
    expect(states()).toEqual([['in_progress', 'in_progress', 'success']])
    expect(stored()[0]?.deployment).toMatchObject({
      sha: COMMIT,
      environment: 'production',
      task: 'tuesday:shop',
      payload: { rollout: 'r1', service: 'shop' },
    })
    expect(stored()[0]?.statuses.at(-1)).toMatchObject({
      environment_url: 'https://shop.example/',
      log_url: RUN_URL,
    })
    expect(notices).toEqual([])
  })

  it('a step that is run twice records nothing the second time', async () => {
    const token = writer()
    await step(token).record(subject('r1'), IN_PROGRESS)
    const before = posts()
    await step(token).record(subject('r1'), IN_PROGRESS)
    expect(posts()).toBe(before)
  })

  it.each(['production', 'staging'])(
    'in %s a success sets earlier rollouts of this service inactive, and nobody else (trap 41)',
    async (environment) => {
      const token = writer()
      const here = { environment }
      await step(token).record(subject('r1', here), SUCCESS)
      await step(token).record(subject('cart1', { ...here, service: 'cart' }), SUCCESS)
      await step(token).record(subject('r2', here), IN_PROGRESS) // its runner died: GitHub would leave it in progress for ever
      await step(token).record(subject('r3', here), { state: 'failure', description: 'taken back' })
      await step(token).record(subject('r4', here), SUCCESS)
      expect(states()).toEqual([
        ['success', 'inactive'],
        ['success'],
        ['in_progress', 'inactive'],
        ['failure'],
        ['success'],
      ])
    },
  )

  it('two environments are apart', async () => {
    const token = writer()
    await step(token).record(subject('r1', { environment: 'staging' }), SUCCESS)
    await step(token).record(subject('r2', { environment: 'production' }), SUCCESS)
    expect(states()).toEqual([['success'], ['success']])
  })

  it('a list that lags behind makes no second deployment within a step, and doubles of two steps end inactive', async () => {
    const lagging = await startGitHubApi({ 'acme/shop': REPOSITORY }, { staleForMs: 400 })
    const token = lagging.tokens.issue('acme/shop', { deployments: 'write', contents: 'read' })
    const deployments = lagging.repository('acme/shop').deployments
    const one = step(token, { apiUrl: lagging.url })
    await one.record(subject('r1'), IN_PROGRESS)
    await one.record(subject('r1'), { ...IN_PROGRESS, description: 'v2 gets 50 % of all requests' })
    expect(deployments).toHaveLength(1)
    await step(token, { apiUrl: lagging.url }).record(subject('r1'), IN_PROGRESS)
    expect(deployments).toHaveLength(2)
    await new Promise((resolve) => setTimeout(resolve, 450))
    await step(token, { apiUrl: lagging.url }).record(subject('r1'), SUCCESS)
    expect(deployments.map(({ statuses }) => statuses.at(-1)?.state)).toEqual(['success', 'inactive'])
    await lagging.stop()
  })

  it('a description is cut where GitHub would refuse it', async () => {
    await step(writer()).record(subject('r1'), { ...IN_PROGRESS, description: 'x\n'.repeat(500) })
    expect(states()).toEqual([['in_progress']])
    expect(stored()[0]?.statuses[0]?.description.length).toBeLessThanOrEqual(140)
  })

  it('without a token nothing is asked', async () => {
    await step(undefined).record(subject('r1'), IN_PROGRESS)
    expect(api.requests).toEqual([])
    expect(notices).toEqual([])
  })

  it('a token that may not write deployments becomes one notice that names the permission', async () => {
    const deployments = step(api.tokens.issue('acme/shop', { contents: 'read', deployments: 'read' }))
    await deployments.record(subject('r1'), IN_PROGRESS)
    await deployments.record(subject('r1'), SUCCESS)
    expect(notices).toHaveLength(1)
    expect(notices[0]).toContain('deployments: write')
    expect(notices[0]).toContain('the rollout goes on without it')
    expect(posts()).toBe(1)
  })

  it.each([
    ['a token that GitHub does not know', 'ghs_unknown', 'HTTP 401'],
    ['a token without any permission', undefined, 'deployments: write'],
  ])('%s is a notice', async (_what, given, said) => {
    await step(given ?? api.tokens.issue('acme/shop', {})).record(subject('r1'), IN_PROGRESS)
    expect(notices).toEqual([expect.stringContaining(said)])
  })

  it('a token of another repository is a notice', async () => {
    const other = await startGitHubApi({ 'acme/cart': REPOSITORY, 'acme/shop': REPOSITORY })
    const token = other.tokens.issue('acme/cart', { deployments: 'write', contents: 'read' })
    await step(token, { apiUrl: other.url }).record(subject('r1'), IN_PROGRESS)
    expect(notices).toEqual([expect.stringContaining('deployments: write')])
    await other.stop()
  })

  it('a commit that GitHub does not have is a notice', async () => {
    await step(writer()).record(subject('r1', { commit: '9'.repeat(40) }), IN_PROGRESS)
    expect(notices).toEqual([expect.stringMatching(/HTTP 422.*No ref found/s)])
  })

  it.each([
    ['primary-rate-limit', 'rate limit'],
    ['secondary-rate-limit', 'rate limit'],
    ['server-error', 'HTTP 502'],
    ['reset', 'did not answer'],
    ['truncated', 'could not be recorded'],
  ] as const)('%s is one notice and no failure', async (kind, said) => {
    api.faults.add({ kind })
    const deployments = step(writer())
    await deployments.record(subject('r1'), IN_PROGRESS)
    await deployments.record(subject('r1'), SUCCESS)
    expect(notices).toEqual([expect.stringContaining(said)])
    expect(notices[0]).not.toContain('ghs_')
  })

  it('a deployment whose answer was lost is found by the next step', async () => {
    const token = writer()
    api.faults.add({ kind: 'reset-after', method: 'POST', path: /deployments$/, times: 1 })
    await step(token).record(subject('r1'), IN_PROGRESS)
    await step(token).record(subject('r1'), IN_PROGRESS)
    expect(states()).toEqual([['in_progress']])
  })

  it('silence is a notice once the time is over', async () => {
    api.faults.add({ kind: 'slow', delayMs: 3_000 })
    const start = performance.now()
    await step(writer(), { timeoutMs: 300 }).record(subject('r1'), IN_PROGRESS)
    expect(performance.now() - start).toBeLessThan(2_500)
    expect(notices).toHaveLength(1)
    expect(notices[0]).toContain('did not answer')
  })

  it('nobody at the address is a notice that says so', async () => {
    const free = createServer()
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
    const address = free.address()
    await new Promise((resolve) => free.close(resolve))
    if (address === null || typeof address === 'string') throw new Error('no port')
    await step('ghs_x', { apiUrl: `http://127.0.0.1:${address.port}` }).record(subject('r1'), IN_PROGRESS)
    expect(notices).toEqual([expect.stringContaining('ECONNREFUSED')])
  })
})
