import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Repository, stepOf, summaryOf, uses } from './repository.ts'

const BEARER = 'bearer-of-the-statistics'

const ANALYSIS = `
plan: [{ weight: 25, hold: 3s }, { weight: 100 }]
analysis:
  source: { web: { url: "\${STATS_URL}", bearer: "\${STATS_BEARER}", lag: 0, step: 100ms } }
  metrics:
    errors: { path: '/stats?slot={{slot}}&from={{from-ms}}&to={{to-ms}}', requests: $.requests, bad: $.errors }
  interval: 200ms
  tolerate-outage: 0
  min-samples: 50
  history: 0
  max-hold: 1
`

describe('metrics of another source than the local router', () => {
  let repository: Repository
  let statistics: Server
  let url: string
  /** The slot whose answers are bad: the statistics are what the steps go by. */
  let badSlot: string | undefined
  /** Slots that were asked for with the right token. */
  const asked: string[] = []

  beforeAll(async () => {
    statistics = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://stats')
      const slot = searchParams.get('slot') ?? ''
      const requests = Number(searchParams.get('to')) - Number(searchParams.get('from'))
      const welcome = request.headers.authorization === `Bearer ${BEARER}`
      // What the server's clock says is asked for by HEAD, of no slot.
      if (welcome && request.method !== 'HEAD') asked.push(slot)
      response.writeHead(welcome ? 200 : 401, { 'content-type': 'application/json' })
      const counts = { requests, errors: slot === badSlot ? Math.ceil(requests / 4) : 0 }
      response.end(JSON.stringify(welcome ? counts : { error: `no welcome with ${BEARER.slice(0, 4)}…` }))
    })
    await new Promise<void>((listening) => statistics.listen(0, '127.0.0.1', listening))
    url = `http://127.0.0.1:${(statistics.address() as AddressInfo).port}`
    repository = await Repository.open(['shop'], ANALYSIS)
    const live = await repository.run([
      uses('deploy', 'deploy', { version: 'v1' }),
      uses('canary-step', 'all', { weight: '100', hold: '0s' }),
    ])
    expect(stepOf(live, 'all').outputs).toMatchObject({ result: 'succeeded' })
    expect(asked).toEqual([])
  }, 60_000)
  afterAll(async () => {
    repository.close()
    await new Promise((closed) => statistics.close(closed))
  })

  const steps = (version: string): readonly string[] => [
    uses('deploy', 'deploy', { version }),
    uses('canary-step', 'canary', { weight: '25' }),
    uses('rollback', 'back', {}, 'if: always()'),
  ]

  it('that a variable is missing is said before anything is moved, and going back does not need it', async () => {
    const result = await repository.run(steps('v2'), { env: { STATS_URL: url } })
    const [canary, back] = [stepOf(result, 'canary'), stepOf(result, 'back')]
    expect(canary.conclusion).toBe('failure')
    expect(canary.annotations.map(({ message }) => message).join('\n')).toContain(
      'analysis.source.web.bearer: STATS_BEARER is empty or not set',
    )
    expect(canary.log).not.toContain('Setting the weight')
    expect(back.outputs['result']).toBe('rolled-back')
    expect(asked).toEqual([])
  }, 60_000)

  it('a dry run says that a variable is missing where the step would, and asks nothing', async () => {
    const dry = { 'dry-run': 'true' }
    const tries = [
      uses('deploy', 'deploy', { version: 'v2' }),
      uses('canary-step', 'canary', { weight: '25', ...dry }, 'continue-on-error: true'),
      uses('', 'rollout', { version: 'v2', ...dry }, 'continue-on-error: true'),
      uses('canary-step', 'ready', { weight: '25', ...dry }, `env: { STATS_BEARER: ${BEARER} }`),
      uses('rollback', 'back', {}, 'if: always()'),
    ]
    const result = await repository.run(tries, { env: { STATS_URL: url } })
    for (const id of ['canary', 'rollout'])
      expect(
        stepOf(result, id)
          .annotations.map(({ message }) => message)
          .join('\n'),
      ).toContain('analysis.source.web.bearer: STATS_BEARER is empty or not set')
    expect(stepOf(result, 'ready').log).toContain('would move the weight')
    expect(asked).toEqual([])
  }, 60_000)

  it('a candidate that they show to be worse is taken back; its token is nowhere to be read', async () => {
    badSlot = 'green'
    const env = { STATS_URL: url, STATS_BEARER: BEARER }
    const result = await repository.run(steps('v3'), { env })
    const canary = stepOf(result, 'canary')
    expect(canary.log).toContain('green (v3) 0 %')
    expect(canary.conclusion).toBe('failure')
    expect(canary.annotations.map(({ message }) => message).join('\n')).toMatch(/errors/)
    expect(new Set(asked)).toEqual(new Set(['blue', 'green']))
    for (const text of [canary.log, summaryOf(canary), JSON.stringify(canary.outputs)])
      expect(text).not.toContain(BEARER)
  }, 60_000)

  it('a candidate that they show nothing against may go on', async () => {
    badSlot = undefined
    const env = { STATS_URL: url, STATS_BEARER: BEARER }
    const result = await repository.run(steps('v4'), { env })
    expect(stepOf(result, 'canary').outputs).toMatchObject({ result: 'succeeded', weight: '25' })
  }, 60_000)

  it('the root action says what is missing before it deploys, and goes by them when nothing is', async () => {
    const rollout = [uses('', 'rollout', { version: 'v5' })]
    const without = stepOf(await repository.run(rollout, { env: { STATS_URL: url } }), 'rollout')
    expect(without.conclusion).toBe('failure')
    expect(without.annotations.map(({ message }) => message).join('\n')).toContain('STATS_BEARER is empty')
    expect(without.log).not.toContain('v5 to become ready')
    asked.length = 0
    const env = { STATS_URL: url, STATS_BEARER: BEARER }
    const { outputs } = stepOf(await repository.run(rollout, { env }), 'rollout')
    expect(outputs).toMatchObject({ result: 'succeeded', 'stable-version': 'v5' })
    expect(new Set(asked)).toEqual(new Set(['blue', 'green']))
  }, 60_000)
})
