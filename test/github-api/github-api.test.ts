import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { getIDToken } from '@actions/core'
import { getOctokit } from '@actions/github'
import { createPublicKey, verify } from 'node:crypto'
import { startGitHubApi, type GitHubApi } from './github-api.ts'

const repository = { owner: 'acme', repo: 'shop' }
const commits = { c1: [], c2: ['c1'], c3: ['c2'], side: ['c1'] }
const refs = { 'refs/heads/main': 'c3', 'refs/heads/topic': 'side' }

let api: GitHubApi
beforeEach(async () => {
  api = await startGitHubApi({
    'acme/shop': { commits, refs, checks: { c1: { ci: 'success' } } },
    'acme/other': { commits, refs },
  })
})
afterEach(() => api.stop())

type Rest = ReturnType<typeof getOctokit>['rest']

function client(permissions: Record<string, string>, of = 'acme/shop'): Rest {
  return withToken(api.tokens.issue(of, permissions))
}

function withToken(token: string): Rest {
  const quiet = (): void => undefined
  return getOctokit(token, {
    baseUrl: api.url,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  }).rest
}

const may = { deployments: 'write', contents: 'write' }
const deployable = { ...repository, ref: 'c3', required_contexts: [], auto_merge: false }

async function deployed(rest: Rest, more: Record<string, unknown> = {}): Promise<number> {
  const { data } = await rest.repos.createDeployment({ ...deployable, ...more })
  if (!('id' in data)) throw new Error('no deployment was made')
  return Number(data.id)
}

describe('deployments', () => {
  it('are made with the defaults of the page, listed newest first, and filtered', async () => {
    const { repos } = client(may)
    const { data } = await repos.createDeployment({ ...deployable, payload: { rollout: 'r1' } })
    expect(data).toMatchObject({
      sha: 'c3',
      task: 'deploy',
      environment: 'production',
      production_environment: true,
    })
    await repos.createDeployment({ ...deployable, environment: 'staging', task: 'other' })
    const all = await repos.listDeployments({ ...repository })
    expect(all.data.map((one) => one.environment)).toEqual(['staging', 'production'])
    const some = await repos.listDeployments({ ...repository, environment: 'production', per_page: 1 })
    expect(some.data.map((one) => one.payload)).toEqual([{ rollout: 'r1' }])
    const paged = await repos.listDeployments({ ...repository, per_page: 1 })
    expect(paged.headers.link).toContain('page=2>; rel="next"')
  })

  it('of a job’s own commit are refused until checks and merging are left out', async () => {
    const { repos } = client(may)
    await expect(repos.createDeployment({ ...repository, ref: 'c3' })).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('Commit status checks failed for c3'),
    })
    await expect(
      repos.createDeployment({ ...repository, ref: 'c2', required_contexts: [] }),
    ).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('Conflict merging main into c2'),
    })
    const merged = await repos.createDeployment({ ...repository, ref: 'topic', required_contexts: [] })
    expect([merged.status, merged.data]).toEqual([
      202,
      { message: 'Auto-merged main into topic on deployment.' },
    ])
    const passed = await repos.createDeployment({ ...repository, ref: 'c1', auto_merge: false })
    expect(passed.status).toBe(201)
  })

  it('are held against GitHub’s model', async () => {
    const { repos } = client(may)
    await expect(repos.createDeployment({ ...deployable, ref: 'nothing' })).rejects.toMatchObject({
      status: 422,
    })
    await expect(repos.createDeployment({ ...deployable, enviroment: 'x' })).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining('"enviroment" is not a permitted key.'),
    })
    const deployment_id = await deployed(client(may))
    const status = { ...repository, deployment_id, state: 'success' as const }
    await expect(
      repos.createDeploymentStatus({ ...status, description: 'x'.repeat(141) }),
    ).rejects.toMatchObject({ status: 422 })
    await expect(
      repos.createDeploymentStatus({ ...status, environment_url: 'shop.example' }),
    ).rejects.toMatchObject({ status: 422 })
    await expect(repos.createDeploymentStatus({ ...status, deployment_id: 1 })).rejects.toMatchObject({
      status: 404,
    })
  })

  it('trap 41: auto_inactive touches only earlier successes of the same name that are not production', async () => {
    const { repos } = client(may)
    const environment = { environment: 'staging' }
    const succeeded = await deployed(client(may), environment)
    const failed = await deployed(client(may), environment)
    const elsewhere = await deployed(client(may), { environment: 'qa' })
    const production = await deployed(client(may))
    const last = await deployed(client(may), environment)
    const set = (
      deployment_id: number,
      state: 'success' | 'failure',
      auto_inactive = true,
    ): Promise<unknown> =>
      repos.createDeploymentStatus({ ...repository, deployment_id, state, auto_inactive })
    for (const id of [succeeded, elsewhere, production]) await set(id, 'success')
    await set(failed, 'failure')
    const states = async (): Promise<unknown[]> => {
      const ids = [succeeded, failed, elsewhere, production, last]
      const lists = ids.map((deployment_id) => repos.listDeploymentStatuses({ ...repository, deployment_id }))
      return (await Promise.all(lists)).map(({ data }) => data[0]?.state)
    }
    await set(last, 'success', false)
    expect(await states()).toEqual(['success', 'failure', 'success', 'success', 'success'])
    await set(last, 'success')
    expect(await states()).toEqual(['inactive', 'failure', 'success', 'success', 'success'])
    const again = await deployed(client(may))
    await set(again, 'success')
    expect((await states())[3]).toBe('success')
  })

  it('can be hidden from lists for a while', async () => {
    await api.stop()
    api = await startGitHubApi({ 'acme/shop': { commits, refs } }, { staleForMs: 150 })
    const { repos } = client(may)
    const id = await deployed(client(may))
    expect((await repos.listDeployments(repository)).data).toEqual([])
    const deadline = performance.now() + 5_000
    let found: number[] = []
    while (found.length === 0 && performance.now() < deadline) {
      found = (await repos.listDeployments(repository)).data.map((one) => Number(one.id))
    }
    expect(found).toEqual([id])
  })
})

