import { describe, expect, it } from '@jest/globals'
import { LEAST, load } from './given.js'
import { analysis } from './given-analysis.js'

const PROMETHEUS = 'source: { prometheus: { url: "http://p", preset: traefik } }'

describe('how it is judged', () => {
  it('more often by the local router than by what is asked over the network, unless the file says so', async () => {
    const intervalOf = async (text: string) => (await load(analysis(text))).policy.analysis?.intervalMs
    expect(await intervalOf('metrics: [errors]')).toBe(1_000)
    expect(await intervalOf(PROMETHEUS)).toBe(5_000)
    expect(await intervalOf(`${PROMETHEUS}\ninterval: 30s`)).toBe(30_000)
  })

  it('is taken from the file', async () => {
    const { policy } = await load(
      `${LEAST}plan: [{ weight: 5, hold: 2m }, { weight: 50, hold: 10m }, { weight: 60, hold: 1h, analyze: false }, { weight: 100 }]\n` +
        'analysis: { alpha: 0.01, pass-margin: { ratio: 3 }, require: proof, early-pass: true, history: 0, no-data-timeout: 5m, max-hold: 2 }\n',
    )
    expect(policy.analysis).toMatchObject({
      parameters: {
        alpha: 0.01,
        passMargin: { ratio: 3, share: 0.005 },
        require: 'proof',
        longestHoldMs: 1_200_000,
      },
      earlyPass: true,
      historyMs: 0,
      noDataTimeoutMs: 300_000,
    })
  })

  it('by method of each metric', async () => {
    const { policy } = await load(
      analysis(`metrics:
  errors: { method: threshold, limit: 5%, threshold: { failure-limit: 3, consecutive-limit: 1, consecutive-error-limit: 4, interval: 30s, window: 1m, count: 5, dry-run: true } }
  latency-p95: { method: mann-whitney, mann-whitney: { tolerance: 0.1, confidence: 0.95, allowed-effect: [0.8, 1.2], missing: zero, outliers: 3, interval: 30s, direction: either, group: latency, critical: true } }
  latency-p50: { weight: 0.5 }
  latency-p90: { method: threshold, limit: 1s, threshold: { consecutive-limit: 2 } }`),
    )
    expect(policy.analysis?.parameters.rules).toEqual([
      {
        name: 'errors',
        kind: 'share',
        method: 'threshold',
        limit: 0.05,
        threshold: {
          failureLimit: 3,
          consecutiveLimit: 1,
          consecutiveErrorLimit: 4,
          intervalMs: 30_000,
          windowMs: 60_000,
          count: 5,
          dryRun: true,
        },
      },
      {
        name: 'latency-p95',
        kind: 'latency',
        method: 'mann-whitney',
        percentile: 95,
        mannWhitney: {
          tolerance: 0.1,
          confidence: 0.95,
          allowedEffect: [0.8, 1.2],
          missing: 'zero',
          outlierFactor: 3,
          intervalMs: 30_000,
          direction: 'either',
          group: 'latency',
          critical: true,
        },
      },
      {
        name: 'latency-p50',
        kind: 'latency',
        percentile: 50,
        tolerateRatio: 1.1,
        tolerateMs: 5,
        alphaWeight: 0.5,
      },
      {
        name: 'latency-p90',
        kind: 'latency',
        method: 'threshold',
        percentile: 90,
        limit: 1_000,
        threshold: { consecutiveLimit: 2, dryRun: false },
      },
    ])
  })

  it('together, by a score of groups', async () => {
    const { policy } = await load(
      analysis(`score: { marginal: 75, pass: 95, groups: { latency: 60% } }
metrics:
  latency-p95: { method: mann-whitney, mann-whitney: { group: latency } }
  errors: { method: mann-whitney }`),
    )
    expect(policy.analysis?.parameters.score).toEqual({
      marginal: 75,
      pass: 95,
      groupWeights: { latency: 60 },
    })
  })
})
