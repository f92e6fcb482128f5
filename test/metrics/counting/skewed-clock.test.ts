import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { AskingSource } from '../../../src/metrics/asking-source.js'
import { openWeb } from '../../../src/metrics/web/web.js'
import type { MetricSource } from '../../../src/rollout/ports/metric-source.js'
import { POLICY, type Stage } from '../../memory/memory-scene.js'
import { ledgerOf, stageWith, step } from '../../memory/played-steps.js'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((closed) => server.close(closed))
})

/** Statistics whose server has another time than the runner: what it was asked for, by windows in its time. */
async function statistics(stage: Stage, aheadMs: number) {
  const windows: { readonly fromMs: number; readonly toMs: number; readonly askedMs: number }[] = []
  const server = createServer(({ method, url = '' }, response) => {
    const nowMs = stage.clock.wallTime().getTime() + aheadMs
    response.sendDate = false
    response.setHeader('date', new Date(nowMs).toUTCString())
    if (method === 'HEAD') return void response.writeHead(404).end()
    const { searchParams } = new URL(url, 'http://stats')
    const [fromMs, toMs] = ['from', 'to'].map((name) => Number(searchParams.get(name)))
    windows.push({ fromMs: fromMs ?? 0, toMs: toMs ?? 0, askedMs: nowMs })
    response.writeHead(200).end('{"all":1000,"wrong":1}')
  })
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { clock } = stage
  const runnerTime = (): Date => clock.wallTime()
  const opened = openWeb(
    { url },
    { clock, signal: new AbortController().signal, service: 'shop', warn: () => undefined },
  )
  const errors = { path: '/?side={{side}}&from={{from-ms}}&to={{to-ms}}', requests: '$.all', bad: '$.wrong' }
  const asking = new AskingSource(opened, { queries: { errors }, runnerTime })
  const source: MetricSource = {
    name: asking.name,
    lagMs: asking.lagMs,
    stepMs: asking.stepMs,
    now: () => clock.whileStopped(asking.now()),
    counts: (...asked) => clock.whileStopped(asking.counts(...asked)),
    history: (...asked) => clock.whileStopped(asking.history(...asked)),
  }
  return { source, windows }
}

const policy = {
  ...POLICY,
  analysis: POLICY.analysis && {
    ...POLICY.analysis,
    queries: [{ name: 'errors', kind: 'share' as const }],
    parameters: { rules: [{ name: 'errors', kind: 'share' as const }], minSamples: 100 },
  },
}

describe('a server whose clock is', () => {
  it.each([
    [300_000, '5m ahead of'],
    [-300_000, '5m behind'],
  ])('%i ms off is judged by nothing, and one line says why', async (aheadMs, text) => {
    const stage = await stageWith('v1')
    const { source, windows } = await statistics(stage, aheadMs)
    await stage.conductor().deploy({ version: 'v2' })
    const outcome = await stage.conductor({ metrics: source, policy }).shift(step(25, 60_000))
    expect(outcome.problem?.message).toBe(
      `no data (errors: the clock of web is ${text} this runner’s; set the wrong one right)`,
    )
    expect(outcome.report?.judgement.verdict).toBe('inconclusive')
    expect(outcome.report?.blocks).toEqual([])
    expect(windows).toEqual([])
  })

  it.each([240_000, -240_000, 30_000, -30_000])(
    '%i ms off is asked in its own time from the first window on',
    async (aheadMs) => {
      const stage = await stageWith('v1')
      stage.clock.advance(3_600_000)
      const { source, windows } = await statistics(stage, aheadMs)
      await stage.conductor().deploy({ version: 'v2' })
      const beganMs = stage.clock.wallTime().getTime() + aheadMs
      const outcome = await stage.conductor({ metrics: source, policy }).shift(step(25, 60_000))
      expect(outcome.report?.judgement.verdict).toBe('pass')
      const blocks = outcome.report?.blocks.filter(({ weight }) => weight > 0) ?? []
      expect(blocks.length).toBeGreaterThan(2)
      // The first window of the hold begins with it, and none that was ever asked for was in the server's future.
      expect(blocks[0]?.fromMs).toBeGreaterThanOrEqual(beganMs)
      expect(blocks[0]?.fromMs).toBeLessThan(beganMs + 20_000)
      expect(windows.filter(({ toMs, askedMs }) => toMs > askedMs)).toEqual([])
      expect(ledgerOf(stage).rollout?.weight).toBe(25)
    },
  )
})
