import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, Repository, stepOf, summaryOf, uses } from './repository.ts'

const deploy = (version: string, more: Record<string, string> = {}): string =>
  uses('deploy', `deploy-${version}`, { version, ...more })

describe('one service', () => {
  let repository: Repository
  beforeAll(async () => {
    repository = await Repository.open(
      ['shop'],
      `
plan:
  - { weight: 25, hold: 300ms, analyze: false }
  - { weight: 100, hold: 0s }
smoke:
  - { name: page, path: /check, contains: key, headers: { X-Key: "\${SMOKE_KEY}" } }
`,
    )
    const live = await repository.run([
      deploy('v1'),
      uses('canary-step', 'all', { weight: '100', hold: '0s' }),
    ])
    expect(stepOf(live, 'all').outputs).toMatchObject({ result: 'succeeded', 'observed-share': '100.00' })
  }, 60_000)
  afterAll(() => repository.close())

  /** Which release is stable, as a step sees it that has nothing to do. */
  async function stableNow(): Promise<string> {
    const result = await repository.run([uses('rollback', 'look')])
    const { log } = stepOf(result, 'look')
    return /\((\w+)\) 100 %/.exec(log)?.[1] ?? log
  }

  it('canary-step takes hold and analyze from the plan of the file, and what the workflow says wins', async () => {
    const result = await repository.run([
      deploy('v2'),
      uses('canary-step', 'other', { weight: '10', hold: '0s' }),
      uses('canary-step', 'planned', { weight: '25' }),
      uses('canary-step', 'again', { weight: '25', hold: '0s' }),
      uses('rollback', 'back', { reason: 'enough seen' }),
    ])
    const { other, planned, again, back } = Object.fromEntries(
      ['other', 'planned', 'again', 'back'].map((id) => [id, stepOf(result, id)]),
    )
    expect(other?.log).toContain(
      'The plan in the file has no step at 10 % (it has 25 %, 100 %); the workflow wins.',
    )
    expect(other?.outputs).toMatchObject({ result: 'succeeded', weight: '10' })
    expect(planned?.log).not.toContain('the workflow wins')
    expect(planned?.log).toContain('25 % to prove itself')
    expect(planned?.outputs).toMatchObject({ result: 'succeeded', weight: '25' })
    expect(again?.log).toContain('The plan in the file holds 25 % for 300ms; the workflow wins with 0s.')
    expect(again?.outputs['result']).toBe('unchanged')
    expect(back?.outputs).toMatchObject({ result: 'rolled-back', 'restored-version': expect.any(String) })
    expect(back?.log).toContain('enough seen')
    expect(result.conclusion).toBe('success')
  }, 60_000)

  it('smoke-test counts, tells no secret that the service repeats, and takes a bad release back', async () => {
    const env = { SMOKE_KEY: 'marker-of-the-key' }
    const result = await repository.run(
      [
        deploy('v3'),
        uses('smoke-test', 'good'),
        uses('rollback', 'back'),
        deploy('bad1'),
        uses('smoke-test', 'bad'),
      ],
      { env },
    )
    expect(stepOf(result, 'good').outputs).toMatchObject({ result: 'succeeded', passed: '1', failed: '0' })
    const bad = stepOf(result, 'bad')
    expect(bad.conclusion).toBe('failure')
    expect(bad.outputs).toMatchObject({ result: 'failed', passed: '0', failed: '1' })
    expect(bad.log).toContain('status 500 instead of 200')
    expect(summaryOf(bad)).toContain('Smoke checks')
    for (const text of [
      bad.log,
      summaryOf(bad),
      JSON.stringify(bad.outputs),
      JSON.stringify(bad.annotations),
    ])
      expect(text).not.toContain('marker-of-the-key')
  }, 60_000)

  it('the root action does the whole plan: deploy, smoke, weights, stable', async () => {
    const stable = await stableNow()
    const result = await repository.run([uses('', 'rollout', { version: 'v4' })], {
      env: { SMOKE_KEY: 'some-key' },
    })
    const { log, outputs } = stepOf(result, 'rollout')
    const order = [
      'v4 to become ready',
      '✓ page',
      'Setting the weight to 25 %',
      'Setting the weight to 100 %',
      `Stopping ${stable}`,
    ]
    expect(order.map((text) => log.indexOf(text)).every((at) => at >= 0)).toBe(true)
    expect(order.toSorted((one, other) => log.indexOf(one) - log.indexOf(other))).toEqual(order)
    expect(outputs).toMatchObject({
      result: 'succeeded',
      'stable-version': 'v4',
      'candidate-version': 'v4',
      weight: '100',
      passed: '1',
      failed: '0',
    })
  }, 60_000)

  it('the root action takes back itself what fails, and the failure stays what the step is about', async () => {
    const stable = await stableNow()
    const result = await repository.run([uses('', 'rollout', { version: 'bad2' })], {
      env: { SMOKE_KEY: 'some-key' },
    })
    const { conclusion, log, outputs, annotations } = stepOf(result, 'rollout')
    expect(conclusion).toBe('failure')
    expect(log).not.toContain('Setting the weight to 25 %')
    expect(outputs).toMatchObject({
      result: 'rolled-back',
      'stable-version': stable,
      'restored-version': stable,
      failed: '1',
    })
    expect(annotations.map(({ message }) => message).join('\n')).toContain('1 smoke check of bad2 failed')
  }, 60_000)

  it('a dry run of the root action says what it would do and changes nothing', async () => {
    const stable = await stableNow()
    const result = await repository.run([uses('', 'rollout', { version: 'v9', 'dry-run': 'true' })], {
      env: { SMOKE_KEY: 'some-key' },
    })
    const { log, outputs } = stepOf(result, 'rollout')
    expect(log).toContain('dry run: would put v9 into')
    expect(log).toContain(`${stable} stays live in`)
    expect(log).toMatch(/The plan: smoke checks, 25 % .*100 %/)
    expect(outputs['result']).toBe('unchanged')
    expect(await stableNow()).toBe(stable)
  }, 60_000)
})

