import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from '@jest/globals'
import { conclusions, expectNothingLost, expectShare, resultOf } from '../../workflows/expectations.js'
import { canary, deploy, job, rollback, workflow } from '../../workflows/workflow-text.js'
import { analysisBy, judgedByPrometheus, RATES, whereItIs } from './judged-by-prometheus.js'

/** How long it is away in the middle of a bake, in seconds: `PROMETHEUS_AWAY_S=3` while one works on it. */
const AWAY_S = Number(process.env['PROMETHEUS_AWAY_S'] ?? 30)

/** A look, and one that could not be. */
const SEEN = /: stable [\d,]+ requests, .*; candidate [\d,]+ requests, .*: errors ×/
const AWAY =
  /inconclusive, no data \(errors, latency-p95: prometheus at http:\/\/127.0.0.1:\d+: the connection was refused/

describe('a Prometheus that goes away in the middle of a bake', () => {
  judgedByPrometheus(
    `and is back after ${AWAY_S} s holds the weight that long, and the bake goes on; one that stays away fails it after no-data-timeout`,
    async (stage, prometheus) => {
      await stage.live('v1')
      const load = await stage.underLoad({ rates: RATES })
      const releasing = (version: string, hold: string) =>
        stage.start(
          workflow(
            job({
              id: 'release',
              env: whereItIs(prometheus),
              steps: [deploy(version), canary(25, { hold }), canary(100, { hold: '0s' }), rollback()],
            }),
          ),
        )

      const run = releasing('v2', '10s')
      const seen = (line: RegExp, from = 0) =>
        run.waitFor({ type: 'line', step: 'w25', line }, { deadlineMs: 120_000, from })
      await seen(SEEN)
      await prometheus.vanish()
      const away = { from: load.mark('prometheus is gone'), to: 0 }
      await seen(AWAY)
      await sleep(away.from + AWAY_S * 1_000 - Date.now())
      const ended = run.events.filter((event) => event.type === 'step-finished' && event.step === 'w25')
      expect(ended).toEqual([])
      const atReturn = run.events.length
      away.to = load.mark('prometheus is back')
      await prometheus.comeBack()
      await seen(SEEN, atReturn)
      const promoted = await run.finished
      expect(conclusions(promoted).run).toBe('success')
      expect(resultOf(promoted, 'w100').outputs).toMatchObject({ result: 'succeeded', weight: '100' })
      await stage.gone('v1')

      stage.writeConfig({ analysis: analysisBy({ 'no-data-timeout': '8s' }) })
      const lost = releasing('v3', '60s')
      await lost.waitFor({ type: 'line', step: 'w25', line: SEEN }, { deadlineMs: 90_000 })
      const shifted = load.mark('v3 has its first share')
      await prometheus.vanish()
      const result = await lost.finished
      expect(conclusions(result).run).toBe('failure')
      const { log, outputs } = resultOf(result, 'w25')
      expect(outputs).toMatchObject({ result: 'failed', weight: '0' })
      expect(log).toMatch(AWAY)
      expect(log).toMatch(
        /##\[error\].*no data of the candidate for \S+ \(errors, latency-p95\); allowed: 8s/,
      )
      expect(resultOf(result, 'w100').outcome).toBe('skipped')
      expect(resultOf(result, 'rollback').outputs).toMatchObject({
        result: 'rolled-back',
        'restored-version': 'v2',
      })
      await stage.gone('v3')

      const findings = await stage.findings()
      expectNothingLost(findings, { returns: [{ from: shifted }] })
      if (AWAY_S >= 30) expectShare(findings, 'v2', 25, away)
    },
    { analysis: analysisBy({ 'max-hold': 9 }) },
  )
})
