import { describe, expect } from '@jest/globals'
import { judge } from '../../../src/analysis/judge.js'
import { progressOf } from '../../../src/rollout/evidence/look-line.js'
import { conclusions, expectNothingLost, expectShare, resultOf } from '../../workflows/expectations.js'
import { canary, deploy, job, uses, workflow } from '../../workflows/workflow-text.js'
import type { RealPrometheus } from '../prometheus/real-prometheus.js'
import { countedByClients, reportOf, requestsIn, type ReportedBlock } from './counted-by-clients.js'
import { analysisBy, COUNTED_BY_PODS, judgedByPrometheus, RATES, whereItIs } from './judged-by-prometheus.js'

/** Two counters of the same requests: the router's, and those of the replicas. */
const analysis = analysisBy({ metrics: { errors: {}, answers: { kind: 'share', ...COUNTED_BY_PODS } } })

/** A look by both metrics, and one that lacks what the replicas would tell. */
const SEEN = /% errors: errors ×\S+ of \d+ needed, answers ×/
const GAP = /inconclusive, no data \(answers: (?:stable|candidate): /

/** How long ago a process ended whose successor is seen to run, in milliseconds. */
const STARTED_MS = 1_000
const RESET_LIMIT_MS = 30_000
/** So many looks in a row lack what the replicas would tell: each side's gap is as long as that at least, in seconds. */
const LOOKS_IN_GAP = 2
/**
 * Long enough for all of it and some seconds more: a replica that is scraped again only after the last window of a hold has told nothing
 * of the gap in it.
 */
const HOLD = '45s'

/** A quarter in one job, half of it and then all in another, which fails at first for a reason of its own. */
const twoJobs = (prometheus: RealPrometheus): string =>
  workflow(
    job({ id: 'quarter', env: whereItIs(prometheus), steps: [deploy('v2'), canary(25, { hold: HOLD })] }),
    job({
      id: 'everyone',
      needs: 'quarter',
      env: whereItIs(prometheus),
      steps: [
        '- { id: flaky, run: "test $GITHUB_RUN_ATTEMPT -gt 1" }',
        canary(50, { hold: '5s' }),
        uses('analyze', { for: '3s' }, ['id: analyze']),
        canary(100, { hold: '0s' }),
      ],
    }),
  )

describe('a good release, judged by Prometheus', () => {
  judgedByPrometheus(
    'is promoted over a restart, new series and a gap of the scrapes, by evidence that goes on from job to job and in a re-run',
    async (stage, prometheus) => {
      await stage.live('v1')
      const load = await stage.underLoad({ rates: RATES })
      const file = twoJobs(prometheus)
      const run = stage.start(file, { runId: '801' })
      const seen = async (line: RegExp, from = 0): Promise<number> => {
        await run.waitFor({ type: 'line', step: 'w25', line }, { deadlineMs: 90_000, from })
        return run.events.length
      }

      await seen(SEEN)
      const at25 = { from: load.mark('25 % is judged'), to: 0 }
      // A reset: the same series begin at 0 again, in a process that takes over the port of the one that ended.
      const pid = await stage.platform.restartOne('v1')
      const restarted = { from: Date.now() - STARTED_MS, to: Date.now(), pid }
      // Before the gap: a counter that overtakes its old value unseen cannot be told from one that went on.
      await resetIsStored(prometheus)
      // New series, which are counted from 0.
      stage.platform.fault('v2', { WORKER: '2' })
      await seen(SEEN, run.events.length)

      for (const version of ['v1', 'v2']) stage.platform.fault(version, { METRICS_DOWN: true })
      let last = run.events.length
      for (let look = 0; look < LOOKS_IN_GAP; look++) last = await seen(GAP, last)
      // One side is told before the other: nothing of it may be lost.
      stage.platform.fault('v2', { METRICS_DOWN: false })
      for (let look = 0; look < LOOKS_IN_GAP; look++) last = await seen(GAP, last)
      stage.platform.fault('v1', { METRICS_DOWN: false })
      await seen(SEEN, last)

      const first = await run.finished
      at25.to = Date.now()
      expect(conclusions(first)).toEqual({ run: 'failure', quarter: 'success', everyone: 'failure' })
      const result = await stage.run(file, { previousAttempt: first, reRun: 'failed' })
      expect(conclusions(result)).toEqual({ run: 'success', quarter: 'success', everyone: 'success' })
      expect(resultOf(result, 'w100').outputs).toMatchObject({ result: 'succeeded', weight: '100' })
      await stage.gone('v1')
      const findings = await stage.findings()
      expectNothingLost(findings, { candidate: 'v2' })
      expectShare(findings, 'v2', 25, at25)

      const { parameters, blocks } = reportOf(resultOf(result, 'analyze'))
      const quarter = blocks.filter(({ weight }) => weight === 25)
      // The answers by which 25 % was confirmed are no clients', and may be in the first block.
      const counted = quarter.slice(1)
      const window = { from: counted[0]?.fromMs ?? NaN, to: counted.at(-1)?.toMs ?? NaN }
      const candidate = countedByClients(findings, 'v2', window)
      const stable = countedByClients(findings, 'v1', window, [restarted])
      for (const metric of ['errors', 'answers']) {
        const sums = [
          requestsIn(counted, metric, 'candidate'),
          requestsIn(counted, metric, 'stable'),
        ] as const
        stage.figures.push(
          `${metric} at 25 %: candidate ${sums[0]} (clients: ${candidate.fewest} to ${candidate.most}), stable ${sums[1]} (clients: ${stable.fewest} to ${stable.most})`,
        )
        expect(sums[0]).toBeGreaterThanOrEqual(candidate.fewest)
        expect(sums[0]).toBeLessThanOrEqual(candidate.most)
        expect(sums[1]).toBeGreaterThanOrEqual(stable.fewest)
        expect(sums[1]).toBeLessThanOrEqual(stable.most)
      }

      const firstAt50 =
        resultOf(result, 'w50')
          .log.split('\n')
          .find((line) => SEEN.test(line)) ?? ''
      const upTo = blocks.slice(0, blocks.findIndex(({ weight }) => weight === 50) + 1)
      expect(upTo.length).toBeGreaterThan(quarter.length)
      expect(firstAt50).toContain(evidenceAfter(parameters, upTo))
      expect(evidenceAfter(parameters, upTo)).not.toBe(evidenceAfter(parameters, upTo.slice(-1)))
    },
    { analysis },
  )
})

/** Waits until the counters of stable were scraped below what they were before. */
async function resetIsStored({ url }: RealPrometheus): Promise<void> {
  const query = encodeURIComponent('sum(resets(http_requests_total{slot="blue"}[5m])) > 0')
  const deadline = performance.now() + RESET_LIMIT_MS
  for (;;) {
    const answer = (await (await fetch(`${url}/api/v1/query?query=${query}`)).json()) as {
      readonly data: { readonly result: readonly unknown[] }
    }
    if (answer.data.result.length > 0) return
    if (performance.now() > deadline)
      throw new Error(`no reset was scraped within ${RESET_LIMIT_MS / 1_000} s`)
    await new Promise((done) => setTimeout(done, 200))
  }
}

/** What the judge makes of these blocks, in the words of a look. */
function evidenceAfter(parameters: object, blocks: readonly ReportedBlock[]): string {
  const bake = judge(parameters as Parameters<typeof judge>[0])
  for (const block of blocks) bake.add(block as Parameters<typeof bake.add>[0])
  const { metrics } = bake.judgement(false)
  return metrics.map(({ name, ...metric }) => `${name} ${progressOf(metric)}`).join(', ')
}