describe('tokens', () => {
  it('reach what their permissions name, in their own repository', async () => {
    await expect(client({ deployments: 'read' }).repos.createDeployment(deployable)).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('Resource not accessible by integration'),
      response: { headers: { 'x-accepted-github-permissions': 'deployments=write' } },
    })
    await expect(client({ contents: 'read' }).repos.listDeployments(repository)).rejects.toMatchObject({
      status: 403,
    })
    await expect(client({ '*': 'read' }).repos.listDeployments(repository)).resolves.toMatchObject({
      status: 200,
    })
    await expect(client(may, 'acme/other').repos.listDeployments(repository)).rejects.toMatchObject({
      status: 404,
    })
    const token = api.tokens.issue('acme/shop', may)
    api.tokens.revoke(token)
    await expect(withToken(token).repos.listDeployments(repository)).rejects.toMatchObject({ status: 401 })
    expect((await fetch(`${api.url}/repos/acme/shop/deployments`)).status).toBe(404)
  })
})

describe('refs and comparisons', () => {
  it('tell which commit is ahead, and where a ref may move', async () => {
    const { repos, git } = client(may)
    const compared = async (basehead: string): Promise<string> =>
      (await repos.compareCommitsWithBasehead({ ...repository, basehead })).data.status
    expect(await compared('c1...c3')).toBe('ahead')
    expect(await compared('c3...c1')).toBe('behind')
    expect(await compared('topic...main')).toBe('diverged')
    expect(await compared('main...c3')).toBe('identical')
    await expect(compared('main...nowhere')).rejects.toMatchObject({ status: 404 })
    await git.createRef({ ...repository, ref: 'refs/heads/next', sha: 'c2' })
    await expect(git.createRef({ ...repository, ref: 'refs/heads/next', sha: 'c2' })).rejects.toMatchObject({
      status: 422,
    })
    await expect(git.updateRef({ ...repository, ref: 'heads/next', sha: 'side' })).rejects.toMatchObject({
      message: expect.stringContaining('Update is not a fast forward'),
    })
    await git.updateRef({ ...repository, ref: 'heads/next', sha: 'c3' })
    expect((await git.getRef({ ...repository, ref: 'heads/next' })).data.object.sha).toBe('c3')
    await git.deleteRef({ ...repository, ref: 'heads/next' })
    await expect(git.getRef({ ...repository, ref: 'heads/next' })).rejects.toMatchObject({ status: 404 })
  })
})