describe('several services', () => {
  let repository: Repository
  beforeAll(async () => {
    repository = await Repository.open(['cart', 'pay'], 'plan: [{ weight: 50, hold: 0s }, { weight: 100 }]\n')
  })
  afterAll(() => repository.close())

  it('rollback without `service` takes back every open rollout of the run, newest first', async () => {
    const live = ['cart', 'pay'].flatMap((service) => [
      uses('deploy', `deploy-${service}`, { service, version: 'v1' }),
      uses('canary-step', `all-${service}`, { service, weight: '100', hold: '0s' }),
    ])
    expect((await repository.run(live)).conclusion).toBe('success')
    const result = await repository.run([
      uses('deploy', 'pay-2', { service: 'pay', version: 'v2' }),
      uses('deploy', 'cart-2', { service: 'cart', version: 'v2' }),
      uses('canary-step', 'half', { service: 'pay', weight: '50', hold: '0s' }),
      '- run: exit 1',
      uses('rollback', 'back', {}, 'if: failure()'),
    ])
    const back = stepOf(result, 'back')
    const summary = summaryOf(back)
    const { log, outputs } = back
    expect(outputs).toMatchObject({ result: 'rolled-back' })
    expect(summary.indexOf('cart')).toBeGreaterThanOrEqual(0)
    expect(summary.indexOf('cart')).toBeLessThan(summary.indexOf('pay'))
    expect(log.match(/Stopping v2/g)).toHaveLength(2)
    const again = await repository.run([uses('rollback', 'back')])
    expect(stepOf(again, 'back').outputs['result']).toBe('unchanged')
  }, 90_000)

  it('every other action must be told which one is meant', async () => {
    const result = await repository.run([uses('deploy', 'deploy', { version: 'v3' })])
    const { conclusion, annotations } = stepOf(result, 'deploy')
    expect(conclusion).toBe('failure')
    expect(annotations.map(({ message }) => message).join('\n')).toMatch(/cart.*pay/)
  }, 60_000)
})

describe('a service of the embedded platform that does not run', () => {
  let folder: string
  let state: string
  let port: number
  let repository: Repository
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tuesday-alone-'))
    state = join(folder, 'shop-production')
    port = await freePort()
    const local = `{ directory: ${state}, port: ${port} }`
    const environments = `environments: { production: { platform: { local: ${local} } } }`
    repository = await Repository.open(['shop'], `environment: production\n${environments}\n`)
  })
  afterAll(() => {
    supervisor('stop')
    repository.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function supervisor(command: string): string {
    const entry = join(import.meta.dirname, '..', '..', 'dist', 'local-supervisor.js')
    return spawnSync(process.execPath, [entry, command, '--directory', state], { encoding: 'utf8' }).stdout
  }

  it('a first deploy whose port is taken names the holder, and leaves nothing', async () => {
    const other = createServer()
    await once(other.listen(port, '127.0.0.1'), 'listening')
    try {
      const { log, conclusion } = stepOf(await repository.run([deploy('v1')]), 'deploy-v1')
      expect(conclusion).toBe('failure')
      expect(log).toContain(`port ${port} of 127.0.0.1 is taken by another program, `)
      expect(log).toContain(`(process ${process.pid})`)
      expect(existsSync(state)).toBe(false)
    } finally {
      other.close()
      await once(other, 'close')
    }
  }, 60_000)

  it('a dry run while it is stopped starts nothing, and says that nothing answers', async () => {
    await repository.run([deploy('v1'), uses('canary-step', 'all', { weight: '100', hold: '0s' })])
    expect(supervisor('stop')).toContain('Stopped.')
    const result = await repository.run([deploy('v2', { 'dry-run': 'true' })])
    const { log, conclusion } = stepOf(result, 'deploy-v2')
    expect(conclusion).toBe('success')
    expect(log).toContain('dry run: would put v2 into green at 0 %')
    expect(log).toContain('is stopped: nothing answers')
    expect(supervisor('status')).toContain('No supervisor runs')
  }, 60_000)

  it('a dry run of rollback while it is stopped does not take the split of the ledger for the live one', async () => {
    await repository.run([
      deploy('v1'),
      uses('canary-step', 'all', { weight: '100', hold: '0s' }),
      deploy('v2'),
      uses('canary-step', 'half', { weight: '50', hold: '0s' }),
    ])
    expect(supervisor('stop')).toContain('Stopped.')
    const back = uses('rollback', 'back', { 'dry-run': 'true' })
    const { log } = stepOf(await repository.run([back]), 'back')
    expect(log).toContain('Traffic: nothing answers now; it was left at blue (v1)')
    expect(supervisor('status')).toContain('No supervisor runs')
  }, 60_000)
})