describe('faults', () => {
  it('come as they were planned, and are recorded', async () => {
    const { repos } = client(may)
    const path = /\/deployments$/
    api.faults.add({ kind: 'secondary-rate-limit', path, times: 1, retryAfter: 2 })
    api.faults.add({ kind: 'primary-rate-limit', path, times: 1 })
    api.faults.add({ kind: 'server-error', path, times: 1 })
    api.faults.add({ kind: 'reset', path, times: 1 })
    api.faults.add({ kind: 'reset-after', method: 'POST', path, times: 1 })
    api.faults.add({ kind: 'truncated', path, times: 1 })
    const list = (): Promise<unknown> => repos.listDeployments(repository)
    await expect(list()).rejects.toMatchObject({ status: 429, response: { headers: { 'retry-after': '2' } } })
    await expect(list()).rejects.toMatchObject({
      status: 403,
      response: { headers: { 'x-ratelimit-remaining': '0' } },
    })
    await expect(list()).rejects.toMatchObject({ status: 502 })
    await expect(list()).rejects.toMatchObject({ status: 500 })
    await expect(repos.createDeployment(deployable)).rejects.toMatchObject({ status: 500 })
    // The client makes an empty string of a body that ends in its middle: the status was 200.
    await expect(list()).resolves.toMatchObject({ status: 200, data: '' })
    expect(api.repository('acme/shop').deployments).toHaveLength(1)
    expect(api.requests.map((request) => request.status)).toEqual([429, 403, 502, 0, 0, 200])
    api.faults.add({ kind: 'slow', delayMs: 5_000 })
    await expect(
      repos.listDeployments({ ...repository, request: { signal: AbortSignal.timeout(50) } }),
    ).rejects.toBeDefined()
  })

  it('include everything it does not play: that is told at the end', async () => {
    await expect(client(may).issues.listForRepo(repository)).rejects.toMatchObject({ status: 501 })
    await expect(api.stop()).rejects.toThrow('This GitHub does not play: GET /repos/acme/shop/issues')
    api = await startGitHubApi({})
  })
})

describe('OIDC tokens', () => {
  it('are made for the job that asks, with its audience, and signed', async () => {
    const job = { repository: 'acme/shop', ref: 'refs/heads/main', sha: 'c3', runId: '7', attempt: '1' }
    process.env.ACTIONS_ID_TOKEN_REQUEST_URL = api.oidcUrl
    process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN = api.oidc.requestTokenFor({
      ...job,
      environment: 'production',
    })
    const written: string[] = []
    const token = await withStdout(written, () => getIDToken('sts.example'))
    const [head = '', payload = '', signature = ''] = token.split('.')
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      sub: 'repo:acme/shop:environment:production',
      aud: 'sts.example',
    })
    const keys: unknown = await (await fetch(`${api.url}/oidc/.well-known/jwks`)).json()
    const key = createPublicKey({ key: firstKey(keys), format: 'jwk' })
    expect(
      verify('RSA-SHA256', Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url')),
    ).toBe(true)
    expect(written.join('')).toContain('::add-mask::')
    expect((await fetch(api.oidcUrl, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
  })
})

function firstKey(found: unknown): Record<string, string> {
  if (typeof found !== 'object' || found === null || !('keys' in found) || !Array.isArray(found.keys))
    throw new Error('no keys')
  const key: unknown = found.keys[0]
  if (typeof key !== 'object' || key === null) throw new Error('no key')
  return Object.fromEntries(Object.entries(key).map(([name, value]) => [name, String(value)]))
}

/** getIDToken prints the mask; it belongs into no test log. */
async function withStdout<Result>(written: string[], action: () => Promise<Result>): Promise<Result> {
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = (chunk: string | Uint8Array) => {
    written.push(String(chunk))
    return true
  }
  try {
    return await action()
  } finally {
    process.stdout.write = write
  }
}
